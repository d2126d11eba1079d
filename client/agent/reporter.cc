#include "client/agent/reporter.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/lib/limit_text.h"
#include "service/base/status_macros.h"
#include "service/model/registration.h"
#include "service/wire/registration.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

// Half of what the service takes in one request.
constexpr size_t kMaxBytes = 2 << 20;

// Chunks cuts a snapshot into registrations, listeners first.
class Chunks {
 public:
  Chunks(const Snapshot& snapshot, const Reporter& reporter, absl::Duration ttl)
      : snapshot_(snapshot), reporter_(reporter), ttl_(ttl) {}

  bool done() const {
    return started_ && listeners_done_ == snapshot_.listeners.size() &&
           connections_done_ == snapshot_.connections.size();
  }

  Registration Next() {
    Registration chunk{.reporter = reporter_,
                       .ttl = ttl_,
                       .addresses = {},
                       .listeners = {},
                       .connections = {}};
    if (!started_ && snapshot_.addresses)
      chunk.addresses.push_back(*snapshot_.addresses);
    started_ = true;
    size_t bytes = 0;
    Take(snapshot_.listeners, kMaxRowsPerRequest, &bytes, &listeners_done_,
         &chunk.listeners);
    Take(snapshot_.connections, kMaxRowsPerRequest - chunk.listeners.size(),
         &bytes, &connections_done_, &chunk.connections);
    return chunk;
  }

 private:
  template <typename T>
  static void Take(const std::vector<T>& all, size_t limit, size_t* bytes,
                   size_t* done, std::vector<T>* rows) {
    for (; *done < all.size() && rows->size() < limit && *bytes < kMaxBytes;
         ++*done) {
      rows->push_back(all[*done]);
      *bytes += BytesOf(all[*done].socket);
    }
  }

  // What a row takes in a request, about, from above.
  static size_t BytesOf(const Socket& socket) {
    return 256 + 128 * socket.owners.processes().size();
  }

  const Snapshot& snapshot_;
  const Reporter& reporter_;
  const absl::Duration ttl_;
  bool started_ = false;
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

absl::StatusOr<ReportOutcome> ReportOnce(Chunks chunks,
                                         RegisterCall register_rows) {
  ReportOutcome outcome;
  while (!chunks.done()) {
    const Registration chunk = chunks.Next();
    v1::RegisterRequest request;
    ToProto(chunk, &request);
    ASSIGN_OR_RETURN(const v1::RegisterResponse response,
                     register_rows(request));
    Add(response, chunk, &outcome);
  }
  return outcome;
}

}  // namespace

absl::StatusOr<ReportOutcome> Report(const Snapshot& snapshot,
                                     const Reporter& reporter,
                                     absl::Duration ttl,
                                     RegisterCall register_rows) {
  const Chunks chunks(snapshot, reporter, ttl);
  absl::StatusOr<ReportOutcome> outcome = ReportOnce(chunks, register_rows);
  if (absl::IsAborted(outcome.status()))
    outcome = ReportOnce(chunks, register_rows);
  return outcome;
}

}  // namespace connreg
