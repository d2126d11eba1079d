#ifndef CONNREG_SERVICE_SERVER_LIMIT_NAME_H_
#define CONNREG_SERVICE_SERVER_LIMIT_NAME_H_

#include "absl/strings/string_view.h"
#include "service/model/registration.h"

namespace connreg {

// What the log and the metrics call a limit: "rows_per_reporter".
absl::string_view NameOf(RowLimit limit);

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_LIMIT_NAME_H_
