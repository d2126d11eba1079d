#ifndef CONNREG_CLIENT_CLI_APP_H_
#define CONNREG_CLIENT_CLI_APP_H_

#include <cstddef>
#include <optional>
#include <ostream>

#include "service/base/clock.h"

namespace connreg::cli {

// Runs the command line `argv`, and returns what to exit with. Every error is
// one line on `err`. `width` is of the terminal that `out` is, if it is one;
// the ages of what is told are by `clock`.
int Run(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
        std::optional<size_t> width, const Clock& clock);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_APP_H_
