// The listeners that lookups show beside the connections accepted from them.

#include <cstdint>
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
using ::testing::IsEmpty;

ConnectionFacts From(uint64_t listener_cookie, ConnectionFacts facts) {
  facts.role = Role::kServer;
  facts.evidence = RoleEvidence::kListener;
  facts.listener_cookie = listener_cookie;
  return facts;
}

class AcceptedFromTest : public RegistryFixture {
 protected:
  // "db1 10.0.0.5:5432 77" of each listener beside the connections of an
  // endpoint.
  std::vector<std::string> Shown(absl::string_view endpoint,
                                 const Scope& scope = {}) {
    const LookupAnswer answer = Lookup(endpoint, scope);
    std::vector<std::string> texts;
    for (const ListenerAnswer& shown :
         std::get<FoundConnections>(answer.found).listeners) {
      const Listener& listener = shown.listener;
      texts.push_back(absl::StrCat(listener.reporter().host, " ",
                                   listener.facts.local.ToString(), " ",
                                   listener.facts.socket.cookie));
    }
    return texts;
  }
};

TEST_F(AcceptedFromTest, AListenerIsShownOnceForAllItsConnections) {
  Register(Agent("db1"),
           {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000")),
            From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51001"))},
           {TcpListener("10.0.0.5:5432", 77)});
  EXPECT_THAT(Shown("10.0.0.5:5432"), ElementsAre("db1 10.0.0.5:5432 77"));
}

TEST_F(AcceptedFromTest, AListenersNamespaceIsNamed) {
  NetworkNamespace blue = Owned({"10.0.0.5"}, "1");
  blue.name = "blue";
  Register(Agent("db1"),
           {InNetns("1", From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000")))},
           {InNetns("1", TcpListener("10.0.0.5:5432", 77))}, {blue});
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  const auto& listeners = std::get<FoundConnections>(answer.found).listeners;
  ASSERT_EQ(listeners.size(), 1u);
  EXPECT_EQ(listeners[0].listener.provenance.netns_name, "blue");
}

TEST_F(AcceptedFromTest, AWildcardIsFoundByItsCookie) {
  Register(Agent("db1"),
           {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000")),
            From(78, Tcp("10.0.0.6:5432", "10.0.0.9:51000")),
            From(79, Tcp("[2001:db8::5]:5432", "[2001:db8::9]:51000"))},
           {TcpListener("0.0.0.0:5432", 77), TcpListener("[::]:5432", 78),
            TcpListener("[::]:5432", 79)});
  EXPECT_THAT(Shown("10.0.0.5:5432"), ElementsAre("db1 0.0.0.0:5432 77"));
  EXPECT_THAT(Shown("10.0.0.6:5432"), ElementsAre("db1 [::]:5432 78"));
  EXPECT_THAT(Shown("[2001:db8::5]:5432"), ElementsAre("db1 [::]:5432 79"));
}

TEST_F(AcceptedFromTest, AListenerThatIsGoneIsNotShown) {
  Register(Agent("db1"), {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000"))});
  EXPECT_THAT(Shown("10.0.0.5:5432"), IsEmpty());
}

TEST_F(AcceptedFromTest, AListenerTakenAwayIsNotShownAnyMore) {
  Register(Agent("db1"), {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000"))},
           {TcpListener("10.0.0.5:5432", 77)});
  const ListenerFacts gone = TcpListener("10.0.0.5:5432", 77);
  registry_
      .Deregister({.reporter = Agent("db1"),
                   .listeners = {{gone.socket, gone.local, gone.device}}})
      .value();
  EXPECT_THAT(Shown("10.0.0.5:5432"), IsEmpty());
}

TEST_F(AcceptedFromTest, AListenerIsShownOnceItsCookieIsTold) {
  Register(Agent("db1"), {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000"))},
           {TcpListener("10.0.0.5:5432")});
  EXPECT_THAT(Shown("10.0.0.5:5432"), IsEmpty());
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432", 77)});
  EXPECT_THAT(Shown("10.0.0.5:5432"), ElementsAre("db1 10.0.0.5:5432 77"));
}

TEST_F(AcceptedFromTest, AnotherThatTookItsPlaceIsNotShown) {
  Register(Agent("db1"), {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000"))},
           {TcpListener("10.0.0.5:5432", 78)});
  EXPECT_THAT(Shown("10.0.0.5:5432"), IsEmpty());
}

TEST_F(AcceptedFromTest, OneOfAnotherHostNetworkOrNamespaceIsNotShown) {
  Register(Agent("db1"),
           {From(77, InNetns("1", Tcp("10.0.0.5:5432", "10.0.0.9:51000")))},
           {InNetns("2", TcpListener("10.0.0.5:5432", 77))});
  Register(Agent("db2"), {}, {InNetns("1", TcpListener("10.0.0.5:5432", 77))});
  Register(Agent("db1", "other"), {},
           {InNetns("1", TcpListener("10.0.0.5:5432", 77))});
  EXPECT_THAT(Shown("10.0.0.5:5432"), IsEmpty());
}

TEST_F(AcceptedFromTest, TheAgentsViewOfAListenerIsShown) {
  Register(Agent("db1"), {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000"))},
           {TcpListener("10.0.0.5:5432", 77)});
  Register(Program("db1"), {}, {TcpListener("10.0.0.5:5432", 77)});
  EXPECT_THAT(Shown("10.0.0.5:5432"), ElementsAre("db1 10.0.0.5:5432 77"));
}

TEST_F(AcceptedFromTest, ThoseOfBothEndsOfConnectionsAreShown) {
  Register(
      Agent("h1"),
      {From(77, Tcp("10.0.0.5:5432", "10.0.0.9:51000")),
       From(78, Tcp("10.0.0.5:5433", "10.0.0.9:51000"))},
      {TcpListener("10.0.0.5:5432", 77), TcpListener("10.0.0.5:5433", 78)});
  EXPECT_THAT(Shown("10.0.0.9:51000"),
              testing::UnorderedElementsAre("h1 10.0.0.5:5432 77",
                                            "h1 10.0.0.5:5433 78"));
}

}  // namespace
}  // namespace connreg
