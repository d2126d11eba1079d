#ifndef CONNREG_SERVICE_BASE_STOP_SIGNALS_H_
#define CONNREG_SERVICE_BASE_STOP_SIGNALS_H_

#include <csignal>
#include <optional>

#include "absl/time/time.h"

namespace connreg {

// StopSignals waits for the signals by which a program is told to end: SIGTERM,
// SIGINT and, unless the program was started with it ignored (nohup(1)),
// SIGHUP. It blocks them in the thread that makes it and in those that this
// starts, so that nothing but a wait takes them: make it before any thread.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable when one of them has come that no wait has taken yet
  // (signalfd(2)); -1 if this process may not have any more descriptors.
  int descriptor() const { return descriptor_; }

  // Waits for one of them, and returns it.
  int Wait() const;
  // The same; nothing if none came within that time.
  std::optional<int> WaitFor(absl::Duration patience) const;

 private:
  sigset_t signals_;
  int descriptor_ = -1;
};

// Lets those signals end this process also as the first of a container: the
// kernel spares such a process the signals that it has no handler for. Not for
// one that has StopSignals.
void EndAtStopSignals();

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_STOP_SIGNALS_H_
