#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/wire/answer.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/enums.h"

namespace connreg {
namespace {

// Texts gives each text a place, counted from 1, in a table of them.
class Texts {
 public:
  explicit Texts(v1::BatchLookupResponse* proto) : proto_(proto) {}

  // 0 for the empty one.
  uint32_t PlaceOf(absl::string_view text) {
    if (text.empty()) return 0;
    const auto [it, is_new] = places_.try_emplace(text, places_.size() + 1);
    if (is_new) {
      absl::StrAppend(proto_->mutable_texts(), text);
      proto_->add_text_ends(static_cast<uint32_t>(proto_->texts().size()));
    }
    return it->second;
  }

 private:
  v1::BatchLookupResponse* const proto_;
  absl::flat_hash_map<std::string, uint32_t> places_;
};

// Processes gives each process a place, counted from 1, in a table of them.
class Processes {
 public:
  Processes(Texts& texts, v1::ProcessColumns* proto)
      : texts_(texts), proto_(proto) {}

  uint32_t PlaceOf(const Process& process) {
    const int64_t start = process.start_time == absl::Time()
                              ? 0
                              : absl::ToUnixNanos(process.start_time);
    const uint32_t name = texts_.PlaceOf(process.name);
    const auto [it, is_new] =
        places_.try_emplace({process.pid, start, name}, places_.size() + 1);
    if (is_new) {
      proto_->add_pids(static_cast<uint32_t>(process.pid));
      proto_->add_start_times(start);
      proto_->add_names(name);
    }
    return it->second;
  }

 private:
  Texts& texts_;
  v1::ProcessColumns* const proto_;
  absl::flat_hash_map<std::tuple<int32_t, int64_t, uint32_t>, uint32_t> places_;
};

// What is at one end of a question.
struct End {
  const Socket* socket;
  const Reporter* reporter;
  v1::ConnectionState state = v1::CONNECTION_STATE_UNSPECIFIED;
};

// What a question found, as the columns have it.
struct Row {
  v1::LookupOutcome outcome = v1::LOOKUP_OUTCOME_UNSPECIFIED;
  size_t matches = 0;
  TupleOrder order = TupleOrder::kUnknown;
  const Connection* connection = nullptr;
  absl::Time time = absl::UnixEpoch();
  std::optional<End> client;
  std::optional<End> server;
};

End EndOf(const Observation& side) {
  return {&side.facts.socket, &side.reporter(), ToProto(side.facts.state)};
}

// Sets the ends of `row` that the sides of `connection` are.
void SetEnds(const FourTuple& asked, const Connection& connection, Row* row) {
  row->connection = &connection;
  const auto set = [&](const Observation& side) {
    const Endpoint& local = side.facts.tuple.local();
    if (local == asked.local()) row->client = EndOf(side);
    if (local == asked.remote()) row->server = EndOf(side);
  };
  set(connection.first);
  if (connection.second) set(*connection.second);
}

Row RowOf(const FourTuple& asked, const FoundConnections& found) {
  Row row{.outcome = v1::LOOKUP_OUTCOME_CONNECTION,
          .matches = found.connections.size(),
          .order = found.order};
  SetEnds(asked, found.connections.front(), &row);
  return row;
}

Row RowOf(const FourTuple& asked, const FoundListeners& found) {
  Row row{.outcome = v1::LOOKUP_OUTCOME_LISTENER,
          .matches = found.listeners.size(),
          .order = found.order};
  const Listener& listener = found.listeners.front().listener;
  (found.endpoint == asked.remote() ? row.server : row.client) =
      End{&listener.facts.socket, &listener.reporter()};
  if (!found.closed.empty()) row.time = ClosedAt(found.closed.front());
  return row;
}

v1::LookupOutcome OutcomeOf(AbsentReason reason) {
  switch (reason) {
    case AbsentReason::kNotSeenSince:
      return v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE;
    case AbsentReason::kNoSuchHost:
      return v1::LOOKUP_OUTCOME_NO_SUCH_HOST;
    case AbsentReason::kClosed:
      return v1::LOOKUP_OUTCOME_CLOSED;
    case AbsentReason::kHostStale:
      return v1::LOOKUP_OUTCOME_HOST_STALE;
    case AbsentReason::kSyncing:
      return v1::LOOKUP_OUTCOME_SYNCING;
  }
  return v1::LOOKUP_OUTCOME_UNSPECIFIED;
}

Row RowOf(const FourTuple& asked, const Absent& absent) {
  Row row{.outcome = OutcomeOf(absent.reason),
          .matches = absent.closed.size(),
          .time = absent.since};
  if (!absent.closed.empty()) {
    const Connection& last = absent.closed.front();
    SetEnds(asked, last, &row);
    row.time = ClosedAt(last);
  }
  return row;
}

// Adds a place to each column of a response.
class Columns {
 public:
  explicit Columns(v1::BatchLookupResponse* proto)
      : proto_(proto),
        texts_(proto),
        processes_(texts_, proto->mutable_processes()) {}

  void Add(const Row& row) {
    proto_->add_outcomes(row.outcome);
    proto_->add_match_counts(static_cast<uint32_t>(row.matches));
    proto_->add_orders(ToProto(row.order));
    const Connection* connection = row.connection;
    proto_->add_role_evidences(connection != nullptr
                                   ? ToProto(connection->evidence)
                                   : v1::ROLE_EVIDENCE_UNSPECIFIED);
    proto_->add_one_sided_reasons(connection != nullptr && connection->one_sided
                                      ? ToProto(*connection->one_sided)
                                      : v1::ONE_SIDED_REASON_UNSPECIFIED);
    proto_->add_times(absl::ToUnixNanos(row.time));
    AddEnd(row.client, proto_->mutable_clients());
    AddEnd(row.server, proto_->mutable_servers());
  }

 private:
  void AddEnd(const std::optional<End>& end, v1::EndColumns* columns) {
    columns->add_hosts(end ? texts_.PlaceOf(end->reporter->host) : 0);
    columns->add_netns(end ? texts_.PlaceOf(end->socket->netns) : 0);
    columns->add_states(end ? end->state : v1::CONNECTION_STATE_UNSPECIFIED);
    const bool owned = end && end->socket->owners.known();
    columns->add_processes(
        owned ? processes_.PlaceOf(end->socket->owners.processes().front())
              : 0);
    columns->add_process_counts(
        owned ? static_cast<uint32_t>(end->socket->owners.processes().size())
              : 0);
    columns->add_cookies(end ? end->socket->cookie : 0);
  }

  v1::BatchLookupResponse* const proto_;
  Texts texts_;
  Processes processes_;
};

}  // namespace

void ToProto(const BatchLookupQuestion& question,
             const BatchLookupAnswer& answer, v1::BatchLookupResponse* proto) {
  Columns columns(proto);
  for (size_t i = 0; i < answer.found.size(); ++i) {
    const FourTuple& asked = question.subjects[i].tuple;
    std::visit([&](const auto& found) { columns.Add(RowOf(asked, found)); },
               answer.found[i]);
  }
  ToProto(answer.coverage, proto->mutable_coverage());
}

}  // namespace connreg
