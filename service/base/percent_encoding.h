#ifndef CONNREG_SERVICE_BASE_PERCENT_ENCODING_H_
#define CONNREG_SERVICE_BASE_PERCENT_ENCODING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace connreg {

// `text` for the path of a URI (RFC 3986 §2.1), as gRPC takes addresses: any
// byte but letters, digits and "-._~/:[]" as a percent sign and two hexadecimal
// digits.
std::string PercentEncoded(absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_PERCENT_ENCODING_H_
