#ifndef CONNREG_TESTS_UNIT_CLI_CAPTURED_H_
#define CONNREG_TESTS_UNIT_CLI_CAPTURED_H_

#include <optional>
#include <sstream>

#include "client/cli/output.h"
#include "tests/support/fake_clock.h"

namespace connreg::cli {

// Keeps what a command writes.
struct Captured {
  // An Output that writes here. Valid as long as this.
  Output As(OutputFormat format) {
    return {format, out, err, std::nullopt, clock};
  }
  Output AsTable() { return As(OutputFormat::kTable); }

  std::ostringstream out;
  std::ostringstream err;
  FakeClock clock;
};

}  // namespace connreg::cli

#endif  // CONNREG_TESTS_UNIT_CLI_CAPTURED_H_
