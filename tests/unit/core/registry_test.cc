#include "service/core/registry.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegistryTest : public RegistryFixture {};

TEST_F(RegistryTest, TwoHostsThatToldTheirAddressesMakeOneConnection) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {Tcp("10.0.0.5:5432", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  const std::vector<Connection> connections = List();
  ASSERT_THAT(connections, SizeIs(1));
  EXPECT_TRUE(connections[0].second.has_value());
  EXPECT_EQ(connections[0].one_sided, std::nullopt);
  EXPECT_THAT(List({.host = "db1"}), SizeIs(1));
  EXPECT_THAT(List({.host = "web2"}), IsEmpty());
}

TEST_F(RegistryTest, AConnectionToAHostThatDoesNotReportItIsNotReported) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kUnmanaged);
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kNotReported);
}

TEST_F(RegistryTest, BothViewsOfATranslatedConnectionSuspectIt) {
  Register(Agent("c"), {Tcp("172.29.161.37:53792", "10.100.103.122:7778")}, {},
           {Owned({"172.29.161.37"})});
  Register(Agent("s"), {Tcp("172.29.191.94:7777", "172.29.161.37:53792")}, {},
           {Owned({"172.29.191.94"})});
  const std::vector<Connection> listed = List();
  ASSERT_THAT(listed, SizeIs(2));
  for (const Connection& connection : listed) {
    EXPECT_FALSE(connection.second.has_value());
    EXPECT_EQ(connection.one_sided, OneSidedReason::kNatSuspected);
  }
  EXPECT_EQ(
      ConnectionsOf(Lookup("172.29.161.37:53792", "10.100.103.122:7778"))[0]
          .one_sided,
      OneSidedReason::kNatSuspected);
  EXPECT_EQ(
      ConnectionsOf(Lookup("172.29.161.37:53792", "172.29.191.94:7777"))[0]
          .one_sided,
      OneSidedReason::kNatSuspected);
}

TEST_F(RegistryTest, AnEndpointWithVeryManyConnectionsIsNoTranslatedClient) {
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1020; ++port)
    rows.push_back(Tcp("10.0.0.5:80", absl::StrCat("203.0.113.7:", port)));
  Register(Agent("s"), rows, {}, {Owned({"10.0.0.5"})});
  Register(Agent("c"), {Tcp("10.0.0.9:51000", "10.0.0.5:80")}, {},
           {Owned({"10.0.0.9"})});
  for (const Connection& connection : List())
    EXPECT_NE(connection.one_sided, OneSidedReason::kNatSuspected);
}

TEST_F(RegistryTest, AHostLocalClientIsNotThoseOfOtherHosts) {
  for (int i = 0; i < 20; ++i) {
    Register(Agent(absl::StrCat("h", i)),
             {Tcp("127.0.0.1:40000", "10.96.0.1:443"),
              Tcp("10.0.0.9:8443", "127.0.0.1:40000")});
  }
  const std::vector<Connection> listed = List({.host = "h7"});
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_THAT(listed, Contains(Field(&Connection::one_sided,
                                     OneSidedReason::kNatSuspected)));
}

TEST_F(RegistryTest, DeregisteringCountsWhatWasThere) {
  const ConnectionFacts there = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  const ConnectionFacts absent = Tcp("10.0.0.9:51001", "10.0.0.5:5432");
  Register(Agent("web1"), {there}, {TcpListener("10.0.0.9:80")});
  const DeregistrationOutcome outcome =
      registry_
          .Deregister(
              {.reporter = Agent("web1"),
               .listeners = {{{}, At("10.0.0.9:80")}, {{}, At("10.0.0.9:81")}},
               .connections = {{{}, there.tuple}, {{}, absent.tuple}}})
          .value();
  EXPECT_EQ(outcome.removed, 2u);
  EXPECT_EQ(outcome.absent, 2u);
  EXPECT_THAT(List(), IsEmpty());

  const DeregistrationOutcome stranger = Deregister(Agent("web2"), {there});
  EXPECT_EQ(stranger.absent, 1u);
}

TEST_F(RegistryTest, DeregisteringAllEndsTheLeaseAndTakesEverything) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
           {TcpListener("0.0.0.0:80")}, {Owned({"10.0.0.9"})});
  EXPECT_EQ(DeregisterAll(Agent("web1")).removed, 2u);
  EXPECT_EQ(DeregisterAll(Agent("web1")).removed, 0u);
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.observations, 0u);
  EXPECT_EQ(status.listeners, 0u);
  EXPECT_EQ(status.reporters, 0u);
  EXPECT_THAT(Hosts(), IsEmpty());
}

TEST_F(RegistryTest, RowsGoWithTheirProgramsLeaseAndNotBefore) {
  Register(Program("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
           {TcpListener("10.0.0.9:80")});
  EXPECT_THAT(Pass(kTtl - absl::Seconds(1)).ended, IsEmpty());
  EXPECT_THAT(List(), SizeIs(1));

  EXPECT_THAT(Pass(absl::Seconds(1)).ended, ElementsAre(Program("web1")));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);
}

TEST_F(RegistryTest, OneReportersLapseLeavesTheOthersRows) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  Register(Program("web1"), {facts});
  clock_.Advance(kTtl / 2);
  Register(Agent("web1"), {facts});
  Pass(kTtl / 2);
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.reporter(), Agent("web1"));
}

TEST_F(RegistryTest, TheStatusTellsHowMuchThereIs) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
           {TcpListener("0.0.0.0:80"), TcpListener("0.0.0.0:443")});
  Register(Program("web1"), {Tcp("10.0.0.9:51001", "10.0.0.5:5432")});
  Deregister(Program("web1"), {Tcp("10.0.0.9:51001", "10.0.0.5:5432")});
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.start_time, start_);
  EXPECT_EQ(status.observations, 1u);
  EXPECT_EQ(status.listeners, 2u);
  EXPECT_EQ(status.reporters, 2u);
  EXPECT_EQ(status.closed, 1u);
  EXPECT_EQ(status.not_seen_since, start_);
  EXPECT_EQ(status.grace, kGrace);
  EXPECT_THAT(status.limits, SizeIs(kRowLimits));
  EXPECT_EQ(status.coverage.run_id, "run");
}

// A clock that does something else at one of the times that it is asked for
// the time of day.
class InterruptingClock : public FakeClock {
 public:
  absl::Time Now() const override {
    ++calls_;
    if (--calls_left_ == 0) std::exchange(interrupt_, nullptr)();
    return FakeClock::Now();
  }
  int calls() const { return calls_; }
  void Arm(int calls, std::function<void()> interrupt) {
    calls_left_ = calls;
    interrupt_ = std::move(interrupt);
  }

 private:
  mutable int calls_ = 0;
  mutable int calls_left_ = 0;
  mutable std::function<void()> interrupt_;
};

class RegistryLeaseTest : public testing::Test {
 protected:
  // Registers, and does `interrupt` between the lease and the connections.
  absl::Status RegisterInterrupted(std::function<void()> interrupt) {
    Registration without = registration_;
    without.connections.clear();
    InterruptingClock clock;
    Registry other(OptionsWith(), clock);
    const int before = clock.calls();
    EXPECT_THAT(other.Register(without), IsOk());
    clock_.Arm(clock.calls() - before + 1, std::move(interrupt));
    return registry_.Register(registration_).status();
  }

  const Registration registration_{
      .reporter = Program("web1"),
      .ttl = kTtl,
      .namespaces = {Owned({"10.0.0.9"})},
      .listeners = {TcpListener("0.0.0.0:80")},
      .connections = {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}};
  InterruptingClock clock_;
  Registry registry_{OptionsWith(), clock_};
};

TEST_F(RegistryLeaseTest, ALeaseThatEndsWhileRowsAreAddedLeavesNone) {
  const absl::Status status = RegisterInterrupted([&] {
    clock_.Advance(kTtl);
    registry_.Advance();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(DetailOf(status)->reason, "LEASE_ENDED");
  EXPECT_EQ(registry_.GetStatus().observations, 0u);
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);

  EXPECT_THAT(registry_.Register(registration_), IsOk());
  EXPECT_EQ(registry_.GetStatus().observations, 1u);
}

TEST_F(RegistryLeaseTest, TheNextLeaseKeepsWhatItRegistersMeanwhile) {
  const absl::Status status = RegisterInterrupted([&] {
    clock_.Advance(kTtl);
    registry_.Advance();
    ASSERT_THAT(registry_.Register(registration_), IsOk());
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(registry_.GetStatus().observations, 1u);
  EXPECT_EQ(registry_.GetStatus().listeners, 1u);
}

}  // namespace
}  // namespace connreg
