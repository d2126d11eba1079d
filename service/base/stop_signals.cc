#include "service/base/stop_signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <vector>

namespace connreg {
namespace {

bool IsIgnored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

// Those that tell this process to end.
std::vector<int> Signals() {
  std::vector<int> signals = {SIGTERM, SIGINT};
  if (!IsIgnored(SIGHUP)) signals.push_back(SIGHUP);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : Signals()) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  descriptor_ = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
}

StopSignals::~StopSignals() {
  if (descriptor_ >= 0) close(descriptor_);
}

int StopSignals::Wait() const {
  int signal = 0;
  sigwait(&signals_, &signal);
  return signal;
}

std::optional<int> StopSignals::WaitFor(absl::Duration patience) const {
  const timespec time = absl::ToTimespec(patience);
  int signal = 0;
  do {
    signal = sigtimedwait(&signals_, nullptr, &time);
  } while (signal < 0 && errno == EINTR);
  if (signal < 0) return std::nullopt;
  return signal;
}

void EndAtStopSignals() {
  constexpr pid_t kFirst = 1;
  if (getpid() != kFirst) return;
  for (const int signal : Signals())
    std::signal(signal, [](int number) { _exit(128 + number); });
}

}  // namespace connreg
