// Sessions against a model of one host: whatever an agent says, however its
// streams break, the registry's rows are the model's, a claim of what the model
// has is right, and what did not change has not.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "tests/property/seed.h"
#include "tests/property/session_model.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ContainerEq;
using ::testing::Contains;

constexpr int kOperations = CONNREG_OPERATIONS / 25;
constexpr int kHosts = 3;
constexpr absl::Duration kTtl = absl::Seconds(30);
constexpr absl::Duration kGrace = absl::Seconds(60);

std::string Describe(const ConnectionFacts& facts, bool is_stale) {
  const Socket& socket = facts.socket;
  return absl::StrCat(facts.tuple.ToString(), " ", socket.netns, " ",
                      socket.cookie, " ", socket.inode, " ",
                      static_cast<int>(facts.state), " ",
                      static_cast<int>(facts.role), is_stale ? " stale" : "");
}

std::string Describe(const ListenerFacts& facts, bool is_stale) {
  const Socket& socket = facts.socket;
  return absl::StrCat(facts.local.ToString(), " ", socket.netns, " ",
                      socket.cookie, " ", socket.uid.value_or(0),
                      is_stale ? " stale" : "");
}

class SessionPropertyTest : public RandomTest {
 protected:
  struct Machine {
    Reporter agent;
    SessionModel model{kTtl, kGrace};
    Epoch epoch{};
    uint64_t seq = 0;
    int boot = 1;
    int run = 1;
    // The revision of each row when it was seen last, by its four-tuple and
    // network namespace.
    std::map<std::string, uint64_t> revisions;
    // Cookies of sockets that have ended.
    std::set<uint64_t> ended;
  };

  SessionPropertyTest()
      : registry_({.run_id = "run",
                   .hash_key = {1, 2},
                   .limits = {.rows = 25, .rows_per_reporter = 12},
                   .grace = kGrace,
                   .closed_age = absl::Hours(1),
                   .sync_time = absl::ZeroDuration()},
                  clock_) {
    for (int i = 0; i < kHosts; ++i)
      machines_.push_back({.agent = Agent(absl::StrCat("host-", i))});
  }

  absl::Duration Now() { return clock_.Monotonic(); }

  Socket AnySocket() {
    Socket socket{.netns = OneIn(4) ? "2" : "1"};
    if (!OneIn(8)) socket.cookie = OneIn(3) ? ++last_cookie_ : 1 + Below(10);
    if (OneIn(3)) socket.inode = 1 + Below(3);
    if (OneIn(3)) socket.uid = Below(3);
    return socket;
  }
  ConnectionFacts AnyConnection(const Machine& machine) {
    const size_t host = &machine - machines_.data();
    ConnectionFacts facts = Tcp(
        absl::StrCat("10.0.0.", host + 1, ":", 1 + Below(6)), "10.0.1.1:80");
    facts.socket = AnySocket();
    facts.state =
        OneIn(3) ? ConnectionState::kFinWait2 : ConnectionState::kEstablished;
    if (OneIn(3)) {
      facts.role = Role::kClient;
      facts.evidence = RoleEvidence::kInitiated;
    }
    return facts;
  }
  ListenerFacts AnyListener() {
    ListenerFacts facts = TcpListener(absl::StrCat("0.0.0.0:", 1 + Below(3)));
    facts.socket = AnySocket();
    // One socket at a place says all there is to go by, or none does.
    facts.socket.cookie = 1 + Below(3);
    return facts;
  }
  RowBatch AnyBatch(const Machine& machine) {
    RowBatch batch;
    while (OneIn(2)) batch.connections.push_back(AnyConnection(machine));
    while (OneIn(3)) batch.listeners.push_back(AnyListener());
    while (OneIn(3)) {
      const ConnectionFacts facts = AnyConnection(machine);
      batch.gone_connections.push_back(
          {facts.socket, facts.tuple, facts.device});
    }
    if (OneIn(2) && !machine.model.connections().empty()) {
      const ConnectionFacts& facts = AnyOf(machine.model.connections()).shown;
      batch.gone_connections.push_back(
          {facts.socket, facts.tuple, facts.device});
    }
    while (OneIn(4)) {
      const ListenerFacts facts = AnyListener();
      batch.gone_listeners.push_back({facts.socket, facts.local, facts.device});
    }
    while (OneIn(6)) {
      ConnectionFacts facts = AnyConnection(machine);
      facts.socket.cookie = ++last_cookie_;
      batch.ended.push_back(facts);
    }
    // Some of what is there, as it is.
    for (const auto& row : machine.model.connections())
      if (OneIn(2)) batch.connections.push_back(row.reported);
    return batch;
  }

  void Open(Machine& machine) {
    if (!machine.model.attached() && OneIn(8)) ++machine.boot;
    if (OneIn(4)) ++machine.run;
    SessionOpening opening{
        .reporter = machine.agent,
        .boot_id = absl::StrCat("boot-", machine.boot),
        .instance = absl::StrCat("run-", machine.run),
        .ttl = kTtl,
        .digest = OneIn(2) ? machine.model.digest() : RowDigest{1, Below(9)}};
    std::optional<Epoch> superseded;
    const bool was_attached = machine.model.attached();
    const SessionWelcome welcome =
        registry_.OpenSession(opening, &superseded).value();
    ASSERT_EQ(superseded.has_value(), was_attached);
    if (superseded) {
      ASSERT_EQ(*superseded, machine.epoch);
      ASSERT_THAT(registry_.Apply(machine.epoch, KeepAlive()),
                  StatusIs(absl::StatusCode::kAborted));
    }
    ASSERT_GT(welcome.epoch, machine.epoch);
    machine.epoch = welcome.epoch;
    machine.seq = 0;
    ASSERT_EQ(welcome.snapshot_wanted, machine.model.Open(opening, Now()));
  }

  void Say(Machine& machine) {
    RowBatch batch = AnyBatch(machine);
    batch.seq = ++machine.seq;
    if (OneIn(2)) {
      batch.kind = RowBatch::Kind::kSnapshot;
      batch.first = !machine.model.amid_snapshot() || OneIn(5);
      batch.last = OneIn(2);
    }
    const Ack ack = registry_.Apply(machine.epoch, batch).value();
    ASSERT_EQ(ack.seq, batch.seq);
    EraseAt(ack.refused_listeners, &batch.listeners);
    EraseAt(ack.refused_connections, &batch.connections);
    if (!ack.refused_connections.empty() || !ack.refused_listeners.empty())
      ASSERT_FALSE(ack.limits.empty());
    machine.model.Apply(batch, Now());
  }

  void KeepStanding(Machine& machine) {
    KeepAlive keep_alive;
    if (!machine.model.amid_snapshot() && OneIn(2))
      keep_alive.digest =
          OneIn(4) ? RowDigest{1, Below(9)} : machine.model.digest();
    const Ack ack = registry_.Apply(machine.epoch, keep_alive).value();
    ASSERT_EQ(ack.seq, machine.seq);
    ASSERT_EQ(ack.snapshot_wanted, machine.model.Apply(keep_alive, Now()));
  }

  void LetTimePass() {
    const absl::Duration passed = absl::Seconds(Below(25));
    clock_.Advance(passed);
    if (OneIn(5)) {
      registry_.NoteStall(passed);
      for (Machine& machine : machines_) machine.model.NoteStall(passed);
    }
    registry_.Advance();
    for (Machine& machine : machines_) machine.model.Lapse(Now());
  }

  void ActOn(Machine& machine) {
    if (!machine.model.attached() || OneIn(10)) {
      Open(machine);
    } else if (OneIn(12)) {
      registry_.LoseSession(machine.epoch);
      machine.model.Lose(Now());
    } else if (OneIn(40)) {
      registry_.EndSession(machine.epoch, {.remove = true});
      machine.model.TakeAway(CloseReason::kDeregistered);
    } else if (OneIn(3)) {
      KeepStanding(machine);
    } else {
      Say(machine);
    }
  }

  // Erases what is at `places`, which ascend.
  template <typename Facts>
  static void EraseAt(const std::vector<uint32_t>& places,
                      std::vector<Facts>* rows) {
    for (auto place = places.rbegin(); place != places.rend(); ++place)
      rows->erase(rows->begin() + *place);
  }

  void Compare(Machine& machine) {
    const SessionModel& model = machine.model;
    const Scope scope{.host = machine.agent.host};
    std::vector<std::string> expected;
    std::map<std::string, bool> changed;
    for (const auto& row : model.connections()) {
      expected.push_back(Describe(row.shown, model.IsStale(row)));
      changed[KeyOf(row.shown)] = row.changed;
    }
    std::vector<std::string> shown;
    std::map<std::string, uint64_t> revisions;
    for (const Connection& connection :
         registry_.ListConnections({.scope = scope, .page_size = 1000})
             .connections) {
      const Observation& row = connection.first;
      shown.push_back(
          Describe(row.facts, row.provenance.stale_since.has_value()));
      const std::string key = KeyOf(row.facts);
      revisions[key] = row.provenance.revision;
      if (const auto known = machine.revisions.find(key);
          known != machine.revisions.end() && !changed[key])
        EXPECT_EQ(row.provenance.revision, known->second) << shown.back();
    }
    machine.revisions = std::move(revisions);
    std::sort(expected.begin(), expected.end());
    std::sort(shown.begin(), shown.end());
    ASSERT_THAT(shown, ContainerEq(expected));
    CompareListeners(model, scope);
    CompareState(model, scope);
  }

  static std::string KeyOf(const ConnectionFacts& facts) {
    return absl::StrCat(facts.tuple.ToString(), " ", facts.socket.netns);
  }

  void CompareListeners(const SessionModel& model, const Scope& scope) {
    std::vector<std::string> expected;
    for (const auto& row : model.listeners())
      expected.push_back(Describe(row.shown, model.IsStale(row)));
    std::vector<std::string> shown;
    for (const ListenerAnswer& answer :
         registry_.ListListeners({.scope = scope, .page_size = 1000}).listeners)
      shown.push_back(
          Describe(answer.listener.facts,
                   answer.listener.provenance.stale_since.has_value()));
    std::sort(expected.begin(), expected.end());
    std::sort(shown.begin(), shown.end());
    ASSERT_THAT(shown, ContainerEq(expected));
  }

  void CompareState(const SessionModel& model, const Scope& scope) {
    const std::vector<Host> hosts =
        registry_.ListHosts({.scope = scope, .page_size = 1}).hosts;
    ASSERT_EQ(hosts.empty(), !model.state().has_value());
    if (!hosts.empty()) ASSERT_EQ(hosts[0].state, model.state());
  }

  // Whether what has just ended is remembered, unless it is there again. Of
  // sockets with one cookie, of which a kernel has no two, only one is shown.
  void CompareEnds(Machine& machine) {
    std::vector<SessionModel::End> ends;
    for (const SessionModel::End& end : machine.model.ends())
      if (end.first != 0 && machine.ended.insert(end.first).second &&
          !machine.model.HasCookie(end.first))
        ends.push_back(end);
    if (ends.empty()) return;
    std::vector<SessionModel::End> closed;
    for (const Connection& connection :
         registry_
             .ListConnections({.scope = {.host = machine.agent.host},
    .page_size = 10'000,
    .show_closed = true})
             .connections)
      if (connection.first.closure)
        closed.emplace_back(connection.first.facts.socket.cookie,
                            connection.first.closure->reason);
    for (const SessionModel::End& end : ends)
      ASSERT_THAT(closed, Contains(end));
  }

  FakeClock clock_;
  Registry registry_;
  std::vector<Machine> machines_;
  uint64_t last_cookie_ = 100;
};

TEST_F(SessionPropertyTest, TheRowsAreWhatTheSessionsHaveSaid) {
  for (int i = 0; i < kOperations; ++i) {
    SCOPED_TRACE(absl::StrCat("operation ", i));
    if (OneIn(6)) {
      LetTimePass();
    } else {
      Machine& machine = machines_[Below(kHosts)];
      ActOn(machine);
      if (HasFatalFailure()) return;
      CompareEnds(machine);
    }
    for (Machine& machine : machines_) Compare(machine);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace connreg
