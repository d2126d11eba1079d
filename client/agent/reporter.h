#ifndef CONNREG_CLIENT_AGENT_REPORTER_H_
#define CONNREG_CLIENT_AGENT_REPORTER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/agent/service_calls.h"
#include "client/agent/snapshot.h"
#include "connreg/v1/reporting_service.pb.h"
#include "service/model/socket.h"

namespace connreg {

// The most rows, listeners and connections together, in one request: no more
// than a response has refusals for.
inline constexpr size_t kMaxRowsPerRequest = 1000;

// What became of a snapshot.
struct ReportOutcome {
  // Rows that were well formed. The service does not say which of them its
  // limits kept out.
  size_t listener_count = 0;
  size_t connection_count = 0;
  // How many of these there was no room for.
  size_t limited_count = 0;
  // The rows that were malformed, each with its reason, for people.
  std::vector<std::string> refusals;
  // The limits of the service that rows or addresses met, each once.
  std::vector<v1::LimitReached> limits;
};

// Reports all that `snapshot` shows in as many requests as it needs, at least
// one, which gives `reporter` its lease, or renews it; the gaps go with that.
//
// ABORTED: the lease was lost in between, so that the service may know nothing
//   of the reporter any more.
// And the errors of `service`; then part of the snapshot may be reported.
absl::StatusOr<ReportOutcome> Report(const Snapshot& snapshot,
                                     const Reporter& reporter,
                                     absl::Duration ttl, ServiceCalls& service);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REPORTER_H_
