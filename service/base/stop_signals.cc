#include "service/base/stop_signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace connreg {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
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
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int number) { _exit(128 + number); });
}

}  // namespace connreg
