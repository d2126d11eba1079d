#ifndef CONNREG_SERVICE_RPC_CALL_EVENT_H_
#define CONNREG_SERVICE_RPC_CALL_EVENT_H_

#include <functional>
#include <utility>

namespace connreg {

// CallEvent is what happens when gRPC has done something that it was asked for.
// It is asked with the event's tag, and may be again once the event happened.
class CallEvent {
 public:
  // `then` is told whether that was done; it is called by a CallLoop.
  explicit CallEvent(std::function<void(bool ok)> then)
      : then_(std::move(then)) {}
  CallEvent(const CallEvent&) = delete;
  CallEvent& operator=(const CallEvent&) = delete;

  void* tag() { return this; }
  static CallEvent& OfTag(void* tag) { return *static_cast<CallEvent*>(tag); }

  void Happen(bool ok) const { then_(ok); }

 private:
  const std::function<void(bool ok)> then_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_CALL_EVENT_H_
