#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <iostream>
#include <optional>

#include "client/cli/app.h"
#include "service/base/clock.h"
#include "service/base/stop_signals.h"

namespace {

// Of the terminal that standard output is; unset if it is none.
std::optional<size_t> TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return std::nullopt;
  return size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
  connreg::EndAtStopSignals();
  return connreg::cli::Run(argc, argv, std::cout, std::cerr, TerminalWidth(),
                           connreg::Clock::System());
}
