#include "client/lib/wake_event.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"

namespace connreg {

absl::StatusOr<std::shared_ptr<WakeEvent>> WakeEvent::Create() {
  const int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "eventfd");
  return std::make_shared<WakeEvent>(descriptor);
}

WakeEvent::~WakeEvent() { close(descriptor_); }

void WakeEvent::Wake() { eventfd_write(descriptor_, 1); }

void WakeEvent::Clear() {
  eventfd_t count = 0;
  eventfd_read(descriptor_, &count);
}

}  // namespace connreg
