#ifndef CONNREG_CLIENT_LIB_LIMIT_TEXT_H_
#define CONNREG_CLIENT_LIB_LIMIT_TEXT_H_

#include <string>

#include "connreg/v1/reporting_service.pb.h"

namespace connreg {

// Whether `limit` keeps out rows, and not what a reporter says of the addresses
// that its host owns. One that this build does not know does.
bool KeepsOutRows(v1::RowLimit limit);

// What the service allows: "the service takes at most 5000000 rows
// (ROW_LIMIT_ROWS)". The name of a limit that this build does not know is "?".
std::string LimitText(const v1::LimitReached& reached);

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_LIMIT_TEXT_H_
