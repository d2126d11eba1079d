#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <iostream>
#include <optional>

#include "client/cli/app.h"
#include "service/base/clock.h"

namespace {

// Of the terminal that standard output is; unset if it is none.
std::optional<size_t> TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return std::nullopt;
  return size.ws_col;
}

// Lets SIGINT and SIGTERM end this process also as the first of a container:
// the kernel spares such a process the signals that it has no handler for.
void EndAtSignals() {
  constexpr pid_t kFirst = 1;
  if (getpid() != kFirst) return;
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int number) { _exit(128 + number); });
}

}  // namespace

int main(int argc, char** argv) {
  EndAtSignals();
  return connreg::cli::Run(argc, argv, std::cout, std::cerr, TerminalWidth(),
                           connreg::Clock::System());
}
