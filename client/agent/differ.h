#ifndef CONNREG_CLIENT_AGENT_DIFFER_H_
#define CONNREG_CLIENT_AGENT_DIFFER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/agent/collector.h"
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
  // What it does not know, or knows otherwise.
  std::optional<NetworkNamespace> addresses;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
  std::optional<std::vector<CoverageGap>> gaps;
};

// Differ remembers what the service was told of one network namespace, and
// finds what it is to hear next.
//
// What is one socket in both, SameIncarnation() tells, as it does in the
// service. Rows of a table that could not be read are left as they are.
//
// Not thread-safe.
class Differ {
 public:
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
  // How many rows the service may have.
  size_t size() const;

 private:
  // A row that the service may have, and whether it is sure that it has it so.
  template <typename Facts>
  struct Told {
    Facts facts;
    bool is_sure = false;
  };
  // By network namespace, transport and place: nearly always one row.
  template <typename Place, typename Facts>
  using Rows = absl::flat_hash_map<std::tuple<std::string, Transport, Place>,
                                   std::vector<Told<Facts>>>;
  using ListenerRows = Rows<std::tuple<Endpoint, std::string>, ListenerFacts>;
  using ConnectionRows =
      Rows<std::tuple<FourTuple, std::string>, ConnectionFacts>;

  bool is_sure_ = false;
  std::optional<NetworkNamespace> addresses_;
  std::optional<std::vector<CoverageGap>> gaps_;
  ListenerRows listeners_;
  ConnectionRows connections_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_DIFFER_H_
