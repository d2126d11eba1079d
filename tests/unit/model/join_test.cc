#include "service/model/join.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/unit/model/joined.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// ---- One host ----

TEST(JoinTest, MakesNothingOfNothing) { EXPECT_THAT(Joined({}), IsEmpty()); }

TEST(JoinTest, JoinsTheEndsInOneNamespace) {
  EXPECT_THAT(Joined({Client(kS), Server(kS)}),
              ElementsAre(Joins(Client(kS), Server(kS))));
}

TEST(JoinTest, JoinsContainersOfOneHost) {
  const Observation client = Client(On("s", "1"));
  const Observation server = Server(On("s", "2"));

  EXPECT_THAT(Joined({client, server}), ElementsAre(Joins(client, server)));
}

TEST(JoinTest, PrefersTheSameNamespaceToAnotherOfTheHost) {
  const Observation client = Client(On("s", "1"));
  const Observation near = Server(On("s", "1"));
  const Observation far = Server(On("s", "2"));

  EXPECT_THAT(
      Joined({client, far, near}),
      UnorderedElementsAre(Joins(client, near),
                           IsOneSided(far, OneSidedReason::kUnmanaged)));
}

TEST(JoinTest, KeepsApartOneFourTupleThatLivesInTwoNamespaces) {
  const Observation client_1 = Client(On("s", "1"));
  const Observation client_2 = Client(On("s", "2"));
  const Observation server_1 = Server(On("s", "1"));
  const Observation server_2 = Server(On("s", "2"));

  EXPECT_THAT(Joined({client_1, client_2, server_1, server_2}),
              UnorderedElementsAre(Joins(client_1, server_1),
                                   Joins(client_2, server_2)));
}

TEST(JoinTest, DoesNotGuessWhichOfTwoNamespacesHasTheOtherEnd) {
  const Observation client = Client(On("s", "1"));
  const Observation server_2 = Server(On("s", "2"));
  const Observation server_3 = Server(On("s", "3"));

  EXPECT_THAT(
      Joined({client, server_2, server_3}),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kAmbiguous),
                           IsOneSided(server_2, OneSidedReason::kAmbiguous),
                           IsOneSided(server_3, OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, DoesNotCallAnEndAmbiguousForAnotherConnectionsEnds) {
  const Observation client_1 = Client(On("s", "1"));
  const Observation server_1 = Server(On("s", "1"));
  const Observation client_2 = Client(On("s", "2"));

  EXPECT_THAT(
      Joined({client_1, server_1, client_2},
             Ownership().Owns(On("s", "2"), "10.0.0.5")),
      UnorderedElementsAre(Joins(client_1, server_1),
                           IsOneSided(client_2, OneSidedReason::kNotReported)));
}

TEST(JoinTest, JoinsContainersOfEachHostThoughHostsUseTheSameAddresses) {
  std::vector<Observation> rows;
  Ownership ownership;
  for (const char* host : {"h1", "h2"}) {
    rows.push_back(Client(On(host, "1")));
    rows.push_back(Server(On(host, "2")));
    ownership.Owns(On(host, "1"), "10.0.0.9").Owns(On(host, "2"), "10.0.0.5");
  }

  EXPECT_THAT(
      Joined(rows, ownership),
      UnorderedElementsAre(Joins(rows[0], rows[1]), Joins(rows[2], rows[3])));
}

TEST(JoinTest, JoinsAnIpv4MappedEndWithAPlainOne) {
  Observation client = Client(kS);
  client.facts.socket.family = SocketFamily::kIpv4;
  Observation server =
      End(kS, "[::ffff:10.0.0.5]:5432", "[::ffff:10.0.0.9]:51000");
  server.facts.socket.family = SocketFamily::kIpv6;

  EXPECT_THAT(Joined({client, server}), ElementsAre(Joins(client, server)));
}

TEST(JoinTest, LeavesTheSameDirectionApart) {
  const Observation one = Client(On("s", "1"));
  const Observation two = Client(On("s", "2"));

  EXPECT_THAT(
      Joined({one, two}),
      UnorderedElementsAre(IsOneSided(one, OneSidedReason::kUnmanaged),
                           IsOneSided(two, OneSidedReason::kUnmanaged)));
}

// ---- Loopback and link-local addresses ----

TEST(JoinTest, JoinsLoopbackInOneNamespace) {
  const Observation client = End(kS, "127.0.0.1:40000", "127.0.0.1:6379");
  const Observation server = End(kS, "127.0.0.1:6379", "127.0.0.1:40000");

  EXPECT_THAT(Joined({client, server}), ElementsAre(Joins(client, server)));
}

TEST(JoinTest, NeverJoinsLoopbackAcrossNamespacesOrHosts) {
  for (const auto& [address, zone] :
       {std::pair("127.0.0.1", ""), std::pair("127.255.0.5", ""),
        std::pair("[::1]", ""), std::pair("[::ffff:127.0.0.9]", "")}) {
    const std::string client_end = absl::StrCat(address, zone, ":40000");
    const std::string server_end = absl::StrCat(address, zone, ":6379");
    const Observation client = End(On("s", "1"), client_end, server_end);
    for (const Place& place : {On("s", "2"), On("c", "1")}) {
      const Observation server = End(place, server_end, client_end);

      EXPECT_THAT(Joined({client, server}),
                  UnorderedElementsAre(
                      IsOneSided(client, OneSidedReason::kNotReported),
                      IsOneSided(server, OneSidedReason::kNotReported)))
          << address << " in " << place.host << "/" << place.netns;
    }
  }
}

TEST(JoinTest, NeverJoinsAcrossNamespacesIfEitherAddressIsLoopback) {
  const Observation client =
      End(On("s", "1"), "127.0.0.1:40000", "10.0.0.5:6379");
  const Observation server =
      End(On("s", "2"), "10.0.0.5:6379", "127.0.0.1:40000");

  EXPECT_THAT(
      Joined({client, server}, Ownership().Owns(On("s", "1"), "10.0.0.5")),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kNotReported),
                           IsOneSided(server, OneSidedReason::kNotReported)));
}

TEST(JoinTest, CannotTellWhetherLoopbackOfAnUntoldNamespaceIsTheSame) {
  const Observation client =
      End(On("s", ""), "127.0.0.1:40000", "127.0.0.1:6379");
  const Observation server =
      End(On("s", "1"), "127.0.0.1:6379", "127.0.0.1:40000");

  EXPECT_THAT(
      Joined({client, server}),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kAmbiguous),
                           IsOneSided(server, OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, JoinsLoopbackOfOneHostIfNeitherNamespaceWasTold) {
  const Observation client =
      End(On("s", ""), "127.0.0.1:40000", "127.0.0.1:6379");
  const Observation server =
      End(On("s", ""), "127.0.0.1:6379", "127.0.0.1:40000");

  EXPECT_THAT(Joined({client, server}), ElementsAre(Joins(client, server)));
}

TEST(JoinTest, NeverJoinsLinkLocalAcrossHosts) {
  const Observation client =
      End(kC, "[fe80::9%eth0]:51000", "[fe80::5%eth0]:22");
  const Observation server =
      End(kS, "[fe80::5%eth0]:22", "[fe80::9%eth0]:51000");

  EXPECT_THAT(
      Joined({client, server},
             Ownership().Owns(kC, "fe80::9%eth0").Owns(kS, "fe80::5%eth0")),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kAmbiguous),
                           IsOneSided(server, OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, JoinsLinkLocalInOneNamespace) {
  const Observation client =
      End(kS, "[fe80::5%eth0]:51000", "[fe80::5%eth0]:22");
  const Observation server =
      End(kS, "[fe80::5%eth0]:22", "[fe80::5%eth0]:51000");

  EXPECT_THAT(Joined({client, server}), ElementsAre(Joins(client, server)));
}

TEST(JoinTest, KnowsItsOwnLinkLocalAddress) {
  const Observation client =
      End(kS, "[fe80::5%eth0]:51000", "[fe80::5%eth0]:22");

  EXPECT_THAT(Joined({client}, Ownership().Owns(kS, "fe80::5%eth0")),
              ElementsAre(IsOneSided(client, OneSidedReason::kNotReported)));
}

// ---- Two hosts ----

TEST(JoinTest, JoinsHostsThatOwnTheirAddresses) {
  EXPECT_THAT(Joined({Client(), Server()}, EachItsOwn()),
              ElementsAre(Joins(Client(), Server())));
}

TEST(JoinTest, DoesNotJoinHostsOfUnknownAddresses) {
  EXPECT_THAT(
      Joined({Client(), Server()}),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kAmbiguous),
                           IsOneSided(Server(), OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, NeedsTheOwnershipOfBothAddresses) {
  for (const Ownership& half :
       {Ownership().Owns(kC, "10.0.0.9"), Ownership().Owns(kS, "10.0.0.5")}) {
    EXPECT_THAT(
        Joined({Client(), Server()}, half),
        UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kAmbiguous),
                             IsOneSided(Server(), OneSidedReason::kAmbiguous)));
  }
}

TEST(JoinTest, DoesNotJoinAHostThatDoesNotOwnTheAddress) {
  EXPECT_THAT(
      Joined({Client(), Server()},
             Ownership().Owns(kC, "10.0.0.9").Owns(kOther, "10.0.0.5")),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kNotReported),
                           IsOneSided(Server(), OneSidedReason::kNotReported)));
}

TEST(JoinTest, CannotTellIfAThirdHostOwnsTheServersAddressToo) {
  EXPECT_THAT(
      Joined({Client(), Server()}, EachItsOwn().Owns(kOther, "10.0.0.5")),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kAmbiguous),
                           IsOneSided(Server(), OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, CannotTellIfAThirdHostOwnsTheClientsAddressToo) {
  EXPECT_THAT(
      Joined({Client(), Server()}, EachItsOwn().Owns(kOther, "10.0.0.9")),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kAmbiguous),
                           IsOneSided(Server(), OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, DoesNotJoinAnEndWhoseOwnHostOwnsTheRemoteAddress) {
  EXPECT_THAT(
      Joined({Client(), Server()}, EachItsOwn().Owns(kC, "10.0.0.5")),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kNotReported),
                           IsOneSided(Server(), OneSidedReason::kNotReported)));
  EXPECT_THAT(
      Joined({Client(), Server()},
             EachItsOwn().Owns(On("s", "container"), "10.0.0.9")),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kNotReported),
                           IsOneSided(Server(), OneSidedReason::kNotReported)));
}

TEST(JoinTest, DoesNotJoinANamespaceThatDoesNotOwnTheAddress) {
  const Observation in_container = Server(On("s", "container"));

  EXPECT_THAT(Joined({Client(), in_container}, EachItsOwn()),
              UnorderedElementsAre(
                  IsOneSided(Client(), OneSidedReason::kNotReported),
                  IsOneSided(in_container, OneSidedReason::kNotReported)));
}

TEST(JoinTest, JoinsTheNamespaceThatOwnsTheAddress) {
  const Observation in_container = Server(On("s", "container"));

  EXPECT_THAT(Joined({Client(), Server(), in_container}, EachItsOwn()),
              UnorderedElementsAre(
                  Joins(Client(), Server()),
                  IsOneSided(in_container, OneSidedReason::kNotReported)));
}

TEST(JoinTest, TakesANamespaceThatWasNotToldForAnyOfTheHost) {
  const Observation untold = Server(On("s", ""));

  EXPECT_THAT(Joined({Client(), untold}, EachItsOwn()),
              ElementsAre(Joins(Client(), untold)));
  EXPECT_THAT(
      Joined({Client(), Server()},
             Ownership().Owns(kC, "10.0.0.9").Owns(On("s", ""), "10.0.0.5")),
      ElementsAre(Joins(Client(), Server())));
}

TEST(JoinTest, CannotTellWhichOfTwoNamespacesThatOwnTheAddressItIs) {
  const Observation in_container = Server(On("s", "container"));
  const Ownership ownership =
      EachItsOwn().Owns(On("s", "container"), "10.0.0.5");

  EXPECT_THAT(Joined({Client(), Server(), in_container}, ownership),
              UnorderedElementsAre(
                  IsOneSided(Client(), OneSidedReason::kAmbiguous),
                  IsOneSided(Server(), OneSidedReason::kAmbiguous),
                  IsOneSided(in_container, OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, PrefersAnEndOnTheSameHost) {
  const Observation local_server = Server(On("c", "container"));

  EXPECT_THAT(
      Joined({Client(), local_server, Server()}, EachItsOwn()),
      UnorderedElementsAre(Joins(Client(), local_server),
                           IsOneSided(Server(), OneSidedReason::kNotReported)));
}

// ---- What is never one connection ----

TEST(JoinTest, KeepsTcpAndUdpOfOneFourTupleApart) {
  const Observation client = Client(kS);
  const Observation server = OverUdp(Server(kS));

  EXPECT_THAT(
      Joined({client, server}),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kUnmanaged),
                           IsOneSided(server, OneSidedReason::kUnmanaged)));
  EXPECT_THAT(Joined({client, Server(kS), OverUdp(client), server}),
              UnorderedElementsAre(Joins(client, Server(kS)),
                                   Joins(OverUdp(client), server)));
}

TEST(JoinTest, NeverJoinsTwoNetworks) {
  Place a = kC;
  a.network = "vpc-a";
  Place b = kS;
  b.network = "vpc-b";
  Ownership ownership;
  for (const char* network : {"vpc-a", "vpc-b"}) {
    ownership.Owns({.host = "c", .network = network}, "10.0.0.9");
    ownership.Owns({.host = "s", .network = network}, "10.0.0.5");
  }

  EXPECT_THAT(Joined({Client(a), Server(b)}, ownership),
              UnorderedElementsAre(
                  IsOneSided(Client(a), OneSidedReason::kNotReported),
                  IsOneSided(Server(b), OneSidedReason::kNotReported)));
}

TEST(JoinTest, AsksForOwnersInTheNetworkOfTheEnds) {
  const Place client_a = {.host = "c", .network = "vpc-a"};
  const Place server_a = {.host = "s", .network = "vpc-a"};
  const Place client_b = {.host = "c", .network = "vpc-b"};
  const Place server_b = {.host = "s", .network = "vpc-b"};
  const Ownership ownership =
      Ownership().Owns(client_a, "10.0.0.9").Owns(server_a, "10.0.0.5");

  EXPECT_THAT(Joined({Client(client_a), Server(server_a), Client(client_b),
                      Server(server_b)},
                     ownership),
              UnorderedElementsAre(
                  Joins(Client(client_a), Server(server_a)),
                  IsOneSided(Client(client_b), OneSidedReason::kAmbiguous),
                  IsOneSided(Server(server_b), OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, LeavesTranslatedAddressesOneSided) {
  const Observation client =
      End(kC, "172.29.161.37:53792", "10.100.103.122:7778");
  const Observation server =
      End(kS, "172.29.191.94:7777", "172.29.161.37:53792");

  EXPECT_THAT(
      Joined({client, server},
             Ownership().Owns(kC, "172.29.161.37").Owns(kS, "172.29.191.94")),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kUnmanaged),
                           IsOneSided(server, OneSidedReason::kNotReported)));
}

// ---- One-sided ----

TEST(JoinTest, CallsAPeerWithoutAHostUnmanaged) {
  const Observation row = End(kC, "10.0.0.9:51000", "8.8.8.8:53");

  EXPECT_THAT(Joined({row}, EachItsOwn()),
              ElementsAre(IsOneSided(row, OneSidedReason::kUnmanaged)));
}

TEST(JoinTest, CallsAPeerOnAKnownHostNotReported) {
  EXPECT_THAT(Joined({Client()}, EachItsOwn()),
              ElementsAre(IsOneSided(Client(), OneSidedReason::kNotReported)));
}

TEST(JoinTest, CallsAPeerOnASilentHostStale) {
  EXPECT_THAT(Joined({Client()}, EachItsOwn().IsSilent(kS)),
              ElementsAre(IsOneSided(Client(), OneSidedReason::kStale)));
}

TEST(JoinTest, CallsAPeerNotReportedIfOneOfItsOwnersStillReports) {
  EXPECT_THAT(
      Joined({Client()}, EachItsOwn().Owns(kOther, "10.0.0.5").IsSilent(kS)),
      ElementsAre(IsOneSided(Client(), OneSidedReason::kNotReported)));
}

TEST(JoinTest, CallsAPeerAmbiguousThoughItsHostIsSilent) {
  EXPECT_THAT(
      Joined({Client(), Stale(Server())},
             EachItsOwn().Owns(kOther, "10.0.0.5").IsSilent(kS)),
      UnorderedElementsAre(IsOneSided(Client(), OneSidedReason::kAmbiguous),
                           IsOneSided(Server(), OneSidedReason::kAmbiguous)));
}

TEST(JoinTest, CallsALoopbackPeerStaleWithItsHost) {
  const Observation row = End(kC, "127.0.0.1:40000", "127.0.0.1:6379");

  EXPECT_THAT(Joined({Stale(row)}),
              ElementsAre(IsOneSided(row, OneSidedReason::kStale)));
  EXPECT_THAT(
      Joined({Stale(row)}, Ownership().Owns(kC, "127.0.0.1").IsSilent(kC)),
      ElementsAre(IsOneSided(row, OneSidedReason::kStale)));
}

TEST(JoinTest, CallsAPeerOfASilentHostUnmanagedAllTheSame) {
  const Observation row = Stale(End(kC, "10.0.0.9:51000", "8.8.8.8:53"));

  EXPECT_THAT(Joined({row}, EachItsOwn().IsSilent(kC)),
              ElementsAre(IsOneSided(row, OneSidedReason::kUnmanaged)));
}

TEST(JoinTest, CallsALoopbackPeerNotReportedThoughNobodyToldItsAddresses) {
  const Observation row = End(kC, "127.0.0.1:40000", "127.0.0.1:6379");

  EXPECT_THAT(Joined({row}),
              ElementsAre(IsOneSided(row, OneSidedReason::kNotReported)));
}

TEST(JoinTest, CallsALinkLocalPeerAmbiguous) {
  const Observation row = End(kC, "[fe80::9%eth0]:51000", "[fe80::5%eth0]:22");

  EXPECT_THAT(Joined({row}, Ownership().Owns(kC, "fe80::9%eth0")),
              ElementsAre(IsOneSided(row, OneSidedReason::kAmbiguous)));
}

}  // namespace
}  // namespace connreg
