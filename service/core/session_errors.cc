#include "service/core/session_errors.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg {

absl::Status SessionSuperseded(Epoch epoch) {
  return WithDetail(
      absl::AbortedError(absl::StrCat("session ", static_cast<uint64_t>(epoch),
                                      ": another one of the same agent has "
                                      "begun")),
      {.reason = "SESSION_SUPERSEDED"});
}

absl::Status SessionEnded(Epoch epoch) {
  return WithDetail(
      absl::AbortedError(absl::StrCat("session ", static_cast<uint64_t>(epoch),
                                      " has ended; open another one")),
      {.reason = "SESSION_ENDED"});
}

}  // namespace connreg
