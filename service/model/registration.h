#ifndef CONNREG_SERVICE_MODEL_REGISTRATION_H_
#define CONNREG_SERVICE_MODEL_REGISTRATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/socket.h"

namespace connreg {

// What a reporter adds to the registry in one call.
struct Registration {
  Reporter reporter;
  // How long its lease lasts from now.
  absl::Duration ttl;
  std::vector<NetworkNamespace> namespaces;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
  // What the reporter cannot see, in place of what it said before. Unset: as
  // before.
  std::optional<std::vector<CoverageGap>> gaps;
};

// A limit that rows can meet.
enum class RowLimit : uint8_t {
  // Rows of all reporters together.
  kRows = 1,
  kRowsPerReporter,
  // Connections of one four-tuple, or of a host-local one on one host.
  kRowsPerFourTuple,
  // Listeners of one endpoint on one host.
  kListenersPerEndpoint,
  // Network namespaces of which one reporter tells the addresses.
  kNamespacesPerReporter,
  kPrefixesPerReporter,
  // Reporters; it keeps out whole requests.
  kReporters,
};
inline constexpr size_t kRowLimits = 7;

// How many rows, and how many namespaces' addresses, each limit kept out.
class Refusals {
 public:
  void Add(RowLimit limit, size_t count = 1) { counts_[Index(limit)] += count; }
  size_t of(RowLimit limit) const { return counts_[Index(limit)]; }
  size_t total() const {
    return std::accumulate(counts_.begin(), counts_.end(), size_t{0});
  }
  size_t of_rows() const {
    return total() - of(RowLimit::kNamespacesPerReporter) -
           of(RowLimit::kPrefixesPerReporter);
  }

 private:
  static size_t Index(RowLimit limit) { return static_cast<size_t>(limit) - 1; }

  std::array<size_t, kRowLimits> counts_{};
};

// A limit, and how many rows it kept out.
struct LimitReached {
  RowLimit limit = RowLimit::kRows;
  size_t value = 0;
  size_t refused = 0;
};

struct RegistrationOutcome {
  // Rows that are in the registry now, whether or not they were before.
  size_t accepted = 0;
  // The limits that kept rows out.
  std::vector<LimitReached> limits;
  // The reporter had no lease before, and so no rows.
  bool lease_granted = false;
};

// Names one listener row of a reporter, or one incarnation of it.
struct ListenerName {
  Socket socket;
  Endpoint local;
  std::string device;
};

// Names one connection row of a reporter, or one incarnation of it.
struct ConnectionName {
  Socket socket;
  FourTuple tuple;
  std::string device = {};
};

// What a reporter takes back in one call.
struct Deregistration {
  Reporter reporter;
  // Everything, and the lease; then there are no rows.
  bool all = false;
  std::vector<ListenerName> listeners;
  std::vector<ConnectionName> connections;
  // Network namespaces of which what the reporter said is taken back.
  std::vector<std::string> namespaces;
};

struct DeregistrationOutcome {
  // How many rows went. One name may be that of several listeners.
  size_t removed = 0;
  // How many names were those of no row.
  size_t absent = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_REGISTRATION_H_
