#ifndef CONNREG_CLIENT_LIB_WAKE_EVENT_H_
#define CONNREG_CLIENT_LIB_WAKE_EVENT_H_

#include <memory>

#include "absl/status/statusor.h"

namespace connreg {

// WakeEvent lets other threads wake one that waits for descriptors
// (eventfd(2)).
//
// Thread-safe.
class WakeEvent {
 public:
  static absl::StatusOr<std::shared_ptr<WakeEvent>> Create();

  explicit WakeEvent(int descriptor) : descriptor_(descriptor) {}
  ~WakeEvent();
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  // Readable from Wake() on, until Clear().
  int descriptor() const { return descriptor_; }
  void Wake();
  // To be called before it is looked what has happened.
  void Clear();

 private:
  const int descriptor_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_WAKE_EVENT_H_
