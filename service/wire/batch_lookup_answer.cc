#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/wire/answer.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/enums.h"

namespace connreg {
namespace {

// Lets `column` have `size` zeros, and returns where they are.
template <typename Value>
Value* Sized(google::protobuf::RepeatedField<Value>* column, size_t size) {
  column->Resize(static_cast<int>(size), Value{});
  return column->mutable_data();
}

// Texts gives each text a place, counted from 1, in a table of them. The texts
// outlive it.
class Texts {
 public:
  Texts(size_t expected, v1::BatchLookupResponse* proto)
      : bytes_(proto->mutable_texts()), ends_(proto->mutable_text_ends()) {
    places_.reserve(expected);
    ends_->Reserve(static_cast<int>(expected));
  }

  // 0 for the empty one.
  uint32_t PlaceOf(absl::string_view text) {
    if (text.empty()) return 0;
    const auto [it, is_new] = places_.try_emplace(text, places_.size() + 1);
    if (is_new) {
      bytes_->append(text.data(), text.size());
      ends_->Add(static_cast<uint32_t>(bytes_->size()));
    }
    return it->second;
  }

 private:
  std::string* const bytes_;
  google::protobuf::RepeatedField<uint32_t>* const ends_;
  absl::flat_hash_map<absl::string_view, uint32_t> places_;
};

// Processes gives each process a place, counted from 1, in a table of them.
// They outlive it.
class Processes {
 public:
  Processes(size_t expected, Texts& texts, v1::ProcessColumns* proto)
      : texts_(texts), proto_(proto) {
    places_.reserve(expected);
    proto->mutable_pids()->Reserve(static_cast<int>(expected));
    proto->mutable_start_times()->Reserve(static_cast<int>(expected));
    proto->mutable_names()->Reserve(static_cast<int>(expected));
  }

  uint32_t PlaceOf(const Process& process) {
    const Key key{process.start_time, process.name, process.pid};
    const auto [it, is_new] = places_.try_emplace(key, places_.size() + 1);
    if (is_new) {
      proto_->add_pids(static_cast<uint32_t>(process.pid));
      proto_->add_start_times(process.start_time == absl::Time()
                                  ? 0
                                  : absl::ToUnixNanos(process.start_time));
      proto_->add_names(texts_.PlaceOf(process.name));
    }
    return it->second;
  }

 private:
  struct Key {
    absl::Time start_time;
    absl::string_view name;
    int32_t pid;

    bool operator==(const Key&) const = default;

    // Names are left out: ids and times tell processes apart well enough.
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.start_time, key.pid);
    }
  };

  Texts& texts_;
  v1::ProcessColumns* const proto_;
  absl::flat_hash_map<Key, uint32_t> places_;
};

// Origins gives the hosts and namespaces of ends their places among the texts.
// What it is asked for outlives it.
class Origins {
 public:
  explicit Origins(Texts& texts) : texts_(texts) {}

  uint32_t HostOf(const Reporter* reporter) {
    const auto [it, is_new] = hosts_.try_emplace(reporter, 0);
    if (is_new) it->second = texts_.PlaceOf(reporter->host);
    return it->second;
  }
  // Most hosts call the namespace they began with the same.
  uint32_t NetnsOf(absl::string_view netns) {
    if (netns == last_netns_) return place_of_last_netns_;
    last_netns_ = netns;
    return place_of_last_netns_ = texts_.PlaceOf(netns);
  }

 private:
  Texts& texts_;
  absl::flat_hash_map<const Reporter*, uint32_t> hosts_;
  absl::string_view last_netns_;
  uint32_t place_of_last_netns_ = 0;
};

BriefEnd EndOf(const Observation& side) {
  return {.reporter = &side.reporter(),
          .netns = side.facts.socket.netns,
          .owners = &side.facts.socket.owners,
          .state = side.facts.state,
          .cookie = side.facts.socket.cookie};
}

// EndColumns are the columns of one end of each question.
class EndColumns {
 public:
  EndColumns(size_t size, Origins& origins, Processes& processes,
             v1::EndColumns* proto)
      : origins_(origins),
        processes_(processes),
        hosts_(Sized(proto->mutable_hosts(), size)),
        netns_(Sized(proto->mutable_netns(), size)),
        states_(Sized(proto->mutable_states(), size)),
        processes_of_(Sized(proto->mutable_processes(), size)),
        process_counts_(Sized(proto->mutable_process_counts(), size)),
        cookies_(Sized(proto->mutable_cookies(), size)) {}

  void Set(size_t row, const BriefEnd& end, v1::ConnectionState state) {
    if (end.reporter == nullptr) return;
    hosts_[row] = origins_.HostOf(end.reporter);
    netns_[row] = origins_.NetnsOf(end.netns);
    states_[row] = state;
    cookies_[row] = end.cookie;
    if (!end.owners->known()) return;
    const ProcessRange processes = end.owners->processes();
    processes_of_[row] = processes_.PlaceOf(processes.front());
    process_counts_[row] = static_cast<uint32_t>(processes.size());
  }
  void Set(size_t row, const BriefEnd& end) {
    Set(row, end, ToProto(end.state));
  }
  void Set(size_t row, const Listener& listener) {
    Set(row,
        {.reporter = &listener.reporter(),
         .netns = listener.facts.socket.netns,
         .owners = &listener.facts.socket.owners,
         .cookie = listener.facts.socket.cookie},
        v1::CONNECTION_STATE_UNSPECIFIED);
  }

 private:
  Origins& origins_;
  Processes& processes_;
  uint32_t* const hosts_;
  uint32_t* const netns_;
  int* const states_;
  uint32_t* const processes_of_;
  uint32_t* const process_counts_;
  uint64_t* const cookies_;
};

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

// Columns are those of a response to `size` questions. What they are filled
// with outlives them.
class Columns {
 public:
  Columns(size_t size, v1::BatchLookupResponse* proto)
      : outcomes_(Sized(proto->mutable_outcomes(), size)),
        match_counts_(Sized(proto->mutable_match_counts(), size)),
        orders_(Sized(proto->mutable_orders(), size)),
        evidences_(Sized(proto->mutable_role_evidences(), size)),
        one_sided_(Sized(proto->mutable_one_sided_reasons(), size)),
        times_(Sized(proto->mutable_times(), size)),
        texts_(2 * size, proto),
        origins_(texts_),
        processes_(size, texts_, proto->mutable_processes()),
        clients_(size, origins_, processes_, proto->mutable_clients()),
        servers_(size, origins_, processes_, proto->mutable_servers()) {}

  void Set(size_t row, const FourTuple&, const BriefConnection& found) {
    SetFound(row, v1::LOOKUP_OUTCOME_CONNECTION, 1, found.order);
    evidences_[row] = ToProto(found.evidence);
    if (found.one_sided) one_sided_[row] = ToProto(*found.one_sided);
    clients_.Set(row, found.client);
    servers_.Set(row, found.server);
  }

  void Set(size_t row, const FourTuple& asked, const LookupFinding& found) {
    std::visit([&](const auto& finding) { Set(row, asked, finding); }, found);
  }

  void Set(size_t row, const FourTuple& asked, const FoundConnections& found) {
    SetFound(row, v1::LOOKUP_OUTCOME_CONNECTION, found.connections.size(),
             found.order);
    SetConnection(row, asked, found.connections.front());
  }

  void Set(size_t row, const FourTuple& asked, const FoundListeners& found) {
    SetFound(row, v1::LOOKUP_OUTCOME_LISTENER, found.listeners.size(),
             found.order);
    EndColumns& ends = found.endpoint == asked.remote() ? servers_ : clients_;
    ends.Set(row, found.listeners.front().listener);
    if (!found.closed.empty())
      times_[row] = absl::ToUnixNanos(ClosedAt(found.closed.front()));
  }

  void Set(size_t row, const FourTuple& asked, const Absent& absent) {
    SetFound(row, OutcomeOf(absent.reason), absent.closed.size(),
             TupleOrder::kUnknown);
    times_[row] = absl::ToUnixNanos(absent.since);
    if (absent.closed.empty()) return;
    const Connection& last = absent.closed.front();
    SetConnection(row, asked, last);
    times_[row] = absl::ToUnixNanos(ClosedAt(last));
  }

 private:
  void SetFound(size_t row, v1::LookupOutcome outcome, size_t matches,
                TupleOrder order) {
    outcomes_[row] = outcome;
    match_counts_[row] = static_cast<uint32_t>(matches);
    orders_[row] = ToProto(order);
  }

  void SetConnection(size_t row, const FourTuple& asked,
                     const Connection& connection) {
    evidences_[row] = ToProto(connection.evidence);
    if (connection.one_sided) one_sided_[row] = ToProto(*connection.one_sided);
    const auto set = [&](const Observation& side) {
      const Endpoint& local = side.facts.tuple.local();
      if (local == asked.local()) clients_.Set(row, EndOf(side));
      if (local == asked.remote()) servers_.Set(row, EndOf(side));
    };
    set(connection.first);
    if (connection.second) set(*connection.second);
  }

  int* const outcomes_;
  uint32_t* const match_counts_;
  int* const orders_;
  int* const evidences_;
  int* const one_sided_;
  int64_t* const times_;
  Texts texts_;
  Origins origins_;
  Processes processes_;
  EndColumns clients_;
  EndColumns servers_;
};

}  // namespace

void ToProto(const BatchLookupQuestion& question,
             const BatchLookupAnswer& answer, v1::BatchLookupResponse* proto) {
  Columns columns(answer.found.size(), proto);
  for (size_t i = 0; i < answer.found.size(); ++i) {
    const FourTuple& asked = question.tuples[i];
    std::visit([&](const auto& found) { columns.Set(i, asked, found); },
               answer.found[i]);
  }
  ToProto(answer.coverage, proto->mutable_coverage());
}

}  // namespace connreg
