// How endpoints are listed, and what is told of each.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListEndpointsTest : public RegistryFixture {
 protected:
  static EndpointQuery Of(absl::string_view prefix, const Scope& scope = {}) {
    return {.scope = scope,
            .prefix = Prefix::Parse(prefix).value(),
            .page_size = 1000};
  }
  static EndpointQuery OfHost(const std::string& host) {
    return {.scope = {.host = host}, .page_size = 1000};
  }
  // "endpoint transport: listeners, connections".
  static std::string Described(const EndpointSummary& summary) {
    size_t connections = 0;
    for (const auto& [state, count] : summary.states) connections += count;
    return absl::StrCat(
        summary.place.endpoint.ToString(),
        summary.place.transport == Transport::kTcp ? " tcp: " : " udp: ",
        summary.listener_count, ", ", connections);
  }
  // All, gone through by pages.
  std::vector<std::string> Listed(EndpointQuery query) {
    std::vector<std::string> listed;
    do {
      const EndpointPage page = registry_.ListEndpoints(query);
      EXPECT_LE(page.endpoints.size(), query.page_size);
      for (const EndpointSummary& summary : page.endpoints)
        listed.push_back(Described(summary));
      query.after = page.next;
    } while (query.after);
    return listed;
  }
  // The same, behind "host/netns ".
  std::vector<std::string> Placed(const EndpointQuery& query) {
    std::vector<std::string> placed;
    for (const EndpointSummary& summary :
         registry_.ListEndpoints(query).endpoints)
      placed.push_back(absl::StrCat(summary.place.host, "/",
                                    summary.place.netns, " ",
                                    Described(summary)));
    return placed;
  }
  std::vector<std::string> ListedBy(size_t page_size, EndpointQuery query) {
    query.page_size = page_size;
    return Listed(query);
  }
};

TEST_F(ListEndpointsTest, BothEndsOfAConnectionAreEndpoints) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")});
  EXPECT_THAT(
      Listed(Of("10.0.0.0/24")),
      ElementsAre("10.0.0.5:5432 tcp: 0, 1", "10.0.0.9:51000 tcp: 0, 1"));
}

TEST_F(ListEndpointsTest, AreListedByAddressPrefixOrHost) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.1.5:5432")},
           {TcpListener("10.0.0.9:80")});
  Register(Agent("web2"), {}, {TcpListener("10.0.0.10:80")});
  EXPECT_THAT(Listed(Of("10.0.0.9")),
              ElementsAre("10.0.0.9:80 tcp: 1, 0", "10.0.0.9:51000 tcp: 0, 1"));
  EXPECT_THAT(Listed(Of("10.0.0.0/24")),
              ElementsAre("10.0.0.9:80 tcp: 1, 0", "10.0.0.9:51000 tcp: 0, 1",
                          "10.0.0.10:80 tcp: 1, 0"));
  EXPECT_THAT(Listed(OfHost("web1")),
              ElementsAre("10.0.0.9:80 tcp: 1, 0", "10.0.0.9:51000 tcp: 0, 1"));
  EXPECT_THAT(Listed(Of("10.0.0.0/24", {.host = "web2"})),
              ElementsAre("10.0.0.10:80 tcp: 1, 0"));
  EXPECT_THAT(Listed(Of("10.0.0.0/24", {.network = "other"})), IsEmpty());
  EXPECT_THAT(Listed(Of("192.168.0.0/16")), IsEmpty());
}

TEST_F(ListEndpointsTest, APairIsCountedOnceAtEachEnd) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {Tcp("10.0.0.5:5432", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  EXPECT_THAT(
      Listed(Of("10.0.0.0/24")),
      ElementsAre("10.0.0.5:5432 tcp: 0, 1", "10.0.0.9:51000 tcp: 0, 1"));
  EXPECT_THAT(Listed(OfHost("db1")), ElementsAre("10.0.0.5:5432 tcp: 0, 1"));
}

TEST_F(ListEndpointsTest, ASocketConnectedToItselfIsCountedOnce) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.9:51000")});
  EXPECT_THAT(Listed(Of("10.0.0.9")), ElementsAre("10.0.0.9:51000 tcp: 0, 1"));
}

TEST_F(ListEndpointsTest, TcpAndUdpOfOneEndpointAreApart) {
  Register(Agent("dns1"), {Udp("10.0.0.5:53", "10.0.0.9:40000")},
           {UdpListener("10.0.0.5:53"), TcpListener("10.0.0.5:53")});
  EXPECT_THAT(Listed(Of("10.0.0.5")),
              ElementsAre("10.0.0.5:53 tcp: 1, 0", "10.0.0.5:53 udp: 1, 1"));
  EXPECT_THAT(Listed(Of("10.0.0.5", {.transport = Transport::kUdp})),
              ElementsAre("10.0.0.5:53 udp: 1, 1"));
}

TEST_F(ListEndpointsTest, OneEndpointInTwoNetworksIsTwo) {
  Register(Agent("a", "vpc-a"), {}, {TcpListener("10.0.0.5:80")});
  Register(Agent("b", "vpc-b"), {}, {TcpListener("10.0.0.5:80")});
  EXPECT_THAT(Listed(Of("10.0.0.5")),
              ElementsAre("10.0.0.5:80 tcp: 1, 0", "10.0.0.5:80 tcp: 1, 0"));
  EXPECT_THAT(ListedBy(1, Of("10.0.0.5")), SizeIs(2));
  const EndpointPage page =
      registry_.ListEndpoints(Of("10.0.0.5", {.network = "vpc-b"}));
  ASSERT_THAT(page.endpoints, SizeIs(1));
  EXPECT_EQ(page.endpoints[0].place.network, "vpc-b");
}

TEST_F(ListEndpointsTest, CountConnectionsByTheirOwnEndsState) {
  using enum ConnectionState;
  Register(Agent("web1"),
           {InState(kFinWait2, Tcp("10.0.0.9:51000", "10.0.0.5:80")),
            Tcp("10.0.0.9:51001", "10.0.0.5:80")},
           {}, {Owned({"10.0.0.9"})});
  Register(Agent("db1"),
           {InState(kCloseWait, Tcp("10.0.0.5:80", "10.0.0.9:51000")),
            Tcp("10.0.0.5:80", "10.0.0.9:51001"),
            Tcp("10.0.0.5:80", "203.0.113.7:40000")},
           {}, {Owned({"10.0.0.5"})});
  const std::vector<EndpointSummary> endpoints =
      registry_.ListEndpoints(Of("10.0.0.0/24")).endpoints;
  ASSERT_THAT(endpoints, SizeIs(3));
  EXPECT_EQ(endpoints[0].states,
            (StateCounts{{kEstablished, 2}, {kCloseWait, 1}}));
  EXPECT_EQ(endpoints[1].states, (StateCounts{{kFinWait2, 1}}));
  EXPECT_EQ(endpoints[2].states, (StateCounts{{kEstablished, 1}}));
}

TEST_F(ListEndpointsTest, AnEndThatIsNotReportedHasTheOthersState) {
  using enum ConnectionState;
  Register(Agent("web1"),
           {InState(kCloseWait, Tcp("10.0.0.9:51000", "203.0.113.7:443"))});
  const std::vector<EndpointSummary> endpoints =
      registry_.ListEndpoints(Of("203.0.113.7")).endpoints;
  ASSERT_THAT(endpoints, SizeIs(1));
  EXPECT_EQ(endpoints[0].states, (StateCounts{{kCloseWait, 1}}));
}

TEST_F(ListEndpointsTest, WhatHasEndedDoesNotCount) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")});
  DeregisterAll(Agent("web1"));
  EXPECT_THAT(Listed(Of("10.0.0.0/24")), IsEmpty());
}

// ---- Hosts and namespaces ----

TEST_F(ListEndpointsTest, OneEndpointInTwoNamespacesIsTwo) {
  Register(Agent("a"), {InNetns("2", Tcp("172.17.0.2:80", "172.17.0.3:5000"))},
           {InNetns("1", TcpListener("172.17.0.2:80")),
            InNetns("2", TcpListener("172.17.0.2:80"))});
  Register(Agent("b"), {}, {InNetns("1", TcpListener("172.17.0.2:80"))});
  EXPECT_THAT(
      Placed(Of("172.17.0.2")),
      ElementsAre("a/1 172.17.0.2:80 tcp: 1, 0", "a/2 172.17.0.2:80 tcp: 1, 1",
                  "b/1 172.17.0.2:80 tcp: 1, 0"));
  EXPECT_THAT(ListedBy(1, Of("172.17.0.2")), SizeIs(3));
}

TEST_F(ListEndpointsTest, AWildcardIsListedInEachNamespace) {
  Register(Agent("a"), {},
           {InNetns("1", TcpListener("0.0.0.0:80")),
            InNetns("2", TcpListener("0.0.0.0:80"))},
           {Owned({"10.0.0.5"}, "1"), Owned({"172.17.0.2"}, "2")});
  EXPECT_THAT(Placed(OfHost("a")), ElementsAre("a/1 0.0.0.0:80 tcp: 1, 0",
                                               "a/2 0.0.0.0:80 tcp: 1, 0"));
  EXPECT_THAT(
      Placed(Of("0.0.0.0/0")),
      ElementsAre("a/1 0.0.0.0:80 tcp: 1, 0", "a/2 0.0.0.0:80 tcp: 1, 0",
                  "a/1 10.0.0.5:80 tcp: 1, 0", "a/2 172.17.0.2:80 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, AnEndThatIsNotReportedIsWhereItsAddressIs) {
  Register(Agent("db1"), {}, {InNetns("1", TcpListener("10.0.0.5:5432"))},
           {Owned({"10.0.0.5"}, "1")});
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432"),
                           Tcp("10.0.0.9:51001", "203.0.113.7:443")});
  EXPECT_THAT(Placed(Of("10.0.0.5")),
              ElementsAre("db1/1 10.0.0.5:5432 tcp: 1, 1"));
  EXPECT_THAT(Placed(Of("203.0.113.7")),
              ElementsAre("/ 203.0.113.7:443 tcp: 0, 1"));
}

TEST_F(ListEndpointsTest, AnEndThatIsNotReportedIsNowhereIfTwoOwnItsAddress) {
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"}, "1")});
  Register(Agent("db2"), {}, {}, {Owned({"10.0.0.5"}, "1")});
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")});
  EXPECT_THAT(Placed(Of("10.0.0.5")), ElementsAre("/ 10.0.0.5:5432 tcp: 0, 1"));
}

TEST_F(ListEndpointsTest, AnEndThatIsNotReportedIsWhereAHostHasSockets) {
  Register(Agent("db1"), {}, {InNetns("1", TcpListener("10.0.0.5:5432"))});
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432"),
                           Udp("10.0.0.9:51000", "10.0.0.5:5432")});
  EXPECT_THAT(Placed(Of("10.0.0.5")),
              ElementsAre("db1/1 10.0.0.5:5432 tcp: 1, 1",
                          "/ 10.0.0.5:5432 udp: 0, 1"));
  Register(Agent("db2"), {}, {InNetns("1", TcpListener("10.0.0.5:5432"))});
  EXPECT_THAT(
      Placed(Of("10.0.0.5", {.transport = Transport::kTcp})),
      ElementsAre("/ 10.0.0.5:5432 tcp: 0, 1", "db1/1 10.0.0.5:5432 tcp: 1, 0",
                  "db2/1 10.0.0.5:5432 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, ANamespaceIsCalledWhatItsReporterCallsIt) {
  NetworkNamespace blue = Owned({"10.0.0.5"}, "1");
  blue.name = "blue";
  Register(Agent("db1"), {}, {InNetns("1", TcpListener("10.0.0.5:5432"))},
           {blue});
  const EndpointPage page = registry_.ListEndpoints(Of("10.0.0.5"));
  ASSERT_THAT(page.endpoints, SizeIs(1));
  EXPECT_EQ(page.endpoints[0].netns_name, "blue");
}

// ---- Wildcards ----

TEST_F(ListEndpointsTest, AWildcardListenerIsAtEachSingleAddressOfItsHost) {
  Register(Agent("web1"), {}, {TcpListener("0.0.0.0:80")},
           {Owned({"10.0.0.9", "10.0.0.10", "10.0.0.128/25"})});
  Register(Agent("web2"), {}, {TcpListener("0.0.0.0:81")},
           {Owned({"10.0.0.11"})});
  EXPECT_THAT(Listed(Of("10.0.0.0/24")),
              ElementsAre("10.0.0.9:80 tcp: 1, 0", "10.0.0.10:80 tcp: 1, 0",
                          "10.0.0.11:81 tcp: 1, 0"));
  EXPECT_THAT(Listed(Of("10.0.0.0/24", {.host = "web2"})),
              ElementsAre("10.0.0.11:81 tcp: 1, 0"));
  EXPECT_THAT(Listed(Of("10.0.0.10")), ElementsAre("10.0.0.10:80 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, AWildcardListenerOfAHostIsListedAsItIsBound) {
  Register(Agent("web1"), {}, {TcpListener("0.0.0.0:80")},
           {Owned({"10.0.0.9"})});
  EXPECT_THAT(Listed(OfHost("web1")), ElementsAre("0.0.0.0:80 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, AWildcardOfAnotherNamespaceIsNotAtAnAddress) {
  Register(Agent("web1"), {}, {InNetns("2", TcpListener("0.0.0.0:80"))},
           {Owned({"10.0.0.9"}, "1"), Owned({"172.17.0.2"}, "2")});
  EXPECT_THAT(Listed(Of("0.0.0.0/0")),
              ElementsAre("0.0.0.0:80 tcp: 1, 0", "172.17.0.2:80 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, ADualStackWildcardIsAtAddressesOfBothFamilies) {
  ListenerFacts v6_only = TcpListener("[::]:81");
  v6_only.v6_only = true;
  Register(Agent("web1"), {}, {TcpListener("[::]:80"), v6_only},
           {Owned({"10.0.0.9", "2001:db8::9"})});
  EXPECT_THAT(Listed(Of("10.0.0.0/24")), ElementsAre("10.0.0.9:80 tcp: 1, 0"));
  EXPECT_THAT(
      Listed(Of("2001:db8::/32")),
      ElementsAre("[2001:db8::9]:80 tcp: 1, 0", "[2001:db8::9]:81 tcp: 1, 0"));
}

TEST_F(ListEndpointsTest, NotMoreThan16ListenersAreShownAndAllAreCounted) {
  std::vector<ListenerFacts> listeners;
  for (uint64_t cookie = 1; cookie <= 20; ++cookie)
    listeners.push_back(TcpListener("10.0.0.9:80", cookie));
  Register(Agent("web1"), {}, listeners);
  const std::vector<EndpointSummary> endpoints =
      registry_.ListEndpoints(Of("10.0.0.9")).endpoints;
  ASSERT_THAT(endpoints, SizeIs(1));
  EXPECT_THAT(endpoints[0].listeners, SizeIs(16));
  EXPECT_EQ(endpoints[0].listener_count, 20u);
}

// ---- Host-local addresses ----

TEST_F(ListEndpointsTest, HostLocalAddressesAreListedOfANamedHostOnly) {
  for (const char* host : {"web1", "web2"}) {
    Register(Agent(host),
             {Tcp("127.0.0.1:40000", "127.0.0.1:6379"),
              Tcp("127.0.0.1:6379", "127.0.0.1:40000")},
             {TcpListener("127.0.0.1:6379"), TcpListener("0.0.0.0:80")},
             {Owned({"127.0.0.1", "10.0.0.9"})});
  }
  EXPECT_THAT(Listed(Of("127.0.0.0/8")), IsEmpty());
  EXPECT_THAT(Listed(Of("127.0.0.0/8", {.host = "web2"})),
              ElementsAre("127.0.0.1:80 tcp: 1, 0", "127.0.0.1:6379 tcp: 1, 1",
                          "127.0.0.1:40000 tcp: 0, 1"));
  EXPECT_THAT(Listed(OfHost("web1")),
              ElementsAre("0.0.0.0:80 tcp: 1, 0", "127.0.0.1:6379 tcp: 1, 1",
                          "127.0.0.1:40000 tcp: 0, 1"));
}

// ---- Order and pages ----

TEST_F(ListEndpointsTest, AreOrderedByAddressPortTransportAndNetwork) {
  Register(Agent("web1", "vpc-b"), {},
           {TcpListener("10.0.0.10:22"), TcpListener("10.0.0.9:443"),
            TcpListener("10.0.0.9:80"), UdpListener("10.0.0.9:80")});
  Register(Agent("web2", "vpc-a"), {}, {UdpListener("10.0.0.9:80")});
  std::vector<std::string> order;
  for (const EndpointSummary& summary :
       registry_.ListEndpoints(Of("10.0.0.0/24")).endpoints)
    order.push_back(
        absl::StrCat(Described(summary), " ", summary.place.network));
  EXPECT_THAT(
      order,
      ElementsAre("10.0.0.9:80 tcp: 1, 0 vpc-b", "10.0.0.9:80 udp: 1, 0 vpc-a",
                  "10.0.0.9:80 udp: 1, 0 vpc-b", "10.0.0.9:443 tcp: 1, 0 vpc-b",
                  "10.0.0.10:22 tcp: 1, 0 vpc-b"));
}

TEST_F(ListEndpointsTest, PagesOfAnySizeHoldAllOnce) {
  std::vector<ConnectionFacts> connections;
  std::vector<ListenerFacts> listeners;
  for (int i = 0; i < 12; ++i) {
    connections.push_back(Tcp(absl::StrCat("10.0.0.9:", 5000 + i),
                              absl::StrCat("10.0.0.", 100 + i, ":80")));
    listeners.push_back(TcpListener(absl::StrCat("0.0.0.0:", 80 + i)));
  }
  Register(Agent("web1"), connections, listeners,
           {Owned({"10.0.0.8", "10.0.0.9"})});
  for (const EndpointQuery& query :
       {Of("10.0.0.0/24"), Of("10.0.0.0/24", {.host = "web1"}), OfHost("web1"),
        Of("10.0.0.9")}) {
    const std::vector<std::string> all = Listed(query);
    EXPECT_GE(all.size(), 24u);
    for (const size_t page_size : {1, 2, 3, 5, 11, 12, 13, 35, 36, 37})
      EXPECT_THAT(ListedBy(page_size, query), ElementsAreArray(all))
          << "by " << page_size;
  }
}

TEST_F(ListEndpointsTest, WhatStaysAppearsOnceWhileOthersComeAndGo) {
  std::vector<ConnectionFacts> staying;
  std::vector<ConnectionFacts> moving;
  for (int i = 0; i < 40; ++i) {
    (i % 2 == 0 ? staying : moving)
        .push_back(Tcp(absl::StrCat("10.0.0.9:", 5000 + i),
                       absl::StrCat("10.0.1.", 100 + i, ":80")));
  }
  Register(Agent("web1"), staying);
  std::map<std::string, int> times;
  EndpointQuery query = Of("10.0.0.0/16");
  query.page_size = 1;
  for (bool come = true;; come = !come) {
    if (come) {
      Register(Agent("web1"), moving);
    } else {
      Deregister(Agent("web1"), moving);
    }
    const EndpointPage page = registry_.ListEndpoints(query);
    for (const EndpointSummary& summary : page.endpoints)
      ++times[summary.place.endpoint.ToString()];
    query.after = page.next;
    if (!query.after) break;
  }
  for (const ConnectionFacts& facts : staying) {
    EXPECT_EQ(times[facts.tuple.local().ToString()], 1);
    EXPECT_EQ(times[facts.tuple.remote().ToString()], 1);
  }
  for (const auto& [endpoint, count] : times) EXPECT_EQ(count, 1) << endpoint;
}

TEST_F(ListEndpointsTest, APageGoesOnBehindEndpointsThatNothingIsAt) {
  // Of the first address no namespace with a listener is.
  for (int ports = 1; ports <= 12; ++ports) {
    std::vector<ListenerFacts> listeners;
    for (int port = 80; port < 80 + ports; ++port)
      listeners.push_back(
          InNetns("2", TcpListener(absl::StrCat("0.0.0.0:", port))));
    Register(Agent("web1"), {}, listeners,
             {Owned({"10.0.0.9"}, "1"), Owned({"10.0.0.10"}, "2")});
    for (const size_t page_size : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
      EXPECT_THAT(ListedBy(page_size, Of("10.0.0.0/24")), SizeIs(ports))
          << ports << " by " << page_size;
  }
}

TEST_F(ListEndpointsTest, APageGoesOnBehindEndpointsOfOtherNetworks) {
  for (int port = 1000; port < 1100; ++port)
    Register(Agent("a", "vpc-a"),
             {Tcp(absl::StrCat("10.0.0.1:", port), "10.0.0.2:80")});
  Register(Agent("b", "vpc-b"), {Tcp("10.0.0.8:1000", "10.0.0.9:80")});
  for (const size_t page_size : {1, 2, 3, 10, 100})
    EXPECT_THAT(ListedBy(page_size, Of("10.0.0.0/24", {.network = "vpc-b"})),
                SizeIs(2))
        << "by " << page_size;
}

TEST_F(ListEndpointsTest, CoverageIsOfTheScope) {
  Register(Agent("web1"), {});
  EXPECT_EQ(registry_.ListEndpoints(OfHost("web1")).coverage.hosts.live, 1u);
  EXPECT_EQ(registry_.ListEndpoints(OfHost("web2")).coverage.hosts.live, 0u);
}

}  // namespace
}  // namespace connreg
