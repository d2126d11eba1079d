#include "service/core/host_directory.h"

#include <memory>
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

constexpr absl::Time kStart = absl::UnixEpoch();

class HostDirectoryTest : public testing::Test {
 protected:
  Lease LeaseOf(const Reporter& reporter) {
    return {LeaseId{++last_lease_}, std::make_shared<const Reporter>(reporter)};
  }
  void Put(const ListenerFacts& facts, const Lease& lease) {
    directory_.Put({}, {facts}, lease, kStart);
  }
  void Tell(const LocalAddresses& addresses, const Lease& lease) {
    directory_.Put({addresses}, {}, lease, kStart);
  }
  size_t Remove(const ListenerFacts& facts, const Lease& lease) {
    return directory_
        .Remove({ListenerName{facts.socket, facts.local, facts.device}}, lease)
        .removed;
  }
  std::vector<ListenerAnswer> Takers(absl::string_view endpoint,
                                     const Scope& scope = {}) {
    std::vector<ListenerAnswer> takers;
    for (const ListenerGroup& group :
         directory_.Takers(At(endpoint), scope, std::nullopt, SIZE_MAX))
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
  History history_{clock_};
  HostDirectory directory_{history_};
  uint64_t last_lease_ = 0;
  const Lease db1_ = LeaseOf(Agent("db1"));
  const Lease db2_ = LeaseOf(Agent("db2"));
};

TEST_F(HostDirectoryTest, AWildcardAnswersOnlyForAddressesOfItsHost) {
  Put(TcpListener("0.0.0.0:5432"), db1_);
  Put(TcpListener("0.0.0.0:5432"), db2_);
  Tell(Owned({"10.0.0.5"}), db1_);
  Tell(Owned({"10.0.0.6"}), db2_);
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.5:5432");
  EXPECT_THAT(Names(takers), ElementsAre("db1 0.0.0.0:5432"));
  EXPECT_FALSE(takers[0].derived->address_unverified);
  EXPECT_FALSE(takers[0].derived->multi_host);
}

TEST_F(HostDirectoryTest, AWildcardOfAHostThatToldNoAddressesIsUnverified) {
  Put(TcpListener("0.0.0.0:5432"), db1_);
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.5:5432");
  ASSERT_THAT(takers, SizeIs(1));
  EXPECT_TRUE(takers[0].derived->address_unverified);
}

TEST_F(HostDirectoryTest, AnAddressOnTwoHostsIsMarked) {
  for (const Lease& lease : {db1_, db2_}) {
    Put(TcpListener("0.0.0.0:5432"), lease);
    Tell(Owned({"10.0.0.100"}), lease);
  }
  const std::vector<ListenerAnswer> takers = Takers("10.0.0.100:5432");
  ASSERT_THAT(takers, SizeIs(2));
  EXPECT_TRUE(takers[0].derived->multi_host);
  EXPECT_TRUE(takers[1].derived->multi_host);
}

TEST_F(HostDirectoryTest, LoopbackListenersAnswerForEachHostAlone) {
  Put(TcpListener("127.0.0.1:6379"), db1_);
  Put(TcpListener("0.0.0.0:6379"), db2_);
  const std::vector<ListenerAnswer> takers = Takers("127.0.0.1:6379");
  EXPECT_THAT(Names(takers),
              ElementsAre("db1 127.0.0.1:6379", "db2 0.0.0.0:6379"));
  EXPECT_FALSE(takers[0].derived->multi_host);
  EXPECT_FALSE(takers[1].derived->address_unverified);
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
  EXPECT_EQ(directory_.size(), 3u);
  EXPECT_THAT(Takers("10.0.0.5:80"), SizeIs(3));
  EXPECT_EQ(Remove(TcpListener("10.0.0.5:80", 2), db1_), 1u);
  EXPECT_EQ(Remove(TcpListener("10.0.0.5:80", 2), db1_), 0u);
  EXPECT_EQ(directory_.size(), 2u);
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
  EXPECT_EQ(directory_.size(), 1u);
}

TEST_F(HostDirectoryTest, ACookieOnceToldTellsTheNextIncarnationApart) {
  Put(TcpListener("10.0.0.5:80", 5), db1_);
  Put(TcpListener("10.0.0.5:80"), db1_);
  Put(TcpListener("10.0.0.5:80", 6), db1_);
  EXPECT_EQ(directory_.size(), 2u);
}

TEST_F(HostDirectoryTest, TheAgentsViewRepresentsAProgramsListener) {
  ListenerFacts seen = TcpListener("10.0.0.5:80", 7);
  seen.socket.netns = "1";
  Put(TcpListener("10.0.0.5:80"), LeaseOf(Program("db1")));
  Put(seen, db1_);
  EXPECT_EQ(directory_.size(), 2u);
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
  EXPECT_EQ(directory_.RemoveLease(db1_.id), 1u);
  EXPECT_THAT(Listed(), ElementsAre("db2 0.0.0.0:80"));
  const Reporter asker = Agent("web1");
  EXPECT_THAT(directory_.Owners({{&asker, At("10.0.0.5:80").address()}})[0],
              IsEmpty());
}

TEST_F(HostDirectoryTest, AnOwnerThatChangesKeepsWhenTheListenerWasFirstSeen) {
  ListenerFacts facts = TcpListener("10.0.0.5:80", 7);
  facts.socket.owners = Owners::Known({{.pid = 10}});
  directory_.Put({}, {facts}, db1_, kStart);
  facts.socket.owners = Owners::Known({{.pid = 11}});
  directory_.Put({}, {facts}, db1_, kStart + absl::Seconds(5));
  const ListenerAnswer answer = Takers("10.0.0.5:80")[0];
  EXPECT_EQ(answer.listener.facts.socket.owners.processes()[0].pid, 11);
  EXPECT_EQ(answer.listener.provenance.first_seen, kStart);
  EXPECT_EQ(answer.listener.provenance.changed, kStart + absl::Seconds(5));
}

}  // namespace
}  // namespace connreg
