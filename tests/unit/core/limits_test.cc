// How a registry that is full says so.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class LimitsTest : public RegistryFixture {
 protected:
  explicit LimitsTest(const Limits& limits = {.rows = 5,
                                              .rows_per_reporter = 3,
                                              .rows_per_four_tuple = 2,
                                              .listeners_per_endpoint = 2,
                                              .namespaces_per_reporter = 1,
                                              .prefixes_per_reporter = 2,
                                              .reporters = 4})
      : RegistryFixture(OptionsWith(limits)) {}

  static std::vector<ConnectionFacts> Clients(int from, int count) {
    std::vector<ConnectionFacts> rows;
    for (int port = from; port < from + count; ++port)
      rows.push_back(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:80"));
    return rows;
  }
  size_t Refused(RowLimit limit) {
    for (const LimitReached& reached : registry_.GetStatus().limits)
      if (reached.limit == limit) return reached.refused;
    return 0;
  }
};

MATCHER_P3(WasReached, limit, value, refused, "") {
  return arg.size() == 1 && arg[0].limit == limit &&
         arg[0].value == static_cast<size_t>(value) &&
         arg[0].refused == static_cast<size_t>(refused);
}

TEST_F(LimitsTest, AReportersRowsBeyondItsShareAreRefusedVisibly) {
  const RegistrationOutcome outcome =
      Register(Agent("web1"), Clients(1000, 4), {TcpListener("0.0.0.0:80")});
  EXPECT_EQ(outcome.accepted, 3u);
  EXPECT_THAT(outcome.limits, WasReached(RowLimit::kRowsPerReporter, 3, 2));
  EXPECT_EQ(Refused(RowLimit::kRowsPerReporter), 2u);
  EXPECT_EQ(Hosts()[0].refused_rows, 2u);
  const Coverage coverage = Lookup("10.0.0.9:9").coverage;
  EXPECT_EQ(coverage.hosts.limited_reporters, 1u);
  EXPECT_EQ(Lookup("10.0.0.9:9", {.network = "other"})
                .coverage.hosts.limited_reporters,
            0u);
}

TEST_F(LimitsTest, RowsBeyondThoseOfAllAreRefusedVisibly) {
  Register(Agent("web1"), Clients(1000, 3));
  const RegistrationOutcome outcome = Register(Agent("web2"), Clients(2000, 3));
  EXPECT_EQ(outcome.accepted, 2u);
  EXPECT_THAT(outcome.limits, WasReached(RowLimit::kRows, 5, 1));
  EXPECT_EQ(registry_.GetStatus().observations, 5u);
}

TEST_F(LimitsTest, WithoutRoomKnownRowsAreUpdatedAndClosed) {
  Register(Agent("web1"), Clients(1000, 3));
  Register(Agent("web2"), Clients(2000, 2));
  std::vector<ConnectionFacts> known = Clients(1000, 3);
  for (ConnectionFacts& facts : known)
    facts.state = ConnectionState::kCloseWait;
  const RegistrationOutcome updated = Register(Agent("web1"), known);
  EXPECT_EQ(updated.accepted, 3u);
  EXPECT_THAT(updated.limits, IsEmpty());
  for (const Connection& connection : List({.host = "web1"}))
    EXPECT_EQ(connection.first.facts.state, ConnectionState::kCloseWait);
  EXPECT_EQ(Deregister(Agent("web1"), known).removed, 3u);
}

TEST_F(LimitsTest, RoomIsGivenBack) {
  Register(Agent("web1"), Clients(1000, 3));
  Register(Agent("web2"), Clients(2000, 2));
  EXPECT_EQ(Register(Agent("web2"), Clients(3000, 1)).accepted, 0u);
  Deregister(Agent("web1"), Clients(1000, 1));
  EXPECT_EQ(Register(Agent("web2"), Clients(3000, 1)).accepted, 1u);
  DeregisterAll(Agent("web1"));
  DeregisterAll(Agent("web2"));
  EXPECT_EQ(Register(Agent("web1"), Clients(1000, 3)).accepted, 3u);
}

TEST_F(LimitsTest, AnExpiredHostGivesItsRoomBack) {
  Register(Agent("web1"), Clients(1000, 3));
  Pass(kTtl);
  EXPECT_EQ(Register(Agent("web2"), Clients(2000, 3)).accepted, 2u);
  Pass(kGrace);
  EXPECT_EQ(Register(Agent("web3"), Clients(3000, 3)).accepted, 3u);
}

TEST_F(LimitsTest, EndedRowsTakeNoRoom) {
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(Register(Agent("web1"), Clients(1000, 3)).accepted, 3u);
    Deregister(Agent("web1"), Clients(1000, 3));
  }
}

TEST_F(LimitsTest, AFourTupleTakesSoManyRows) {
  std::vector<ConnectionFacts> rows;
  for (const char* netns : {"1", "2", "3"})
    rows.push_back(InNetns(netns, Tcp("10.0.0.9:1000", "10.0.0.5:80")));
  EXPECT_THAT(Register(Agent("web1"), rows).limits,
              WasReached(RowLimit::kRowsPerFourTuple, 2, 1));
  EXPECT_EQ(Refused(RowLimit::kRowsPerFourTuple), 1u);
}

TEST_F(LimitsTest, AnEndpointOfAHostTakesSoManyListeners) {
  EXPECT_THAT(
      Register(Agent("web1"), {},
               {TcpListener("0.0.0.0:80", 1), TcpListener("0.0.0.0:80", 2),
                TcpListener("0.0.0.0:80", 3)})
          .limits,
      WasReached(RowLimit::kListenersPerEndpoint, 2, 1));
}

TEST_F(LimitsTest, AReporterTellsOfSoManyNamespacesAndPrefixes) {
  const RegistrationOutcome namespaces =
      Register(Agent("web1"), Clients(1000, 1), {},
               {Owned({"10.0.0.9"}, "1"), Owned({"172.17.0.2"}, "2")});
  EXPECT_EQ(namespaces.accepted, 1u);
  EXPECT_THAT(namespaces.limits,
              WasReached(RowLimit::kNamespacesPerReporter, 1, 1));
  const RegistrationOutcome prefixes =
      Register(Agent("web2"), {}, {},
               {Owned({"10.0.0.1", "10.0.0.2", "10.0.0.3"}, "1")});
  EXPECT_THAT(prefixes.limits,
              WasReached(RowLimit::kPrefixesPerReporter, 2, 1));
  EXPECT_EQ(Lookup("10.0.0.9:9").coverage.hosts.limited_reporters, 2u);
}

TEST_F(LimitsTest, AReporterIsNoLongerLimitedOnceItsLeaseHasPassed) {
  Register(Agent("web1"), Clients(1000, 4));
  Pass(kTtl / 2);
  Register(Agent("web1"), {});
  EXPECT_EQ(Lookup("10.0.0.9:9").coverage.hosts.limited_reporters, 1u);
  Pass(kTtl / 2);
  EXPECT_EQ(Lookup("10.0.0.9:9").coverage.hosts.limited_reporters, 0u);
}

TEST_F(LimitsTest, MoreReportersThanThereMayBeAreRefusedAltogether) {
  for (int i = 0; i < 4; ++i) Register(Agent(absl::StrCat("web", i)), {});
  const Registration fifth{.reporter = Agent("web4"),
                           .ttl = kTtl,
                           .listeners = {TcpListener("0.0.0.0:80")},
                           .connections = Clients(1000, 1)};
  const absl::Status status = registry_.Register(fifth).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(DetailOf(status)->reason, "TOO_MANY_REPORTERS");
  EXPECT_EQ(registry_.GetStatus().observations, 0u);
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);
  EXPECT_THAT(Hosts(), SizeIs(4));

  DeregisterAll(Agent("web0"));
  EXPECT_THAT(registry_.Register(fifth), IsOk());
}

}  // namespace
}  // namespace connreg
