#ifndef CONNREG_SERVICE_MODEL_HOST_H_
#define CONNREG_SERVICE_MODEL_HOST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/model/coverage.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// Whether a host's agent reports.
enum class HostState : uint8_t {
  // An agent has a lease in force.
  kLive = 1,
  // The last agent's lease has lapsed, and its rows are kept for the grace.
  kStale,
  // The grace is over, and the rows are gone.
  kExpired,
  // Only programs report for it.
  kNoAgent,
  // An agent has opened a session, and not yet said all that there is.
  kSyncing,
};

// Names a host, in the order of a listing.
struct HostKey {
  std::string name;
  std::string network;

  bool operator==(const HostKey&) const = default;
  auto operator<=>(const HostKey&) const = default;
};

inline HostKey HostKeyOf(const Reporter& reporter) {
  return {reporter.host, reporter.network};
}

inline bool AreAgentsOfOneHost(const Reporter& a, const Reporter& b) {
  return a.kind == ReporterKind::kAgent && b.kind == ReporterKind::kAgent &&
         HostKeyOf(a) == HostKeyOf(b);
}

// What is known of an agent by its session.
struct AgentSession {
  Epoch epoch{};
  std::string version;
  std::string boot_id;
  // Whether it goes on.
  bool attached = false;
  absl::Time opened;
  // How often the agent looks through all sockets. 0: not told.
  absl::Duration interval;
  // How far the agent's clock is ahead of the registry's. Unset: not told.
  std::optional<absl::Duration> clock_offset;
  // How often a claim was wrong.
  size_t divergences = 0;
  // When another machine asked for the host's name last.
  std::optional<absl::Time> name_conflict;
};

// What is known of a host beside its sockets.
struct Host {
  HostKey key;
  HostState state = HostState::kLive;
  // Since when, and when one of its reporters was last heard of: times of day
  // by the registry's clock.
  absl::Time state_time;
  absl::Time last_report;
  // Who reports for it: the first 16 that began, and how many there are.
  std::vector<Reporter> reporters;
  size_t reporter_count = 0;
  // Network namespaces whose addresses were told.
  size_t namespaces = 0;
  // Rows, views of one socket counted apart.
  size_t connections = 0;
  size_t listeners = 0;
  // Rows that there was no room for.
  size_t refused_rows = 0;
  // What its reporters cannot see of it: the first 16.
  std::vector<CoverageGap> gaps;
  // Of its agents' sessions the one that began last.
  std::optional<AgentSession> session = std::nullopt;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_HOST_H_
