// What the registry remembers of connections that have ended.

#include <optional>
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

class ClosedConnectionsTest : public RegistryFixture {
 protected:
  explicit ClosedConnectionsTest(
      const Registry::Options& options = OptionsWith())
      : RegistryFixture(options) {}

  void RegisterBoth() {
    Register(Agent("web1"), {client_}, {}, {Owned({"10.0.0.9"})});
    Register(Agent("db1"), {server_}, {}, {Owned({"10.0.0.5"})});
  }
  // Lets a connection of web1 come and go.
  void OpenAndClose(absl::string_view client, uint64_t cookie = 0) {
    const ConnectionFacts facts = Tcp(client, "10.0.0.5:5432", cookie);
    Register(Agent("web1"), {facts});
    Deregister(Agent("web1"), {facts});
  }

  const ConnectionFacts client_ = Tcp("10.0.0.9:51000", "10.0.0.5:5432", 7);
  const ConnectionFacts server_ = Tcp("10.0.0.5:5432", "10.0.0.9:51000", 8);
};

TEST_F(ClosedConnectionsTest, AreListedOnlyIfAsked) {
  RegisterBoth();
  Deregister(Agent("web1"), {client_});
  Deregister(Agent("db1"), {server_});
  EXPECT_THAT(List(), IsEmpty());
  const std::vector<Connection> closed = Closed();
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_TRUE(closed[0].second.has_value());
  EXPECT_EQ(registry_.GetStatus().observations, 0u);
  EXPECT_EQ(registry_.GetStatus().closed, 2u);
}

TEST_F(ClosedConnectionsTest, AreListedByScopeAndEndpoint) {
  OpenAndClose("10.0.0.9:51000");
  EXPECT_THAT(Closed({.host = "web1"}), SizeIs(1));
  EXPECT_THAT(Closed({.host = "db1"}), IsEmpty());
  EXPECT_THAT(Closed({.network = "other"}), IsEmpty());
  EXPECT_THAT(Closed({.transport = Transport::kUdp}), IsEmpty());
  const auto at = [&](absl::string_view endpoint) {
    return registry_
        .ListConnections(
            {.endpoint = At(endpoint), .page_size = 10, .show_closed = true})
        .connections;
  };
  EXPECT_THAT(at("10.0.0.5:5432"), SizeIs(1));
  EXPECT_THAT(at("10.0.0.5:5433"), IsEmpty());
}

TEST_F(ClosedConnectionsTest, FollowTheLiveOneOfTheirFourTupleLatestFirst) {
  for (uint64_t cookie = 1; cookie <= 3; ++cookie) {
    Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432", cookie)});
    clock_.Advance(absl::Seconds(1));
  }
  const std::vector<Connection> all =
      registry_.ListConnections({.page_size = 10, .show_closed = true})
          .connections;
  ASSERT_THAT(all, SizeIs(3));
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(all[i].first.facts.socket.cookie, 3 - i);
  EXPECT_FALSE(all[0].first.closure.has_value());
}

TEST_F(ClosedConnectionsTest, AreNeverJoinedToALiveRow) {
  RegisterBoth();
  Deregister(Agent("web1"), {client_});
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_FALSE(List()[0].second.has_value());
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_FALSE(Closed()[0].second.has_value());
}

TEST_F(ClosedConnectionsTest, AnswerAFourTupleInEitherOrder) {
  OpenAndClose("10.0.0.9:51000", 7);
  for (const LookupAnswer& answer :
       {Lookup("10.0.0.9:51000", "10.0.0.5:5432"),
        Lookup("10.0.0.5:5432", "10.0.0.9:51000")}) {
    const Absent& absent = AbsentOf(answer);
    EXPECT_EQ(absent.reason, AbsentReason::kClosed);
    ASSERT_THAT(absent.closed, SizeIs(1));
    EXPECT_EQ(absent.closed[0].first.facts.socket.cookie, 7u);
    EXPECT_EQ(absent.closed[0].first.closure->reason,
              CloseReason::kDeregistered);
  }
}

TEST_F(ClosedConnectionsTest, AnswerAnEndpointTheLatestFirst) {
  for (int port = 51000; port < 51020; ++port) {
    OpenAndClose(absl::StrCat("10.0.0.9:", port));
    clock_.Advance(absl::Seconds(1));
  }
  const Absent absent = AbsentOf(Lookup("10.0.0.5:5432"));
  EXPECT_EQ(absent.reason, AbsentReason::kClosed);
  ASSERT_THAT(absent.closed, SizeIs(16));
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(absent.closed[i].first.facts.tuple.local().port(), 51019 - i);
  }
  EXPECT_THAT(AbsentOf(Lookup("10.0.0.9:51003")).closed, SizeIs(1));
}

TEST_F(ClosedConnectionsTest, AnswerInTheQuestionsScopeOnly) {
  OpenAndClose("10.0.0.9:51000");
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432",
                            {.transport = Transport::kUdp})),
            AbsentReason::kNotSeenSince);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:5432", {.network = "other"})),
            AbsentReason::kNoSuchHost);
}

TEST_F(ClosedConnectionsTest, GoBehindALiveConnectionAndAListener) {
  OpenAndClose("10.0.0.9:51000");
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432")});
  EXPECT_THAT(ListenersOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432")),
              SizeIs(1));
  Register(Agent("web1"), {client_});
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432")),
              SizeIs(1));
}

TEST_F(ClosedConnectionsTest, AreNoneOfASocketThatIsThereAfterAll) {
  Register(Agent("web1"), {client_});
  Deregister(Agent("web1"), {client_});
  Register(Agent("web1"), {client_});
  EXPECT_THAT(Closed(), IsEmpty());
}

TEST_F(ClosedConnectionsTest, StayThoughAnotherNetworkHasTheirCookie) {
  Register(Agent("web1", "vpc-a"), {client_});
  Deregister(Agent("web1", "vpc-a"), {client_});
  Register(Agent("web1", "vpc-b"), {client_});
  EXPECT_THAT(Closed({.network = "vpc-a"}), SizeIs(1));
  EXPECT_THAT(Closed({.network = "vpc-b"}), IsEmpty());
}

TEST_F(ClosedConnectionsTest, OfBothEndsThatWereReplacedAtOnceAreJoined) {
  for (uint64_t cookie = 1; cookie <= 3; ++cookie) {
    Register(Agent("web1"),
             {Tcp("127.0.0.1:40000", "127.0.0.1:6379", 10 * cookie),
              Tcp("127.0.0.1:6379", "127.0.0.1:40000", 10 * cookie + 1)});
    clock_.Advance(absl::Seconds(10));
  }
  const std::vector<Connection> closed = Closed();
  ASSERT_THAT(closed, SizeIs(2));
  for (const Connection& connection : closed) {
    ASSERT_TRUE(connection.second.has_value());
    EXPECT_EQ(connection.first.facts.socket.cookie / 10,
              connection.second->facts.socket.cookie / 10);
    EXPECT_EQ(connection.first.closure->reason, CloseReason::kReplaced);
  }
}

TEST_F(ClosedConnectionsTest, AreForgottenByAge) {
  OpenAndClose("10.0.0.9:51000");
  Pass(kClosedAge - absl::Seconds(1));
  EXPECT_THAT(Closed(), SizeIs(1));
  Pass(absl::Seconds(1));
  EXPECT_THAT(Closed(), IsEmpty());
}

class FewClosedTest : public ClosedConnectionsTest {
 protected:
  FewClosedTest() : ClosedConnectionsTest(Options()) {}
  static Registry::Options Options() {
    Registry::Options options = OptionsWith();
    options.closed_rows = 64;
    return options;
  }
};

TEST_F(FewClosedTest, AreForgottenByCount) {
  for (int port = 1000; port < 2000; ++port)
    OpenAndClose(absl::StrCat("10.0.0.9:", port));
  EXPECT_EQ(registry_.GetStatus().closed, 64u);
  EXPECT_THAT(Closed(), SizeIs(64));
}

class NoClosedTest : public ClosedConnectionsTest {
 protected:
  NoClosedTest() : ClosedConnectionsTest(Options()) {}
  static Registry::Options Options() {
    Registry::Options options = OptionsWith();
    options.closed_rows = 0;
    return options;
  }
};

TEST_F(NoClosedTest, AreForgottenAtOnce) {
  clock_.Advance(absl::Seconds(5));
  OpenAndClose("10.0.0.9:51000");
  const Absent absent = AbsentOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432"));
  EXPECT_EQ(absent.reason, AbsentReason::kNotSeenSince);
  EXPECT_EQ(absent.since, start_ + absl::Seconds(5));
}

// ---- What memory covers ----

class MemoryTest : public ClosedConnectionsTest {
 protected:
  absl::Time Since() { return registry_.GetStatus().not_seen_since; }
};

TEST_F(MemoryTest, BeginsWithTheRegistry) {
  clock_.Advance(absl::Hours(1));
  const Absent absent = AbsentOf(Lookup("10.0.0.5:5432"));
  EXPECT_EQ(absent.reason, AbsentReason::kNotSeenSince);
  EXPECT_EQ(absent.since, start_);
}

TEST_F(MemoryTest, MovesOnlyWhenSomethingIsForgotten) {
  RegisterBoth();
  clock_.Advance(absl::Seconds(5));
  Deregister(Agent("web1"), {client_});
  Deregister(Agent("db1"), {server_});
  OpenAndClose("10.0.0.9:51001");
  Register(Agent("web1"), {client_});
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432", 9)});
  Pass(kTtl);
  DeregisterAll(Agent("web1"));
  DeregisterAll(Agent("db1"));
  EXPECT_EQ(Since(), start_);

  Pass(kClosedAge);
  EXPECT_EQ(Since(), start_ + absl::Seconds(5) + kTtl);
}

TEST_F(MemoryTest, MovesToTheEndOfWhatIsForgotten) {
  clock_.Advance(absl::Seconds(5));
  OpenAndClose("10.0.0.9:51000");
  clock_.Advance(absl::Seconds(5));
  OpenAndClose("10.0.0.9:51001");
  Pass(kClosedAge - absl::Seconds(5));
  EXPECT_EQ(Since(), start_ + absl::Seconds(5));
  EXPECT_EQ(AbsentOf(Lookup("10.0.0.9:51000", "10.0.0.5:5432")).since,
            start_ + absl::Seconds(5));
}

TEST_F(MemoryTest, IsOfConnectionsAlone) {
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432")});
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(registry_.Deregister({.reporter = Agent("db1"),
                                    .listeners = {{{}, At("10.0.0.5:5432")}}}),
              IsOk());
  EXPECT_EQ(AbsentOf(Lookup("10.0.0.5:5432")).since, start_);
}

}  // namespace
}  // namespace connreg
