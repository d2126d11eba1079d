#ifndef CONNREG_CLIENT_LIB_SERVER_ADDRESS_H_
#define CONNREG_CLIENT_LIB_SERVER_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg {

// What gRPC is to connect to for `server`: "HOST:PORT", where HOST is a name or
// an IPv4 address, "[V6]:PORT", or "unix:PATH". Nothing in it is taken for one
// of gRPC's own name schemes.
//
// INVALID_ARGUMENT: `server` is none of these (SERVER_ADDRESS_MALFORMED).
absl::StatusOr<std::string> GrpcTarget(absl::string_view server);

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_SERVER_ADDRESS_H_
