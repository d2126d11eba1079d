#include "service/model/nat.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/model/joined.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A client that knows a service's address, and the server behind it that the
// packets are translated to.
Observation ClientView() {
  return End(kC, "172.29.161.37:53792", "10.100.103.122:7778");
}
Observation ServerView() {
  return End(kS, "172.29.191.94:7777", "172.29.161.37:53792");
}
Ownership OfTheirHosts() {
  return Ownership().Owns(kC, "172.29.161.37").Owns(kS, "172.29.191.94");
}

// "host local > remote" of the connections that `rows` make which lack an end,
// and for which translation would explain it.
std::vector<std::string> Suspected(const std::vector<Observation>& rows,
                                   const Ownership& ownership) {
  std::vector<std::string> suspected;
  for (const Connection& lone : Joined(rows, ownership)) {
    if (lone.one_sided != OneSidedReason::kUnmanaged &&
        lone.one_sided != OneSidedReason::kNotReported)
      continue;
    std::vector<Observation> at_client;
    const Endpoint& client = TranslatedClient(lone);
    for (const Observation& row : rows) {
      if (row.facts.tuple.local() == client ||
          row.facts.tuple.remote() == client)
        at_client.push_back(row);
    }
    if (SuspectsNat(lone, at_client, ownership))
      suspected.push_back(lone.first.reporter().host + " " +
                          lone.first.facts.tuple.ToString());
  }
  return suspected;
}

TEST(NatTest, SuspectsBothViewsOfATranslatedConnection) {
  EXPECT_THAT(
      Suspected({ClientView(), ServerView()}, OfTheirHosts()),
      UnorderedElementsAre("c 172.29.161.37:53792 > 10.100.103.122:7778",
                           "s 172.29.191.94:7777 > 172.29.161.37:53792"));
}

TEST(NatTest, TakesTheEndThatBothViewsShareForTheClient) {
  for (const Connection& lone :
       Joined({ClientView(), ServerView()}, OfTheirHosts()))
    EXPECT_EQ(TranslatedClient(lone), EndpointOf("172.29.161.37:53792"));
}

TEST(NatTest, SuspectsNothingOfOneViewAlone) {
  EXPECT_THAT(Suspected({ClientView()}, OfTheirHosts()), IsEmpty());
  EXPECT_THAT(Suspected({ServerView()}, OfTheirHosts()), IsEmpty());
}

TEST(NatTest, TakesATwoSidedConnectionOfTheSamePortForAnother) {
  const Observation unmanaged = End(kC, "172.29.161.37:53792", "8.8.8.8:443");
  const Observation client =
      End(kC, "172.29.161.37:53792", "172.29.191.94:7777");

  EXPECT_THAT(Suspected({unmanaged, client, ServerView()}, OfTheirHosts()),
              IsEmpty());
}

TEST(NatTest, SuspectsAClientThatAlsoHasATwoSidedConnection) {
  const Observation client = End(kC, "172.29.161.37:53792", "10.0.0.5:5432");
  const Observation server = End(kS, "10.0.0.5:5432", "172.29.161.37:53792");

  EXPECT_THAT(
      Suspected({ClientView(), ServerView(), client, server},
                OfTheirHosts().Owns(kS, "10.0.0.5")),
      UnorderedElementsAre("c 172.29.161.37:53792 > 10.100.103.122:7778",
                           "s 172.29.191.94:7777 > 172.29.161.37:53792"));
}

TEST(NatTest, SuspectsNothingWhereAHostOwnsTheAddressThatTheClientKnows) {
  EXPECT_THAT(Suspected({ClientView(), ServerView()},
                        OfTheirHosts().Owns(kOther, "10.100.103.122")),
              IsEmpty());
}

TEST(NatTest, SuspectsNothingAcrossTransportsOrNetworks) {
  EXPECT_THAT(Suspected({ClientView(), OverUdp(ServerView())}, OfTheirHosts()),
              IsEmpty());

  const Place elsewhere = {.host = "s", .network = "other"};
  const Observation server =
      End(elsewhere, "172.29.191.94:7777", "172.29.161.37:53792");
  EXPECT_THAT(Suspected({ClientView(), server},
                        OfTheirHosts().Owns(elsewhere, "172.29.191.94")),
              IsEmpty());
}

TEST(NatTest, SuspectsATranslationOnOneHost) {
  const Observation client = End(kS, "10.0.0.5:51000", "10.96.0.1:443");
  const Observation server = End(kS, "10.0.0.5:6443", "10.0.0.5:51000");

  EXPECT_THAT(Suspected({client, server}, Ownership().Owns(kS, "10.0.0.5")),
              UnorderedElementsAre("s 10.0.0.5:51000 > 10.96.0.1:443",
                                   "s 10.0.0.5:6443 > 10.0.0.5:51000"));
}

// A database with a client that nobody manages, and one whose connection it
// does not report yet: they share the server's end, not the client's.
std::vector<Observation> TwoClientsOfOneServer(Role server, Role client) {
  return {WithRole(End(kS, "10.0.0.5:5432", "203.0.113.7:40000"), server,
                   RoleEvidence::kDeclared),
          WithRole(End(kC, "10.0.0.9:51000", "10.0.0.5:5432"), client,
                   RoleEvidence::kDeclared)};
}

TEST(NatTest, DoesNotTakeAServersEndForTheClientsWhereTheRolesAreKnown) {
  EXPECT_THAT(Suspected(TwoClientsOfOneServer(Role::kServer, Role::kUnknown),
                        EachItsOwn()),
              IsEmpty());
  EXPECT_THAT(Suspected(TwoClientsOfOneServer(Role::kUnknown, Role::kClient),
                        EachItsOwn()),
              IsEmpty());
}

TEST(NatTest, DoesNotTakeLoopbackForTranslated) {
  const Observation client = End(kS, "127.0.0.1:40000", "127.0.0.1:6379");
  const Observation server = End(kS, "127.0.0.1:6379", "127.0.0.1:50000");
  const Observation elsewhere = End(kC, "127.0.0.1:6379", "127.0.0.1:50000");

  EXPECT_THAT(Suspected({client, server}, {}), IsEmpty());
  EXPECT_THAT(Suspected({client, elsewhere}, {}), IsEmpty());
}

TEST(NatTest, SuspectsARedirectionToLoopbackOfTheSameHostOnly) {
  const Observation client = End(kC, "10.0.0.9:51000", "203.0.113.7:80");
  const Ownership ownership = EachItsOwn();
  const Observation proxy = End(kC, "127.0.0.1:15001", "10.0.0.9:51000");
  const Observation elsewhere = End(kS, "127.0.0.1:15001", "10.0.0.9:51000");

  EXPECT_THAT(Suspected({client, proxy}, ownership),
              UnorderedElementsAre("c 10.0.0.9:51000 > 203.0.113.7:80",
                                   "c 127.0.0.1:15001 > 10.0.0.9:51000"));
  EXPECT_THAT(Suspected({client, elsewhere}, ownership), IsEmpty());
}

}  // namespace
}  // namespace connreg
