#ifndef CONNREG_SERVICE_MODEL_REPORT_H_
#define CONNREG_SERVICE_MODEL_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/registration.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

// What an agent and the registry say to each other in a session. See
// connreg/v1/report.proto.
namespace connreg {

// The most rows in one batch, gone or there.
inline constexpr size_t kMaxBatchRows = 10'000;
// The most network namespaces in one message: as many as a reporter may have,
// since a session opens with all of them.
inline constexpr size_t kMaxNamespaces = 4096;

// Numbers a session: higher than those of all before it.
enum class Epoch : uint64_t {};

// What an agent says first.
struct SessionOpening {
  // An agent.
  Reporter reporter;
  // The life of the host's kernel, which tells machines of one name apart, and
  // this run of the agent.
  std::string boot_id;
  std::string instance;
  // For people.
  std::string version;
  // How long the lease lasts from each message on.
  absl::Duration ttl;
  // How often the agent looks through all sockets. 0: not told.
  absl::Duration interval;
  // The agent's clock.
  std::optional<absl::Time> time;
  // All there are.
  std::vector<NetworkNamespace> namespaces;
  std::vector<CoverageGap> gaps;
  // Of all rows that the agent has.
  RowDigest digest;
};

// What the registry answers to that.
struct SessionWelcome {
  Epoch epoch{};
  std::string run_id;
  absl::Duration ttl;
  // Over how long a time agents come back that have lost their streams.
  absl::Duration reconnect_window;
  bool snapshot_wanted = false;
  // The most rows in one batch, gone or there, and the largest message.
  size_t max_rows = 0;
  size_t max_bytes = 0;
  // The limits that the namespaces met.
  std::vector<LimitReached> limits;
};

// A part of a snapshot, or a delta: what has gone goes first. A snapshot goes
// from a batch that is first to one that is last, with deltas in between; after
// that all rows are gone that nothing has said since its first.
struct RowBatch {
  enum class Kind : uint8_t { kDelta = 1, kSnapshot };

  // 1 for the first of the session, then 1 more for each.
  uint64_t seq = 0;
  Kind kind = Kind::kDelta;
  bool first = false;
  bool last = false;
  std::vector<ListenerName> gone_listeners;
  std::vector<ConnectionName> gone_connections;
  std::vector<std::string> gone_namespaces;
  std::vector<NetworkNamespace> namespaces;
  // Unset: as before.
  std::optional<std::vector<CoverageGap>> gaps;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
  // Connections that had come and gone before they could be reported.
  std::vector<ConnectionFacts> ended;
};

// Renews the lease.
struct KeepAlive {
  std::optional<absl::Time> time;
  absl::Duration interval;
  // What the registry should have. Unset: no claim.
  std::optional<RowDigest> digest;
};

// Ends a session on purpose.
struct Goodbye {
  // The rows go now. Else they stay for the grace.
  bool remove = false;
};

// The answer to a batch, or to a KeepAlive.
struct Ack {
  // Of the last batch that is applied; 0: none yet.
  uint64_t seq = 0;
  // The places of rows in the batch that were not taken, ascending.
  std::vector<uint32_t> refused_listeners;
  std::vector<uint32_t> refused_connections;
  // The limits that kept them out.
  std::vector<LimitReached> limits;
  // What is claimed is not there: everything is to be said again.
  bool snapshot_wanted = false;
  // There is room again for what was refused before.
  bool has_room = false;
  // The claim was wrong of an agent that had said everything. Agents are not
  // told.
  bool diverges = false;
};

using AgentMessage = std::variant<SessionOpening, RowBatch, KeepAlive, Goodbye>;
using RegistryMessage = std::variant<SessionWelcome, Ack>;

// How many rows a batch names, gone or there.
inline size_t RowCount(const RowBatch& batch) {
  return batch.gone_listeners.size() + batch.gone_connections.size() +
         batch.listeners.size() + batch.connections.size() + batch.ended.size();
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_REPORT_H_
