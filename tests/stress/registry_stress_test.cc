#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

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

// The invariants, whatever other threads do meanwhile:
//  - A connection that one reporter registered and does not touch is found by
//    every lookup, and stands in every full listing exactly once, though other
//    reporters add and take away its other end, and rows of the same shards.
//  - The revision that an answer carries never goes back for one reader.
//  - A reporter that has deregistered everything, or whose lease has ended, has
//    no row left once the writers have stopped.
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
                      .addresses = {Owned({"10.0.0.9"})}};
    for (int i = 0; i < kPermanent; ++i)
      web1.connections.push_back(Tcp(Client(i), kServer));
    Register(web1);
    Register({.reporter = Agent("db1"),
              .ttl = absl::Hours(24),
              .addresses = {Owned({"10.0.0.5"})},
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
      registry_.Deregister({.reporter = reporter, .all = true});
    }
  }

  // Registers rows that are left to their short lease.
  void LetLeasesEnd(int writer) {
    const Reporter reporter = Program("db1", absl::StrCat("p", writer));
    for (int round = 0; round < kRounds; ++round) {
      const Registration registration{
          .reporter = reporter,
          .ttl = absl::Seconds(1),
          .connections = {Tcp(kServer, Client(round)),
                          Tcp(kServer, Client(kPermanent + round))}};
      const absl::Status status = registry_.Register(registration);
      ASSERT_TRUE(status.ok() || absl::IsAborted(status)) << status;
      clock_.Advance(absl::Milliseconds(400));
    }
  }

  void ExpireUntilDone() {
    while (!done_) registry_.ExpireLeases();
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

  FakeClock clock_;
  Registry registry_{{.run_id = "run", .hash_key = {1, 2}}, clock_};
  std::atomic<bool> done_ = false;
};

TEST_F(RegistryStressTest, WhatStaysIsSeenByEveryReader) {
  RegisterPermanent();
  std::vector<std::thread> readers;
  readers.emplace_back([&] { ExpireUntilDone(); });
  readers.emplace_back([&] { LookupUntilDone(); });
  readers.emplace_back([&] { ListUntilDone(); });
  std::vector<std::thread> writers;
  writers.emplace_back([&] { FlapOtherEnds(); });
  for (int writer = 0; writer < 2; ++writer)
    writers.emplace_back([&, writer] { LetLeasesEnd(writer); });
  for (std::thread& writer : writers) writer.join();
  done_ = true;
  for (std::thread& reader : readers) reader.join();

  clock_.Advance(absl::Seconds(2));
  registry_.ExpireLeases();
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.observations, static_cast<size_t>(kPermanent));
  EXPECT_EQ(status.listeners, 1u);
  EXPECT_EQ(status.reporters, 2u);
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
      const absl::Status status = registry.Register(large);
      EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    });
    registry.Deregister({.reporter = small.reporter, .all = true});
    const absl::Status status = registry.Register(small);
    overtaken.join();
    ASSERT_THAT(status, IsOk());
    const ConnectionPage page = registry.ListConnections({.page_size = 5000});
    std::set<FourTuple> listed;
    for (const Connection& connection : page.connections)
      listed.insert(connection.first.facts.tuple);
    for (const ConnectionFacts& facts : small.connections)
      ASSERT_TRUE(listed.contains(facts.tuple)) << facts.tuple.ToString();
    registry.Deregister({.reporter = small.reporter, .all = true});
  }
}

}  // namespace
}  // namespace connreg
