#include "client/agent/reporter.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

// The most network namespaces in one request.
constexpr size_t kMaxNamespacesPerRequest = 1000;

// Chunks cuts a delta into registrations: the network namespaces first, so that
// no row comes before the addresses that it is joined by, then listeners, then
// connections.
class Chunks {
 public:
  Chunks(const Delta& delta, const Reporter& reporter, absl::Duration ttl)
      : delta_(delta), reporter_(reporter), ttl_(ttl) {}

  bool done() const {
    return started_ && namespaces_done_ == delta_.namespaces.size() &&
           listeners_done_ == delta_.listeners.size() &&
           connections_done_ == delta_.connections.size();
  }

  Registration Next() {
    Registration chunk{.reporter = reporter_,
                       .ttl = ttl_,
                       .namespaces = {},
                       .listeners = {},
                       .connections = {}};
    if (!started_) chunk.gaps = delta_.gaps;
    started_ = true;
    size_t bytes = 0;
    Take(delta_.namespaces, kMaxNamespacesPerRequest, &bytes, &namespaces_done_,
         &chunk.namespaces);
    Take(delta_.listeners, kMaxRowsPerRequest, &bytes, &listeners_done_,
         &chunk.listeners);
    Take(delta_.connections, kMaxRowsPerRequest - chunk.listeners.size(),
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
      *bytes += BytesOf(all[*done]);
    }
  }

  // What each takes in a request, but for the tag and the length before it.
  static size_t BytesOf(const ListenerFacts& row) {
    return BytesOf<v1::Listener>(row);
  }
  static size_t BytesOf(const ConnectionFacts& row) {
    return BytesOf<v1::Observation>(row);
  }
  static size_t BytesOf(const NetworkNamespace& netns) {
    return BytesOf<v1::NetworkNamespace>(netns);
  }
  template <typename Proto, typename Row>
  static size_t BytesOf(const Row& row) {
    Proto proto;
    ToProto(row, &proto);
    return proto.ByteSizeLong();
  }

  const Delta& delta_;
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

// The first of `names` from `*done` on that fit in a request; they are done
// then.
template <typename Name>
std::vector<Name> Next(const std::vector<Name>& names, size_t limit,
                       size_t* done) {
  const size_t count = std::min(limit, names.size() - *done);
  const auto begin = names.begin() + static_cast<ptrdiff_t>(*done);
  *done += count;
  return {begin, begin + static_cast<ptrdiff_t>(count)};
}

absl::Status TakeBack(const Delta& delta, const Reporter& reporter,
                      ServiceCalls& service) {
  if (delta.starts_over) {
    v1::DeregisterRequest request;
    ToProto(Deregistration{.reporter = reporter, .all = true}, &request);
    RETURN_IF_ERROR(service.Deregister(request).status());
  }
  size_t namespaces_done = 0;
  size_t listeners_done = 0;
  size_t connections_done = 0;
  while (namespaces_done < delta.gone_namespaces.size() ||
         listeners_done < delta.gone_listeners.size() ||
         connections_done < delta.gone_connections.size()) {
    Deregistration chunk{.reporter = reporter};
    chunk.namespaces =
        Next(delta.gone_namespaces, kMaxNamespacesPerRequest, &namespaces_done);
    chunk.listeners =
        Next(delta.gone_listeners, kMaxRowsPerRequest, &listeners_done);
    chunk.connections =
        Next(delta.gone_connections,
             kMaxRowsPerRequest - chunk.listeners.size(), &connections_done);
    v1::DeregisterRequest request;
    ToProto(chunk, &request);
    RETURN_IF_ERROR(service.Deregister(request).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReportOutcome> Report(const Delta& delta,
                                     const Reporter& reporter,
                                     absl::Duration ttl,
                                     ServiceCalls& service) {
  RETURN_IF_ERROR(TakeBack(delta, reporter, service));
  ReportOutcome outcome;
  Chunks chunks(delta, reporter, ttl);
  for (bool is_first = true; !chunks.done(); is_first = false) {
    const Registration chunk = chunks.Next();
    v1::RegisterRequest request;
    ToProto(chunk, &request);
    ASSIGN_OR_RETURN(const v1::RegisterResponse response,
                     service.Register(request));
    if (response.lease_granted() && !is_first)
      return absl::AbortedError("the lease ended while rows were reported");
    outcome.lease_granted |= response.lease_granted();
    Add(response, chunk, &outcome);
  }
  return outcome;
}

}  // namespace connreg
