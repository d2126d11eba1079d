#include "service/core/host_directory.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kTtl = absl::Seconds(60);
constexpr absl::Duration kGrace = absl::Minutes(2);

class HostDirectoryTest : public testing::Test {
 protected:
  LeasePtr Put(const Reporter& reporter,
               const std::vector<ListenerFacts>& listeners,
               const std::vector<NetworkNamespace>& namespaces = {}) {
    return directory_
        .Put({.reporter = reporter,
              .ttl = kTtl,
              .namespaces = namespaces,
              .listeners = listeners},
             &refusals_)
        .value()
        .lease;
  }
  void Put(const ListenerFacts& facts, const LeasePtr& lease) {
    Put(lease->reporter, {facts});
  }
  void Tell(const NetworkNamespace& netns, const LeasePtr& lease) {
    Put(lease->reporter, {}, {netns});
  }
  size_t Remove(const ListenerFacts& facts, const LeasePtr& lease) {
    Deregistration gone;
    gone.listeners = {{facts.socket, facts.local, facts.device}};
    return directory_.Remove(gone, *lease).removed;
  }
  LeaseTable::Lapses Pass(absl::Duration duration) {
    clock_.Advance(duration);
    return directory_.Lapse();
  }
  std::vector<AddressOwner> Owners(absl::string_view address) {
    const Reporter asker = Agent("web1");
    const IpAddress parsed = IpAddress::Parse(address).value();
    return directory_.Owners({{&asker, parsed}})[0];
  }
  std::vector<ListenerAnswer> Takers(absl::string_view endpoint,
                                     const Scope& scope = {}) {
    std::vector<ListenerAnswer> takers;
    for (const ListenerGroup& group :
         directory_.Takers({At(endpoint)}, scope, std::nullopt, SIZE_MAX))
      takers.insert(takers.end(), group.listeners.begin(),
                    group.listeners.end());
    return takers;
  }
  // "host endpoint" of each.
  std::vector<std::string> Names(const std::vector<ListenerAnswer>& answers) {
    std::vector<std::string> names;
    for (const ListenerAnswer& answer : answers)
      names.push_back(absl::StrCat(answer.listener.reporter().host, " ",
                                   answer.listener.facts.local.ToString()));
    return names;
  }
  std::vector<std::string> Listed(const Scope& scope = {}) {
    std::vector<std::string> names;
    for (const ListenerGroup& group :
         directory_.Scan(scope, std::nullopt, SIZE_MAX))
      for (const std::string& name : Names(group.listeners))
        names.push_back(name);
    return names;
  }

  FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  History history_{start_};
  Capacity capacity_{Limits()};
  HostDirectory directory_{
      {.grace = kGrace, .memory = absl::Hours(1), .max_reporters = 100},
      clock_,
      history_,
      capacity_};
  Refusals refusals_;
  const LeasePtr db1_ = Put(Agent("db1"), {});
  const LeasePtr db2_ = Put(Agent("db2"), {});
};

TEST_F(HostDirectoryTest, AWildcardAnswersOnlyForAddressesOfItsHost) {
  Put(TcpListener("0.0.0.0:5432"), db1_);
  Put(TcpListener("0.0.0.0:5432"), db2_);
  Tell(Owned({"10.0.0.5"}), db1_);
  Tell(Owned({"10.0.0.6"}), db2_);
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.5:5432");
  EXPECT_THAT(Names(takers), ElementsAre("db1 0.0.0.0:5432"));
  EXPECT_FALSE(takers[0].address_unverified);
  EXPECT_FALSE(takers[0].multi_host);
}

TEST_F(HostDirectoryTest, AWildcardOfAHostThatToldNoAddressesIsUnverified) {
  Put(TcpListener("0.0.0.0:5432"), db1_);
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.5:5432");
  ASSERT_THAT(takers, SizeIs(1));
  EXPECT_TRUE(takers[0].address_unverified);
}

TEST_F(HostDirectoryTest, AnAddressOnTwoHostsIsMarked) {
  for (const LeasePtr& lease : {db1_, db2_}) {
    Put(TcpListener("0.0.0.0:5432"), lease);
    Tell(Owned({"10.0.0.100"}), lease);
  }
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.100:5432");
  ASSERT_THAT(takers, SizeIs(2));
  EXPECT_TRUE(takers[0].multi_host);
  EXPECT_TRUE(takers[1].multi_host);
}

TEST_F(HostDirectoryTest, LoopbackListenersAnswerForEachHostAlone) {
  Put(TcpListener("127.0.0.1:6379"), db1_);
  Put(TcpListener("0.0.0.0:6379"), db2_);
  const std::vector<ListenerAnswer> takers = Takers("127.0.0.1:6379");
  EXPECT_THAT(Names(takers),
              ElementsAre("db1 127.0.0.1:6379", "db2 0.0.0.0:6379"));
  EXPECT_FALSE(takers[0].multi_host);
  EXPECT_FALSE(takers[1].address_unverified);
  EXPECT_THAT(Names(Takers("127.0.0.1:6379", {.host = "db2"})),
              ElementsAre("db2 0.0.0.0:6379"));
}

TEST_F(HostDirectoryTest, TheExactListenerHidesItsNamespacesWildcardOnly) {
  ListenerFacts exact = TcpListener("10.0.0.5:80");
  ListenerFacts wildcard = TcpListener("0.0.0.0:80");
  exact.socket.netns = wildcard.socket.netns = "1";
  Put(exact, db1_);
  Put(wildcard, db1_);
  Tell(Owned({"10.0.0.5"}, "1"), db1_);
  EXPECT_THAT(Names(Takers("10.0.0.5:80")), ElementsAre("db1 10.0.0.5:80"));

  wildcard.socket.netns = "2";
  Put(wildcard, db1_);
  Tell(Owned({"172.17.0.2"}, "2"), db1_);
  EXPECT_THAT(Names(Takers("172.17.0.2:80")), ElementsAre("db1 0.0.0.0:80"));
}

TEST_F(HostDirectoryTest, AContainersWildcardIsNotItsHosts) {
  ListenerFacts in_container = TcpListener("0.0.0.0:80");
  in_container.socket.netns = "2";
  Put(in_container, db1_);
  Tell(Owned({"10.0.0.5"}, "1"), db1_);
  Tell(Owned({"172.17.0.2"}, "2"), db1_);
  EXPECT_THAT(Takers("10.0.0.5:80"), IsEmpty());
  EXPECT_THAT(Names(Takers("172.17.0.2:80")), ElementsAre("db1 0.0.0.0:80"));
}

TEST_F(HostDirectoryTest, AWildcardQuestionFindsWhatIsBoundToIt) {
  Put(TcpListener("0.0.0.0:80"), db1_);
  Put(TcpListener("[::]:80"), db2_);
  Put(TcpListener("10.0.0.5:80"), db2_);
  EXPECT_THAT(Names(Takers("0.0.0.0:80")), ElementsAre("db1 0.0.0.0:80"));
  EXPECT_THAT(Names(Takers("*:80")), ElementsAre("db2 [::]:80"));
}

TEST_F(HostDirectoryTest, SocketsThatShareAnEndpointAreEachAListener) {
  for (uint64_t cookie = 1; cookie <= 3; ++cookie)
    Put(TcpListener("10.0.0.5:80", cookie), db1_);
  EXPECT_EQ(directory_.listener_count(), 3u);
  EXPECT_THAT(Takers("10.0.0.5:80"), SizeIs(3));
  EXPECT_EQ(Remove(TcpListener("10.0.0.5:80", 2), db1_), 1u);
  EXPECT_EQ(Remove(TcpListener("10.0.0.5:80", 2), db1_), 0u);
  EXPECT_EQ(directory_.listener_count(), 2u);
}

TEST_F(HostDirectoryTest, ANameWithoutACookieIsThatOfAllAtItsEndpoint) {
  for (uint64_t cookie = 1; cookie <= 3; ++cookie)
    Put(TcpListener("10.0.0.5:80", cookie), db1_);
  EXPECT_EQ(Remove(TcpListener("10.0.0.5:80"), db1_), 3u);
}

TEST_F(HostDirectoryTest, ListenersOfTwoDevicesAreNamedApart) {
  ListenerFacts on_device = TcpListener("0.0.0.0:80");
  on_device.device = "eth0";
  Put(on_device, db1_);
  Put(TcpListener("0.0.0.0:80"), db1_);
  EXPECT_EQ(Remove(on_device, db1_), 1u);
  EXPECT_EQ(directory_.listener_count(), 1u);
}

TEST_F(HostDirectoryTest, ACookieOnceToldTellsTheNextIncarnationApart) {
  Put(TcpListener("10.0.0.5:80", 5), db1_);
  Put(TcpListener("10.0.0.5:80"), db1_);
  Put(TcpListener("10.0.0.5:80", 6), db1_);
  EXPECT_EQ(directory_.listener_count(), 2u);
}

TEST_F(HostDirectoryTest, TheAgentsViewRepresentsAProgramsListener) {
  ListenerFacts seen = TcpListener("10.0.0.5:80", 7);
  seen.socket.netns = "1";
  Put(TcpListener("10.0.0.5:80"), Put(Program("db1"), {}));
  Put(seen, db1_);
  EXPECT_EQ(directory_.listener_count(), 2u);
  EXPECT_THAT(Listed(), ElementsAre("db1 10.0.0.5:80"));
  EXPECT_THAT(Takers("10.0.0.5:80"), SizeIs(1));
}

TEST_F(HostDirectoryTest, ListsByHostTransportPortAndAddress) {
  ListenerFacts udp = TcpListener("10.0.0.5:53");
  udp.socket.transport = Transport::kUdp;
  udp.state = ListenerState::kBound;
  Put(udp, db1_);
  Put(TcpListener("10.0.0.5:443"), db1_);
  Put(TcpListener("10.0.0.5:80"), db1_);
  Put(TcpListener("10.0.0.4:80"), db1_);
  Put(TcpListener("10.0.0.6:22"), db2_);
  EXPECT_THAT(Listed(), ElementsAre("db1 10.0.0.4:80", "db1 10.0.0.5:80",
                                    "db1 10.0.0.5:443", "db1 10.0.0.5:53",
                                    "db2 10.0.0.6:22"));
  EXPECT_THAT(Listed({.host = "db2"}), ElementsAre("db2 10.0.0.6:22"));
  EXPECT_THAT(Listed({.transport = Transport::kUdp}),
              ElementsAre("db1 10.0.0.5:53"));
  EXPECT_THAT(Listed({.network = "other"}), IsEmpty());
}

TEST_F(HostDirectoryTest, AnEndedLeaseTakesItsListenersAndAddresses) {
  Put(TcpListener("0.0.0.0:80"), db1_);
  Put(TcpListener("0.0.0.0:80"), db2_);
  Tell(Owned({"10.0.0.5"}), db1_);
  const auto [lease, listeners] = directory_.End(Agent("db1"));
  EXPECT_EQ(lease, db1_);
  EXPECT_EQ(listeners, 1u);
  EXPECT_THAT(Listed(), ElementsAre("db2 0.0.0.0:80"));
  EXPECT_THAT(Owners("10.0.0.5"), IsEmpty());
  EXPECT_EQ(db1_->rows, 0u);
  EXPECT_EQ(db1_->listeners, 0u);
  EXPECT_EQ(directory_.End(Agent("db1")).first, nullptr);
}

TEST_F(HostDirectoryTest, AnOwnerThatChangesKeepsWhenTheListenerWasFirstSeen) {
  ListenerFacts facts = TcpListener("10.0.0.5:80", 7);
  facts.socket.owners = connreg::Owners::Known({{.pid = 10}});
  Put(facts, db1_);
  facts.socket.owners = connreg::Owners::Known({{.pid = 11}});
  clock_.Advance(absl::Seconds(5));
  Put(facts, db1_);
  const ListenerAnswer answer = Takers("10.0.0.5:80")[0];
  EXPECT_EQ(answer.listener.facts.socket.owners.processes()[0].pid, 11);
  EXPECT_EQ(answer.listener.provenance.first_seen, start_);
  EXPECT_EQ(answer.listener.provenance.changed, start_ + absl::Seconds(5));
}

// ---- Silent hosts ----

TEST_F(HostDirectoryTest, AStaleHostKeepsItsListenersAndAddressesMarked) {
  Put(TcpListener("0.0.0.0:80"), db1_);
  Tell(Owned({"10.0.0.5"}), db1_);
  Pass(kTtl);
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.5:80");
  ASSERT_THAT(takers, SizeIs(1));
  EXPECT_EQ(takers[0].listener.provenance.stale_since, start_ + kTtl);
  EXPECT_THAT(Owners("10.0.0.5"),
              ElementsAre(AddressOwner{"db1", "", /*stale=*/true}));

  Put(Agent("db1"), {});
  EXPECT_EQ(Takers("10.0.0.5:80")[0].listener.provenance.stale_since,
            std::nullopt);
  EXPECT_THAT(Owners("10.0.0.5"), ElementsAre(AddressOwner{"db1", ""}));
}

TEST_F(HostDirectoryTest, AnExpiredHostLosesItsListenersAndAddresses) {
  Put(TcpListener("0.0.0.0:80"), db1_);
  Tell(Owned({"10.0.0.5"}), db1_);
  Pass(kTtl);
  Pass(kGrace);
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(Owners("10.0.0.5"), IsEmpty());
  EXPECT_EQ(db1_->rows, 0u);
}

class SilentOwnersTest : public HostDirectoryTest {
 protected:
  // Of hosts that own 10.0.0.5, 10.0.0.6 and what both own, the first is
  // silent.
  SilentOwnersTest() {
    Put(Agent("db1"), {}, {Owned({"10.0.0.5", "10.0.0.100", "10.9.0.0/16"})});
    Pass(kTtl);
    Put(Agent("db2"), {}, {Owned({"10.0.0.6", "10.0.0.100"})});
  }
  std::vector<std::string> Silent(
      const std::vector<absl::string_view>& addresses,
      const Scope& scope = {}) {
    std::vector<IpAddress> parsed;
    for (const absl::string_view address : addresses)
      parsed.push_back(IpAddress::Parse(address).value());
    std::vector<std::string> hosts;
    for (const StaleHost& host :
         directory_.OwnersMissing(parsed, scope).silent) {
      EXPECT_EQ(host.since, start_ + kTtl);
      hosts.push_back(host.key.name);
    }
    return hosts;
  }
};

TEST_F(SilentOwnersTest, AreTheHostsOfTheAddresses) {
  EXPECT_THAT(Silent({"10.0.0.5"}), ElementsAre("db1"));
  EXPECT_THAT(Silent({"10.0.0.5", "8.8.8.8"}), ElementsAre("db1"));
  EXPECT_THAT(Silent({"10.0.0.6"}), IsEmpty());
  EXPECT_THAT(Silent({"8.8.8.8"}), IsEmpty());
  EXPECT_THAT(Silent({"10.0.0.5"}, {.network = "default"}), ElementsAre("db1"));
  EXPECT_THAT(Silent({"10.0.0.5"}, {.network = "other"}), IsEmpty());
}

TEST_F(SilentOwnersTest, OwnTheAddressesOfTheirPrefixes) {
  EXPECT_THAT(Silent({"10.9.8.7"}), ElementsAre("db1"));
}

TEST_F(SilentOwnersTest, AreNoneWhereAHostThatReportsOwnsOneToo) {
  EXPECT_THAT(Silent({"10.0.0.5", "10.0.0.6"}), IsEmpty());
  EXPECT_THAT(Silent({"10.0.0.100"}), IsEmpty());
}

TEST_F(SilentOwnersTest, AreTheHostThatIsNamedWhateverTheAddress) {
  EXPECT_THAT(Silent({"8.8.8.8"}, {.host = "db1"}), ElementsAre("db1"));
  EXPECT_THAT(Silent({"10.0.0.5"}, {.host = "db2"}), IsEmpty());
}

TEST_F(SilentOwnersTest, AreNotAskedOfLoopback) {
  EXPECT_THAT(Silent({"127.0.0.1"}), IsEmpty());
}

}  // namespace
}  // namespace connreg
