#include "client/agent/reporter.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/agent/batch_room.h"
#include "client/lib/limit_text.h"
#include "service/base/status_macros.h"
#include "service/model/registration.h"
#include "service/wire/registration.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

// How many bytes of rows are enough for one request: half of what the service
// takes, which leaves room for the addresses, and for one row of many owners.
constexpr size_t kMaxBytes = 2 << 20;

// All network namespaces of which the addresses are known.
std::vector<NetworkNamespace> NamespacesOf(const Snapshot& snapshot) {
  std::vector<NetworkNamespace> all;
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    if (netns.addresses) all.push_back(*netns.addresses);
  return all;
}

template <typename Row>
std::vector<Row> RowsOf(const Snapshot& snapshot,
                        std::vector<Row> NetnsSnapshot::*rows) {
  std::vector<Row> all;
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    all.insert(all.end(), (netns.*rows).begin(), (netns.*rows).end());
  return all;
}

// Chunks cuts a snapshot into registrations: the network namespaces first, so
// that no row comes before the addresses that it is joined by, then listeners,
// then connections.
class Chunks {
 public:
  Chunks(const Snapshot& snapshot, const Reporter& reporter, absl::Duration ttl)
      : namespaces_(NamespacesOf(snapshot)),
        listeners_(RowsOf(snapshot, &NetnsSnapshot::listeners)),
        connections_(RowsOf(snapshot, &NetnsSnapshot::connections)),
        gaps_(snapshot.gaps),
        reporter_(reporter),
        ttl_(ttl) {}

  bool done() const {
    return started_ && namespaces_done_ == namespaces_.size() &&
           listeners_done_ == listeners_.size() &&
           connections_done_ == connections_.size();
  }

  Registration Next() {
    Registration chunk{.reporter = reporter_,
                       .ttl = ttl_,
                       .namespaces = {},
                       .listeners = {},
                       .connections = {}};
    if (!started_) chunk.gaps = gaps_;
    started_ = true;
    BatchRoom room(kMaxRowsPerRequest, kMaxBytes,
                   BatchRoom::SharedOwners::kWithEachRow);
    if (chunk.gaps) room.Take(*chunk.gaps);
    if (Take(namespaces_, room, &namespaces_done_, &chunk.namespaces) &&
        Take(listeners_, room, &listeners_done_, &chunk.listeners))
      Take(connections_, room, &connections_done_, &chunk.connections);
    return chunk;
  }

 private:
  // Whether none of them is left.
  template <typename T>
  static bool Take(const std::vector<T>& all, BatchRoom& room, size_t* done,
                   std::vector<T>* rows) {
    for (; *done < all.size() && room.Take(all[*done]); ++*done)
      rows->push_back(all[*done]);
    return *done == all.size();
  }

  const std::vector<NetworkNamespace> namespaces_;
  const std::vector<ListenerFacts> listeners_;
  const std::vector<ConnectionFacts> connections_;
  const std::vector<CoverageGap>& gaps_;
  const Reporter& reporter_;
  const absl::Duration ttl_;
  bool started_ = false;
  size_t namespaces_done_ = 0;
  size_t listeners_done_ = 0;
  size_t connections_done_ = 0;
};

absl::string_view TransportName(Transport transport) {
  return transport == Transport::kTcp ? "tcp" : "udp";
}

bool IsOfListener(const v1::RowRefusal& refusal) {
  return absl::StartsWith(refusal.field(), "listeners[");
}

// The row of `chunk` that `refusal` is about.
std::string RowText(const v1::RowRefusal& refusal, const Registration& chunk) {
  const size_t index = refusal.index();
  if (IsOfListener(refusal) && index < chunk.listeners.size()) {
    const ListenerFacts& row = chunk.listeners[index];
    return absl::StrCat("listener ", TransportName(row.socket.transport), " ",
                        row.local.ToString());
  }
  if (!IsOfListener(refusal) && index < chunk.connections.size()) {
    const ConnectionFacts& row = chunk.connections[index];
    return absl::StrCat("connection ", TransportName(row.socket.transport), " ",
                        row.tuple.ToString());
  }
  return refusal.field();
}

void Add(const v1::LimitReached& reached, ReportOutcome* outcome) {
  if (KeepsOutRows(reached.limit()))
    outcome->limited_count += reached.refused_count();
  for (v1::LimitReached& known : outcome->limits) {
    if (known.limit() != reached.limit()) continue;
    known.set_refused_count(known.refused_count() + reached.refused_count());
    return;
  }
  outcome->limits.push_back(reached);
}

void Add(const v1::RegisterResponse& response, const Registration& chunk,
         ReportOutcome* outcome) {
  outcome->listener_count += chunk.listeners.size();
  outcome->connection_count += chunk.connections.size();
  for (const v1::RowRefusal& refusal : response.refusals()) {
    --(IsOfListener(refusal) ? outcome->listener_count
                             : outcome->connection_count);
    outcome->refusals.push_back(absl::StrCat(RowText(refusal, chunk), ": ",
                                             Displayable(refusal.description()),
                                             " (", refusal.reason(), ")"));
  }
  for (const v1::LimitReached& reached : response.limits())
    Add(reached, outcome);
}

}  // namespace

absl::StatusOr<ReportOutcome> Report(const Snapshot& snapshot,
                                     const Reporter& reporter,
                                     absl::Duration ttl,
                                     ServiceCalls& service) {
  ReportOutcome outcome;
  Chunks chunks(snapshot, reporter, ttl);
  for (bool is_first = true; !chunks.done(); is_first = false) {
    const Registration chunk = chunks.Next();
    v1::RegisterRequest request;
    ToProto(chunk, &request);
    ASSIGN_OR_RETURN(const v1::RegisterResponse response,
                     service.Register(request));
    if (response.lease_granted() && !is_first)
      return absl::AbortedError("the lease ended while rows were reported");
    Add(response, chunk, &outcome);
  }
  return outcome;
}

}  // namespace connreg
