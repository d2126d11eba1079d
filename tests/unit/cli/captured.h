#ifndef CONNREG_TESTS_UNIT_CLI_CAPTURED_H_
#define CONNREG_TESTS_UNIT_CLI_CAPTURED_H_

#include <optional>
#include <sstream>

#include "client/cli/output.h"

namespace connreg::cli {

// Keeps what a command writes.
struct Captured {
  // An Output that writes here. Valid as long as this.
  Output As(OutputFormat format) { return {format, out, err, std::nullopt}; }
  Output AsTable() { return As(OutputFormat::kTable); }

  std::ostringstream out;
  std::ostringstream err;
};

}  // namespace connreg::cli

#endif  // CONNREG_TESTS_UNIT_CLI_CAPTURED_H_
