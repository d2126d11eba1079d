#ifndef CONNREG_SERVICE_CORE_SESSION_ERRORS_H_
#define CONNREG_SERVICE_CORE_SESSION_ERRORS_H_

#include "absl/status/status.h"
#include "service/model/report.h"

// What agents are told that have no session, or no longer.
namespace connreg {

// The reasons why one is not opened.
inline constexpr char kHostNameTaken[] = "HOST_NAME_TAKEN";
inline constexpr char kRunSuperseded[] = "RUN_SUPERSEDED";
inline constexpr char kTooManyReporters[] = "TOO_MANY_REPORTERS";

// ABORTED: SESSION_SUPERSEDED, the next one of the agent has ended it.
absl::Status SessionSuperseded(Epoch epoch);
// ABORTED: SESSION_ENDED, something else has.
absl::Status SessionEnded(Epoch epoch);

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SESSION_ERRORS_H_
