#ifndef CONNREG_CLIENT_AGENT_DIFFER_H_
#define CONNREG_CLIENT_AGENT_DIFFER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/agent/snapshot.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/registration.h"
#include "service/model/socket.h"

namespace connreg {

// What the service is to hear, so that it knows what a snapshot shows.
struct Delta {
  // First everything is taken back, whatever the service knows.
  bool starts_over = false;
  // Rows that it knows and that are no more.
  std::vector<ListenerName> gone_listeners;
  std::vector<ConnectionName> gone_connections;
  // Network namespaces that it knows and that are no more.
  std::vector<std::string> gone_namespaces;
  // What it does not know, or knows otherwise.
  std::vector<NetworkNamespace> namespaces;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
  std::optional<std::vector<CoverageGap>> gaps;
};

// Differ remembers what the service was told of a host, and finds what it is to
// hear next.
//
// What is one socket in both, SameIncarnation() tells, as it does in the
// service. Rows of a table that could not be read are left as they are, and so
// are those of a network namespace that is there and could not be looked into.
//
// Not thread-safe.
class Differ {
 public:
  // Adds to `snapshot` what was told of the same sockets and a later look may
  // no longer see (see Succeed()). A network namespace that was told and is
  // missing for the first time is taken for one that could not be looked into:
  // its only process may have been replaced by another while processes were
  // looked through.
  void Recall(Snapshot* snapshot);

  Delta Compare(const Snapshot& snapshot) const;

  // The service has taken what Compare() said of `snapshot`.
  void NoteTold(const Snapshot& snapshot);
  // It may have taken some of it: what is there is told again, and what goes is
  // taken back whether or not it came there.
  void NoteUnsure(const Snapshot& snapshot);
  // What is there is to be told again.
  void Doubt();
  // The service knows nothing any more.
  void Forget();
  // Whether Compare() leaves out what the service is sure to have.
  bool is_sure() const { return is_sure_; }
  // How many rows and network namespaces the service may have.
  size_t size() const;

 private:
  // A row that the service may have, and whether it is sure that it has it so.
  template <typename Facts>
  struct Told {
    Facts facts;
    bool is_sure = false;
  };
  // By transport and place: nearly always one row.
  template <typename Place, typename Facts>
  using Rows = absl::flat_hash_map<std::tuple<Transport, Place>,
                                   std::vector<Told<Facts>>>;
  using ListenerRows = Rows<std::tuple<Endpoint, std::string>, ListenerFacts>;
  using ConnectionRows =
      Rows<std::tuple<FourTuple, std::string>, ConnectionFacts>;

  // What the service may know of a network namespace.
  struct Namespace {
    // By which it is known again while it cannot be looked into.
    uint64_t inode = 0;
    // It was missing from the last snapshot.
    bool was_missing = false;
    // Set if it is sure that the service has them so.
    std::optional<NetworkNamespace> addresses;
    ListenerRows listeners;
    ConnectionRows connections;
  };
  using Namespaces = std::map<std::string, Namespace>;

  // Those that are gone.
  static std::vector<Namespaces::const_iterator> Gone(const Namespaces& told,
                                                      const Snapshot& snapshot);

  bool is_sure_ = false;
  std::optional<std::vector<CoverageGap>> gaps_;
  // By name.
  Namespaces namespaces_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_DIFFER_H_
