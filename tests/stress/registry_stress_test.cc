#include <array>
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::SizeIs;

constexpr int kPermanent = 200;
constexpr int kRounds = 150;
constexpr size_t kMaxRows = 1000;

// The invariants, whatever other threads do meanwhile:
//  - A connection that one reporter registered and does not touch is found by
//    every lookup, and stands in every full listing exactly once, though other
//    reporters add and take away its other end, and rows of the same shards.
//  - The revision that an answer carries never goes back for one reader, and a
//    row's revision never goes back either; no two changes have the same.
//  - An answer that carries a revision shows every change up to it.
//  - An endpoint counts each connection that stays, once, and never fewer.
//  - A reporter that has deregistered everything, or whose lease has ended, has
//    no row left once the writers have stopped, and gives all its room back.
class RegistryStressTest : public testing::Test {
 protected:
  static std::string Client(int i) {
    return absl::StrCat("10.0.0.9:", 10000 + i);
  }
  static constexpr char kServer[] = "10.0.0.5:5432";

  void Register(const Registration& registration) {
    ASSERT_THAT(registry_.Register(registration), IsOk());
  }

  // Both hosts tell their addresses for good, since ends cannot be joined
  // without.
  void RegisterPermanent() {
    Registration web1{.reporter = Agent("web1"),
                      .ttl = absl::Hours(24),
                      .namespaces = {Owned({"10.0.0.9"})}};
    for (int i = 0; i < kPermanent; ++i)
      web1.connections.push_back(Tcp(Client(i), kServer));
    Register(web1);
    Register({.reporter = Agent("db1"),
              .ttl = absl::Hours(24),
              .namespaces = {Owned({"10.0.0.5"})},
              .listeners = {TcpListener("0.0.0.0:5432")}});
  }

  // Adds the other ends, and takes them away again.
  void FlapOtherEnds() {
    const Reporter reporter = Program("db1", "flapping");
    for (int round = 0; round < kRounds; ++round) {
      Registration registration{.reporter = reporter,
                                .ttl = absl::Hours(24),
                                .listeners = {TcpListener("10.0.0.5:5432")}};
      for (int i = round % 7; i < kPermanent; i += 7)
        registration.connections.push_back(Tcp(kServer, Client(i)));
      Register(registration);
      EXPECT_THAT(registry_.Deregister({.reporter = reporter, .all = true}),
                  IsOk());
    }
  }

  // Registers rows that are left to their short lease.
  void LetLeasesEnd(const Reporter& reporter, const char* server) {
    for (int round = 0; round < kRounds; ++round) {
      const Registration registration{
          .reporter = reporter,
          .ttl = absl::Seconds(1),
          .connections = {Tcp(server, Client(round)),
                          Tcp(server, Client(kPermanent + round))}};
      const absl::Status status = registry_.Register(registration).status();
      ASSERT_TRUE(status.ok() || absl::IsAborted(status)) << status;
      clock_.Advance(absl::Milliseconds(400));
    }
  }

  // Changes a row of its own, and looks whether its change is what is there.
  void ChangeOwn(int writer, std::vector<uint64_t>* revisions) {
    const Reporter reporter = Program("web2", absl::StrCat("own", writer));
    ConnectionFacts facts = Tcp("10.0.0.8:51000", kServer);
    facts.socket.netns = absl::StrCat(writer);
    for (int round = 0; round < kRounds; ++round) {
      facts.state = round % 2 == 0 ? ConnectionState::kEstablished
                                   : ConnectionState::kCloseWait;
      Register({.reporter = reporter,
                .ttl = absl::Hours(24),
                .connections = {facts}});
      const LookupAnswer answer = registry_.Lookup({facts.tuple, {}});
      const auto* found = std::get_if<FoundConnections>(&answer.found);
      ASSERT_NE(found, nullptr);
      const Observation* own = nullptr;
      for (const Connection& connection : found->connections)
        if (connection.first.reporter() == reporter) own = &connection.first;
      ASSERT_NE(own, nullptr);
      ASSERT_EQ(own->facts.state, facts.state);
      ASSERT_GE(answer.coverage.revision, own->provenance.revision);
      if (!revisions->empty()) {
        ASSERT_GT(own->provenance.revision, revisions->back());
      }
      revisions->push_back(own->provenance.revision);
    }
    EXPECT_THAT(registry_.Deregister({.reporter = reporter, .all = true}),
                IsOk());
  }

  void CountUntilDone() {
    const EndpointPlace server{At(kServer), Transport::kTcp, "default", "db1",
                               ""};
    while (!done_) {
      const EndpointPage page = registry_.ListEndpoints(
          {.prefix = Prefix(At(kServer).address()), .page_size = 10});
      ASSERT_THAT(page.endpoints, SizeIs(1));
      ASSERT_EQ(page.endpoints[0].place, server);
      size_t connections = 0;
      for (const auto& [state, count] : page.endpoints[0].states)
        connections += count;
      ASSERT_GE(connections, static_cast<size_t>(kPermanent));
    }
  }

  void AdvanceUntilDone() {
    while (!done_) registry_.Advance();
  }

  void LookupUntilDone() {
    uint64_t revision = 0;
    for (int i = 0; !done_; i = (i + 1) % kPermanent) {
      const LookupAnswer answer =
          registry_.Lookup({Pair(kServer, Client(i)), {}});
      const auto* found = std::get_if<FoundConnections>(&answer.found);
      ASSERT_NE(found, nullptr);
      ASSERT_THAT(found->connections, SizeIs(1));
      ASSERT_GE(answer.coverage.revision, revision);
      revision = answer.coverage.revision;
    }
  }

  void ListUntilDone() {
    while (!done_) {
      std::multiset<FourTuple> seen;
      ConnectionQuery query{.scope = {.host = "web1"}, .page_size = 17};
      do {
        const ConnectionPage page = registry_.ListConnections(query);
        for (const Connection& connection : page.connections)
          seen.insert(connection.first.facts.tuple.Canonical());
        query.after = page.next;
      } while (query.after);
      for (int i = 0; i < kPermanent; ++i)
        ASSERT_EQ(seen.count(Pair(Client(i), kServer).Canonical()), 1u);
    }
  }

  // Fills the registry, which takes so many rows more, and empties it again.
  void ExpectRoomFor(size_t rows) {
    Registration filling{.reporter = Program("filler"), .ttl = absl::Hours(24)};
    for (size_t i = 0; i < rows; ++i)
      filling.connections.push_back(
          Tcp(absl::StrCat("10.9.0.1:", i + 1), "10.9.0.2:1"));
    absl::StatusOr<RegistrationOutcome> outcome = registry_.Register(filling);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome->accepted, rows);
    filling.connections = {Tcp("10.9.0.1:65535", "10.9.0.2:1")};
    outcome = registry_.Register(filling);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome->accepted, 0u);
    EXPECT_THAT(
        registry_.Deregister({.reporter = filling.reporter, .all = true}),
        IsOk());
    clock_.Advance(absl::Seconds(5));
    registry_.Advance();
  }

  static Registry::Options Options() {
    Registry::Options options{.run_id = "run", .hash_key = {1, 2}};
    options.limits.rows = kMaxRows;
    options.grace = absl::Seconds(1);
    options.closed_age = absl::Seconds(5);
    options.closed_rows = 200;
    return options;
  }

  FakeClock clock_;
  Registry registry_{Options(), clock_};
  std::atomic<bool> done_ = false;
};

TEST_F(RegistryStressTest, WhatStaysIsSeenByEveryReader) {
  RegisterPermanent();
  std::vector<std::thread> readers;
  readers.emplace_back([&] { AdvanceUntilDone(); });
  readers.emplace_back([&] { LookupUntilDone(); });
  readers.emplace_back([&] { ListUntilDone(); });
  readers.emplace_back([&] { CountUntilDone(); });
  std::vector<std::thread> writers;
  writers.emplace_back([&] { FlapOtherEnds(); });
  writers.emplace_back([&] { LetLeasesEnd(Program("db1", "brief"), kServer); });
  // This one makes its host stale, then lets it expire.
  writers.emplace_back([&] { LetLeasesEnd(Agent("db2"), "10.0.0.6:5432"); });
  std::array<std::vector<uint64_t>, 2> revisions;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back(
        [&, writer] { ChangeOwn(writer, &revisions[writer]); });
  }
  for (std::thread& writer : writers) writer.join();
  done_ = true;
  for (std::thread& reader : readers) reader.join();

  std::set<uint64_t> distinct;
  for (const std::vector<uint64_t>& of_one : revisions)
    distinct.insert(of_one.begin(), of_one.end());
  EXPECT_EQ(distinct.size(), revisions[0].size() + revisions[1].size());

  // The lease, the grace, and what is remembered of it.
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Seconds(5));
    registry_.Advance();
  }
  ExpectRoomFor(kMaxRows - kPermanent - 1);
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.observations, static_cast<size_t>(kPermanent));
  EXPECT_EQ(status.listeners, 1u);
  EXPECT_EQ(status.reporters, 2u);
  EXPECT_EQ(status.closed, 0u);
}

// The invariant: what a reporter registered last, after its last
// deregistration, stays, whatever its earlier requests still do on their way.
TEST(RegistryLeaseStressTest, AnOvertakenRequestTakesNothingFromTheNextLease) {
  FakeClock clock;
  Registry registry({.run_id = "run", .hash_key = {1, 2}}, clock);
  Registration large{.reporter = Program("web1"), .ttl = absl::Hours(1)};
  for (int i = 0; i < 3000; ++i) {
    large.connections.push_back(
        Tcp(absl::StrCat("10.0.0.9:", 10000 + i), "10.0.0.5:5432"));
  }
  Registration small = large;
  small.connections.erase(small.connections.begin() + 50,
                          small.connections.end());
  for (int round = 0; round < 30; ++round) {
    std::thread overtaken([&] {
      const absl::Status status = registry.Register(large).status();
      EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    });
    EXPECT_THAT(registry.Deregister({.reporter = small.reporter, .all = true}),
                IsOk());
    const absl::Status status = registry.Register(small).status();
    overtaken.join();
    ASSERT_THAT(status, IsOk());
    const ConnectionPage page = registry.ListConnections({.page_size = 5000});
    std::set<FourTuple> listed;
    for (const Connection& connection : page.connections)
      listed.insert(connection.first.facts.tuple);
    for (const ConnectionFacts& facts : small.connections)
      ASSERT_TRUE(listed.contains(facts.tuple)) << facts.tuple.ToString();
    EXPECT_THAT(registry.Deregister({.reporter = small.reporter, .all = true}),
                IsOk());
  }
}

}  // namespace
}  // namespace connreg
