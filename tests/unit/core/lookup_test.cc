// What lookups find, and what they say of what they do not.

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LookupTest : public RegistryFixture {
 protected:
  explicit LookupTest(const Registry::Options& options = OptionsWith())
      : RegistryFixture(options) {}
};

TEST_F(LookupTest, EitherOrderOfTheEndsFindsTheConnection) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  facts.role = Role::kClient;
  facts.evidence = RoleEvidence::kDeclared;
  Register(Agent("web1"), {facts});
  const auto order = [](const LookupAnswer& answer) {
    return std::get<FoundConnections>(answer.found).order;
  };
  EXPECT_EQ(order(Lookup("10.0.0.9:51000", "10.0.0.5:5432")),
            TupleOrder::kAsAsked);
  EXPECT_EQ(order(Lookup("10.0.0.5:5432", "10.0.0.9:51000")),
            TupleOrder::kReversed);
  EXPECT_EQ(order(Lookup("10.0.0.5:5432")), TupleOrder::kUnknown);
}

TEST_F(LookupTest, FindsBothTransportsOrTheOneThatIsAsked) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:53"),
                           Udp("10.0.0.9:51000", "10.0.0.5:53")});
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:51000", "10.0.0.5:53")),
              SizeIs(2));
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:51000", "10.0.0.5:53",
                                   {.transport = Transport::kUdp})),
              SizeIs(1));
}

TEST_F(LookupTest, FindsWhatEitherEndsHostReports) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {Tcp("10.0.0.5:5432", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  Register(Agent("db2"), {});
  for (const char* host : {"web1", "db1"}) {
    const LookupAnswer answer =
        Lookup("10.0.0.9:51000", "10.0.0.5:5432", {.host = host});
    ASSERT_THAT(ConnectionsOf(answer), SizeIs(1));
    EXPECT_TRUE(ConnectionsOf(answer)[0].second.has_value());
  }
  EXPECT_EQ(
      ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432", {.host = "db2"})),
      AbsentReason::kNotSeenSince);
}

TEST_F(LookupTest, FindsLoopbackOnEveryHostOrTheOneThatIsNamed) {
  for (const char* host : {"web1", "web2"})
    Register(Agent(host), {Tcp("127.0.0.1:40000", "127.0.0.1:6379"),
                           Tcp("127.0.0.1:6379", "127.0.0.1:40000")});
  EXPECT_THAT(ConnectionsOf(Lookup("127.0.0.1:6379", "127.0.0.1:40000")),
              SizeIs(2));
  EXPECT_THAT(ConnectionsOf(Lookup("127.0.0.1:40000", "127.0.0.1:6379",
                                   {.host = "web2"})),
              SizeIs(1));
}

TEST_F(LookupTest, WithoutAConnectionTheListenerAnswers) {
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432")});
  const auto found = [](const LookupAnswer& answer) {
    return std::get<FoundListeners>(answer.found);
  };
  EXPECT_EQ(found(Lookup("10.0.0.9:51000", "10.0.0.5:5432")).order,
            TupleOrder::kAsAsked);
  const FoundListeners reversed =
      found(Lookup("10.0.0.5:5432", "10.0.0.9:51000"));
  EXPECT_EQ(reversed.order, TupleOrder::kReversed);
  EXPECT_EQ(reversed.endpoint, At("10.0.0.5:5432"));
  EXPECT_THAT(found(Lookup("10.0.0.5:5432")).listeners, SizeIs(1));
}

TEST_F(LookupTest, TheServersListenerGoesBeforeTheClients) {
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432")});
  Register(Agent("web1"), {}, {TcpListener("10.0.0.9:51000")});
  const LookupAnswer answer = Lookup("10.0.0.9:51000", "10.0.0.5:5432");
  ASSERT_THAT(ListenersOf(answer), SizeIs(1));
  EXPECT_EQ(ListenersOf(answer)[0].listener.reporter(), Agent("db1"));
}

// ---- Absent ----

TEST_F(LookupTest, AHostThatNobodyReportsForIsSaidToBeUnknown) {
  const auto reason = [&](const std::string& host) {
    return ReasonOf(Lookup("10.0.0.5:80", {.host = host}));
  };
  EXPECT_EQ(reason("web1"), AbsentReason::kNoSuchHost);
  Register(Program("web1"), {});
  EXPECT_EQ(reason("web1"), AbsentReason::kNotSeenSince);
}

TEST_F(LookupTest, ASilentHostThatIsNamedIsSaidToBeStale) {
  Register(Agent("db1"), {});
  Pass(kTtl);
  Register(Agent("web1"), {});
  for (const LookupAnswer& answer :
       {Lookup("10.0.0.5:5432", {.host = "db1"}),
        Lookup("10.0.0.9:51000", "10.0.0.5:5432", {.host = "db1"})}) {
    EXPECT_EQ(ReasonOf(answer), AbsentReason::kHostStale);
    EXPECT_THAT(AbsentOf(answer).stale_hosts,
                ElementsAre(StaleHost{{"db1", "default"}, start_ + kTtl}));
  }
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:5432", {.host = "web1"})),
            AbsentReason::kNotSeenSince);
}

TEST_F(LookupTest, ASilentOwnerOfTheAddressIsSaidToBeStale) {
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  Pass(kTtl);
  Register(Agent("web1"), {}, {}, {Owned({"10.0.0.9"})});
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  EXPECT_EQ(ReasonOf(answer), AbsentReason::kHostStale);
  EXPECT_THAT(AbsentOf(answer).stale_hosts,
              ElementsAre(StaleHost{{"db1", "default"}, start_ + kTtl}));
  EXPECT_EQ(ReasonOf(Lookup("203.0.113.7:40000", "10.0.0.5:5432")),
            AbsentReason::kHostStale);
  // The other end would know.
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432")),
            AbsentReason::kNotSeenSince);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000")), AbsentReason::kNotSeenSince);

  Register(Agent("db1"), {});
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:5432")), AbsentReason::kNotSeenSince);
}

TEST_F(LookupTest, WhatASilentHostReportedIsFoundAllTheSame) {
  Register(Agent("db1"), {}, {TcpListener("0.0.0.0:5432")},
           {Owned({"10.0.0.5"})});
  Pass(kTtl);
  EXPECT_THAT(ListenersOf(Lookup("10.0.0.5:5432")), SizeIs(1));
}

TEST_F(LookupTest, NotMoreThan16SilentHostsAreNamed) {
  for (int i = 0; i < 20; ++i)
    Register(Agent(absl::StrCat("db", i)), {}, {}, {Owned({"10.0.0.5"})});
  Pass(kTtl);
  EXPECT_THAT(AbsentOf(Lookup("10.0.0.5:5432")).stale_hosts, SizeIs(16));
}

// ---- Large answers ----

TEST_F(LookupTest, MoreThanAnAnswerHoldsIsCutAndSaidSo) {
  std::vector<ConnectionFacts> rows;
  for (int port = 10000; port < 11001; ++port)
    rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
  Register(Agent("db1"), rows);
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  EXPECT_THAT(ConnectionsOf(answer), SizeIs(1000));
  EXPECT_TRUE(answer.coverage.truncated);
  EXPECT_FALSE(Lookup("10.0.0.9:10000").coverage.truncated);
}

TEST_F(LookupTest, MoreListenersThanAnAnswerHoldsAreCutAndSaidSo) {
  std::vector<ListenerFacts> listeners;
  for (uint64_t cookie = 1; cookie <= 1001; ++cookie)
    listeners.push_back(TcpListener("10.0.0.5:80", cookie));
  Register(Agent("db1"), {}, listeners);
  const LookupAnswer answer = Lookup("10.0.0.5:80");
  EXPECT_THAT(ListenersOf(answer), SizeIs(1000));
  EXPECT_TRUE(answer.coverage.truncated);
}

// ---- Coverage ----

TEST_F(LookupTest, CoverageCountsInTheScopeOfTheQuestion) {
  Register(Agent("web1", "vpc-a"), {});
  Register(Agent("web2", "vpc-a"), {});
  Register(Agent("db1", "vpc-b"), {});
  Register(Program("db2", "app", "vpc-b"), {});
  const auto live = [&](const Scope& scope) {
    return Lookup("10.0.0.5:80", scope).coverage.hosts.live;
  };
  EXPECT_EQ(live({}), 3u);
  EXPECT_EQ(live({.network = "vpc-a"}), 2u);
  EXPECT_EQ(live({.network = "vpc-b"}), 1u);
  EXPECT_EQ(live({.host = "web1"}), 1u);
  EXPECT_EQ(live({.host = "db2"}), 0u);
  EXPECT_EQ(live({.network = "vpc-b", .host = "web1"}), 0u);

  Pass(kTtl);
  const HostCounts hosts =
      Lookup("10.0.0.5:80", {.network = "vpc-a"}).coverage.hosts;
  EXPECT_EQ(hosts.live, 0u);
  EXPECT_EQ(hosts.stale, 2u);
}

// ---- Batches ----

// Whether that is a connection.
bool IsConnection(const BatchFinding& finding) {
  return std::holds_alternative<BriefConnection>(finding) ||
         std::holds_alternative<FoundConnections>(
             std::get<LookupFinding>(finding));
}

// What is no brief connection.
template <typename Found>
Found Get(const BatchFinding& finding) {
  return std::get<Found>(std::get<LookupFinding>(finding));
}

TEST_F(LookupTest, ABatchAnswersEachQuestionInItsPlace) {
  Register(Agent("web1"),
           {Tcp("10.0.0.9:51000", "10.0.0.5:5432"),
            Udp("10.0.0.9:51001", "10.0.0.5:53")},
           {TcpListener("10.0.0.9:80")});
  const BatchLookupAnswer answer = registry_.BatchLookup(
      {.tuples = {Pair("203.0.113.7:40000", "10.0.0.9:80"),
                  Pair("10.0.0.5:5432", "10.0.0.9:51000"),
                  Pair("10.0.0.9:51001", "10.0.0.5:53"),
                  Pair("10.0.0.9:51001", "10.0.0.5:53"),
                  Pair("10.0.0.9:51000", "10.0.0.5:5432")},
       .transports = {{}, {}, Transport::kTcp, Transport::kUdp, {}}});
  ASSERT_THAT(answer.found, SizeIs(5));
  EXPECT_THAT(Get<FoundListeners>(answer.found[0]).listeners, SizeIs(1));
  EXPECT_TRUE(IsConnection(answer.found[1]));
  EXPECT_THAT(Get<Absent>(answer.found[2]).closed, SizeIs(0));
  EXPECT_TRUE(IsConnection(answer.found[3]));
  EXPECT_TRUE(IsConnection(answer.found[4]));
  EXPECT_EQ(answer.coverage.hosts.live, 1u);
}

TEST_F(LookupTest, ABatchOfOneNetworkAndHostSpeaksForThem) {
  Register(Agent("web1", "vpc-a"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")});
  Register(Agent("web1", "vpc-b"), {});
  const auto found = [&](const std::string& network, const std::string& host) {
    return registry_.BatchLookup(
        {.tuples = {Pair("10.0.0.9:51000", "10.0.0.5:5432")},
         .network = network,
         .host = host});
  };
  EXPECT_TRUE(IsConnection(found("vpc-a", "web1").found[0]));
  EXPECT_EQ(Get<Absent>(found("vpc-b", "web1").found[0]).reason,
            AbsentReason::kNotSeenSince);
  EXPECT_EQ(Get<Absent>(found("vpc-a", "web2").found[0]).reason,
            AbsentReason::kNoSuchHost);
  EXPECT_EQ(found("vpc-b", "").coverage.hosts.live, 1u);
}

// ---- Endpoints and four-tuples ----

TEST_F(LookupTest, AnEndpointIsOneListenerAndAnyNumberOfConnections) {
  Register(Agent("db1"),
           {Tcp("10.0.0.5:5432", "10.0.0.9:51000"),
            Tcp("10.0.0.5:5432", "10.0.0.9:51001"),
            Tcp("10.0.0.5:5432", "10.0.0.8:51000")},
           {TcpListener("10.0.0.5:5432")}, {Owned({"10.0.0.5"})});
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.5:5432")), SizeIs(3));
  EXPECT_THAT(registry_.ListListeners({.page_size = 10}).listeners, SizeIs(1));
  const std::vector<EndpointSummary> endpoints =
      registry_
          .ListEndpoints(
              {.prefix = Prefix::Parse("10.0.0.5").value(), .page_size = 10})
          .endpoints;
  ASSERT_THAT(endpoints, SizeIs(1));
  EXPECT_EQ(endpoints[0].listener_count, 1u);
  EXPECT_EQ(endpoints[0].states,
            (StateCounts{{ConnectionState::kEstablished, 3}}));
}

TEST_F(LookupTest, AClientsEndpointMayHaveTwoServersAtOnce) {
  Register(Agent("web1"), {Tcp("127.0.0.1:40131", "127.0.0.1:80"),
                           Tcp("127.0.0.1:40131", "127.0.0.1:81")});
  EXPECT_THAT(ConnectionsOf(Lookup("127.0.0.1:40131")), SizeIs(2));
  EXPECT_THAT(ConnectionsOf(Lookup("127.0.0.1:40131", "127.0.0.1:81")),
              SizeIs(1));
}

TEST_F(LookupTest, AQuietConnectionStaysWhileItsHostReports) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432"),
                           Udp("10.0.0.9:40000", "10.0.0.5:53")});
  for (absl::Duration quiet; quiet < absl::Hours(9); quiet += kTtl / 2) {
    Pass(kTtl / 2);
    Register(Agent("web1"), {});
  }
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:51000")), SizeIs(1));
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:40000")), SizeIs(1));
}

// ---- Interfaces ----

// A host of one namespace, with a listener on each of its interfaces.
class InterfacesTest : public LookupTest {
 protected:
  InterfacesTest() {
    std::vector<ListenerFacts> listeners;
    for (const char* device : {"eth0", "eth1", "lo"}) {
      listeners.push_back(
          InNetns("1", TcpListener("0.0.0.0:80", listeners.size() + 1)));
      listeners.back().device = device;
    }
    NetworkNamespace owned =
        Owned({"10.0.0.5", "10.0.1.5", "127.0.0.0/8"}, "1");
    owned.prefixes[0].device = "eth0";
    owned.prefixes[1].device = "eth1";
    owned.prefixes[2].device = "lo";
    Register(Agent("db1"), {}, listeners, {owned});
  }

  // "device", and "device?" where that is not verified.
  static std::vector<std::string> DevicesOf(const LookupAnswer& answer) {
    std::vector<std::string> devices;
    for (const ListenerAnswer& taker : ListenersOf(answer))
      devices.push_back(absl::StrCat(taker.listener.facts.device,
                                     taker.device_unverified ? "?" : ""));
    return devices;
  }
};

TEST_F(InterfacesTest, APacketOfTheNamespaceArrivesByTheOneOfItsAddress) {
  EXPECT_THAT(DevicesOf(Lookup("10.0.1.5:5000", "10.0.0.5:80")),
              ElementsAre("eth0"));
  EXPECT_THAT(DevicesOf(Lookup("127.0.0.1:5000", "10.0.1.5:80")),
              ElementsAre("eth1"));
}

TEST_F(InterfacesTest, ALoopbackPacketArrivesByLoopback) {
  EXPECT_THAT(DevicesOf(Lookup("127.0.0.1:80")), ElementsAre("lo"));
}

TEST_F(InterfacesTest, APacketFromElsewhereArrivesByAnyButLoopback) {
  EXPECT_THAT(DevicesOf(Lookup("10.0.0.9:5000", "10.0.0.5:80")),
              UnorderedElementsAre("eth0?", "eth1?"));
}

TEST_F(InterfacesTest, APacketFromNobodyKnowsWhereMayArriveByAny) {
  EXPECT_THAT(DevicesOf(Lookup("10.0.0.5:80")),
              UnorderedElementsAre("eth0?", "eth1?", "lo?"));
}

}  // namespace
}  // namespace connreg
