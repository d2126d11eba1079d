#include "service/core/address_book.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/unit/core/leases.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AddressBookTest : public testing::Test {
 protected:
  static IpAddress Ip(absl::string_view text) {
    return IpAddress::Parse(text).value();
  }
  Ownership OwnershipOf(const Reporter& reporter, absl::string_view netns,
                        absl::string_view address) {
    return book_.OwnershipOf(reporter, netns, Ip(address),
                             book_.Owners(reporter, Ip(address)));
  }
  // "network address host" of each that is visited.
  std::vector<std::string> Visited(absl::string_view prefix,
                                   const Scope& scope = {},
                                   absl::string_view first = "0.0.0.0") {
    std::vector<std::string> visited;
    book_.Visit(Prefix::Parse(prefix).value(), scope, Ip(first),
                [&](const std::string& network, const IpAddress& address,
                    const AddressOwner& owner) {
                  visited.push_back(absl::StrCat(
                      network, " ", address.ToString(), " ", owner.host));
                  return true;
                });
    return visited;
  }

  History history_{absl::UnixEpoch()};
  Limits limits_;
  AddressBook book_{history_, limits_};
  Leases leases_;
};

TEST_F(AddressBookTest, AnAddressBelongsToWhoeverToldIt) {
  book_.Set(leases_.Of(Agent("db1")), Owned({"10.0.0.5", "2001:db8::5"}, "n1"));
  book_.Set(leases_.Of(Agent("db2")), Owned({"10.0.0.6"}, "n2"));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db1", "n1"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("2001:db8::5")),
              ElementsAre(AddressOwner{"db1", "n1"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.7")), IsEmpty());
}

TEST_F(AddressBookTest, APrefixOwnsAllOfItsAddresses) {
  book_.Set(leases_.Of(Agent("edge1")), Owned({"198.51.100.0/24"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("198.51.100.77")),
              ElementsAre(AddressOwner{"edge1", ""}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("198.51.101.1")), IsEmpty());
}

TEST_F(AddressBookTest, TheSameAddressInAnotherNetworkIsAnotherAddress) {
  book_.Set(leases_.Of(Agent("a", "vpc-a")), Owned({"10.0.0.5"}));
  book_.Set(leases_.Of(Agent("b", "vpc-b")), Owned({"10.0.0.5"}));
  EXPECT_THAT(book_.Owners(Agent("c", "vpc-b"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"b", ""}));
}

TEST_F(AddressBookTest, HostLocalAddressesMeanTheAskersOwnHost) {
  for (const char* host : {"web1", "web2"}) {
    book_.Set(leases_.Of(Agent(host)),
              Owned({"127.0.0.0/8", "fe80::1%eth0"}, "n"));
  }
  EXPECT_THAT(book_.Owners(Agent("web2"), Ip("127.0.0.53")),
              ElementsAre(AddressOwner{"web2", "n"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("fe80::1%eth0")),
              ElementsAre(AddressOwner{"web1", "n"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("fe80::1%eth1")), IsEmpty());
}

TEST_F(AddressBookTest, TellingAgainTakesTheEarlierWordsPlace) {
  const LeasePtr lease = leases_.Of(Agent("db1"));
  book_.Set(lease, Owned({"10.0.0.5"}));
  book_.Set(lease, Owned({"10.0.0.6"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")), IsEmpty());
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.6")),
              ElementsAre(AddressOwner{"db1", ""}));
}

TEST_F(AddressBookTest, OnlyWhatIsNewIsAChange) {
  const LeasePtr lease = leases_.Of(Agent("db1"));
  book_.Set(lease, Owned({"10.0.0.5"}));
  EXPECT_EQ(history_.revision(), 1u);
  book_.Set(lease, Owned({"10.0.0.5"}));
  EXPECT_EQ(history_.revision(), 1u);
  book_.Set(lease, Owned({"10.0.0.6"}));
  EXPECT_EQ(history_.revision(), 2u);
  book_.Remove(lease->id);
  EXPECT_EQ(history_.revision(), 3u);
  book_.Remove(lease->id);
  EXPECT_EQ(history_.revision(), 3u);
}

TEST_F(AddressBookTest, EachReporterTakesBackOnlyItsOwnWord) {
  const LeasePtr agent = leases_.Of(Agent("db1"));
  const LeasePtr program = leases_.Of(Program("db1"));
  book_.Set(agent, Owned({"10.0.0.5"}));
  book_.Set(program, Owned({"10.0.0.5"}));
  book_.Remove(program->id);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db1", ""}));
  book_.Remove(agent->id);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")), IsEmpty());
}

TEST_F(AddressBookTest, AnAddressToldTwiceInOneWordIsTakenBackAsOne) {
  const LeasePtr lease = leases_.Of(Agent("db1"));
  const LeasePtr other = leases_.Of(Agent("db2"));
  book_.Set(lease, Owned({"10.0.0.5", "10.0.0.5"}));
  book_.Set(other, Owned({"10.0.0.5"}));
  book_.Remove(lease->id);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db2", ""}));
  book_.Remove(other->id);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")), IsEmpty());
}

TEST_F(AddressBookTest, AnOwnerIsStaleWhileNobodyInForceSaysThatItOwns) {
  const LeasePtr agent = leases_.Of(Agent("db1"));
  const LeasePtr program = leases_.Of(Program("db1"));
  book_.Set(agent, Owned({"10.0.0.5"}));
  agent->SetStale(absl::UnixEpoch());
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db1", "", /*stale=*/true}));
  book_.Set(program, Owned({"10.0.0.0/24"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db1", "", /*stale=*/false}));
  book_.Remove(program->id);
  agent->SetInForce();
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(AddressOwner{"db1", "", /*stale=*/false}));
}

TEST_F(AddressBookTest, OwnershipIsUnknownWhereNothingWasTold) {
  const Reporter db1 = Agent("db1");
  EXPECT_EQ(OwnershipOf(db1, "n1", "10.0.0.5"), Ownership::kUnknown);
  EXPECT_EQ(OwnershipOf(db1, "n1", "127.0.0.1"), Ownership::kOwns);

  const LeasePtr lease = leases_.Of(db1);
  book_.Set(lease, Owned({"10.0.0.5"}, "n1"));
  EXPECT_EQ(OwnershipOf(db1, "n1", "10.0.0.5"), Ownership::kOwns);
  EXPECT_EQ(OwnershipOf(db1, "", "10.0.0.5"), Ownership::kOwns);
  EXPECT_EQ(OwnershipOf(db1, "n1", "10.0.0.6"), Ownership::kDoesNotOwn);
  EXPECT_EQ(OwnershipOf(db1, "n2", "10.0.0.5"), Ownership::kUnknown);
  // Who lists the addresses that others reach need not list this one.
  EXPECT_EQ(OwnershipOf(db1, "n1", "127.0.0.1"), Ownership::kOwns);

  book_.Remove(lease->id);
  EXPECT_EQ(OwnershipOf(db1, "n1", "10.0.0.5"), Ownership::kUnknown);
}

TEST_F(AddressBookTest, CountsTheNamespacesOfAHostOnceEach) {
  const LeasePtr agent = leases_.Of(Agent("db1"));
  const LeasePtr program = leases_.Of(Program("db1"));
  EXPECT_EQ(book_.NamespaceCount({"db1", "default"}), 0u);
  book_.Set(agent, Owned({"10.0.0.5"}, "1"));
  book_.Set(agent, Owned({"172.17.0.2"}, "2"));
  book_.Set(program, Owned({"172.17.0.2"}, "2"));
  EXPECT_EQ(book_.NamespaceCount({"db1", "default"}), 2u);
  EXPECT_EQ(book_.NamespaceCount({"db1", "other"}), 0u);
  book_.Remove(agent->id);
  EXPECT_EQ(book_.NamespaceCount({"db1", "default"}), 1u);
}

// ---- Visits ----

TEST_F(AddressBookTest, VisitsTheSingleAddressesOfAPrefixInOrder) {
  book_.Set(leases_.Of(Agent("db1")),
            Owned({"10.0.1.5", "10.0.0.9", "10.0.0.128/25", "10.1.0.1"}));
  book_.Set(leases_.Of(Agent("db2")), Owned({"10.0.0.10", "10.0.0.9"}));
  EXPECT_THAT(Visited("10.0.0.0/16"),
              ElementsAre("default 10.0.0.9 db1", "default 10.0.0.9 db2",
                          "default 10.0.0.10 db2", "default 10.0.1.5 db1"));
  EXPECT_THAT(Visited("10.0.0.0/16", {}, "10.0.0.10"),
              ElementsAre("default 10.0.0.10 db2", "default 10.0.1.5 db1"));
  EXPECT_THAT(Visited("10.0.0.0/16", {.host = "db2"}),
              ElementsAre("default 10.0.0.9 db2", "default 10.0.0.10 db2"));
}

TEST_F(AddressBookTest, VisitsHostLocalAddressesOfANamedHostOnly) {
  for (const char* host : {"db1", "db2"})
    book_.Set(leases_.Of(Agent(host)), Owned({"127.0.0.1"}));
  EXPECT_THAT(Visited("127.0.0.0/8"), IsEmpty());
  EXPECT_THAT(Visited("127.0.0.0/8", {.host = "db2"}),
              ElementsAre("default 127.0.0.1 db2"));
}

TEST_F(AddressBookTest, VisitsEachNetworkOrTheOneThatIsNamed) {
  book_.Set(leases_.Of(Agent("a", "vpc-a")), Owned({"10.0.0.5", "10.0.0.6"}));
  book_.Set(leases_.Of(Agent("b", "vpc-b")), Owned({"10.0.0.4", "127.0.0.1"}));
  book_.Set(leases_.Of(Agent("c", "vpc-c")), Owned({"10.0.0.5"}));
  EXPECT_THAT(Visited("10.0.0.0/8"),
              ElementsAre("vpc-a 10.0.0.5 a", "vpc-a 10.0.0.6 a",
                          "vpc-b 10.0.0.4 b", "vpc-c 10.0.0.5 c"));
  EXPECT_THAT(Visited("10.0.0.0/8", {.network = "vpc-b"}),
              ElementsAre("vpc-b 10.0.0.4 b"));
  EXPECT_THAT(Visited("0.0.0.0/0", {.host = "b"}),
              ElementsAre("vpc-b 10.0.0.4 b", "vpc-b 127.0.0.1 b"));
}

TEST_F(AddressBookTest, AVisitThatHasEnoughGoesOnWithTheNextNetwork) {
  book_.Set(leases_.Of(Agent("a", "vpc-a")), Owned({"10.0.0.5", "10.0.0.6"}));
  book_.Set(leases_.Of(Agent("b", "vpc-b")), Owned({"10.0.0.7", "10.0.0.8"}));
  std::vector<std::string> visited;
  book_.Visit(
      Prefix::Parse("10.0.0.0/8").value(), {}, Ip("0.0.0.0"),
      [&](const std::string&, const IpAddress& address, const AddressOwner&) {
        visited.push_back(address.ToString());
        return false;
      });
  EXPECT_THAT(visited, ElementsAre("10.0.0.5", "10.0.0.7"));
}

TEST_F(AddressBookTest, VisitsTheOwnersOfOneAddressInEachNetwork) {
  book_.Set(leases_.Of(Agent("a", "vpc-a")), Owned({"10.0.0.5", "127.0.0.1"}));
  book_.Set(leases_.Of(Agent("b", "vpc-b")), Owned({"10.0.0.0/24"}));
  book_.Set(leases_.Of(Agent("c", "vpc-c")), Owned({"127.0.0.1"}));
  book_.Set(leases_.Of(Agent("d", "vpc-d")), Owned({"10.0.0.5"}));
  const auto owners = [&](const std::string& network) {
    std::vector<std::string> visited;
    book_.VisitOwners(network, Ip("10.0.0.5"),
                      [&](const std::string& of, const AddressOwner& owner) {
                        visited.push_back(absl::StrCat(of, " ", owner.host));
                      });
    return visited;
  };
  EXPECT_THAT(owners(""), ElementsAre("vpc-a a", "vpc-b b", "vpc-d d"));
  EXPECT_THAT(owners("vpc-b"), ElementsAre("vpc-b b"));
  EXPECT_THAT(owners("vpc-c"), IsEmpty());
}

// ---- Interfaces and names ----

TEST_F(AddressBookTest, AnAddressIsOnTheInterfaceOfItsLongestPrefix) {
  NetworkNamespace told = Owned({"127.0.0.0/8", "127.0.0.5"}, "1");
  told.prefixes[0].device = "lo";
  told.prefixes[1].device = "dummy0";
  book_.Set(leases_.Of(Agent("db1")), told);
  const auto device = [&](absl::string_view address) {
    return book_.Owners(Agent("db1"), Ip(address)).front().device;
  };
  EXPECT_EQ(device("127.0.0.1"), "lo");
  EXPECT_EQ(device("127.0.0.5"), "dummy0");
}

TEST_F(AddressBookTest, ANamespaceIsCalledWhatTheLastLeaseCallsIt) {
  const auto call = [&](const LeasePtr& lease, const std::string& name) {
    book_.Set(lease, {.netns = "1", .prefixes = {}, .name = name});
  };
  const LeasePtr first = leases_.Of(Agent("db1"));
  const LeasePtr second = leases_.Of(Program("db1"));
  EXPECT_EQ(book_.NameOf("db1", "default", "1"), "");
  call(first, "blue");
  call(second, "");
  EXPECT_EQ(book_.NameOf("db1", "default", "1"), "blue");
  call(second, "green");
  EXPECT_EQ(book_.NameOf("db1", "default", "1"), "green");
  EXPECT_EQ(book_.NameOf("db1", "default", "2"), "");
  EXPECT_EQ(book_.NameOf("db2", "default", "1"), "");
  book_.Remove(second->id);
  EXPECT_EQ(book_.NameOf("db1", "default", "1"), "blue");
}

TEST_F(AddressBookTest, OneNamespaceIsTakenBackAlone) {
  limits_.namespaces_per_reporter = 2;
  limits_.prefixes_per_reporter = 2;
  const LeasePtr lease = leases_.Of(Agent("db1"));
  book_.Set(lease, Owned({"10.0.0.1"}, "1"));
  book_.Set(lease, Owned({"10.0.0.2"}, "2"));
  book_.Remove(lease->id, "1");
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.1")), IsEmpty());
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.2")),
              ElementsAre(AddressOwner{"db1", "2"}));
  EXPECT_EQ(book_.NamespaceCount({"db1", "default"}), 1u);
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.3"}, "3")), std::nullopt);

  const uint64_t revision = history_.revision();
  book_.Remove(lease->id, "1");
  EXPECT_EQ(history_.revision(), revision);
}

// ---- Limits ----

TEST_F(AddressBookTest, AReporterTellsOfSoManyNamespacesAndNoMore) {
  limits_.namespaces_per_reporter = 2;
  const LeasePtr lease = leases_.Of(Agent("db1"));
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.1"}, "1")), std::nullopt);
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.2"}, "2")), std::nullopt);
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.3"}, "3")),
            RowLimit::kNamespacesPerReporter);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.3")), IsEmpty());

  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.4"}, "2")), std::nullopt);
  EXPECT_EQ(book_.Set(leases_.Of(Agent("db2")), Owned({"10.0.0.3"}, "3")),
            std::nullopt);
}

TEST_F(AddressBookTest, AReporterTellsOfSoManyPrefixesAndNoMore) {
  limits_.prefixes_per_reporter = 3;
  const LeasePtr lease = leases_.Of(Agent("db1"));
  book_.Set(lease, Owned({"10.0.0.1"}, "1"));
  book_.Set(lease, Owned({"10.0.0.2"}, "2"));
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.3", "10.0.0.4", "10.0.0.5"}, "2")),
            RowLimit::kPrefixesPerReporter);
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.2")),
              ElementsAre(AddressOwner{"db1", "2"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.3")), IsEmpty());

  EXPECT_EQ(book_.Set(lease, Owned({}, "1")), std::nullopt);
  EXPECT_EQ(book_.Set(lease, Owned({"10.0.0.3", "10.0.0.4", "10.0.0.5"}, "2")),
            std::nullopt);
}

TEST_F(AddressBookTest, ANamespaceIsLimitedUntilItIsToldOrTakenBack) {
  limits_ = {.namespaces_per_reporter = 2, .prefixes_per_reporter = 3};
  const LeasePtr lease = leases_.Of(Agent("db1"));
  EXPECT_FALSE(book_.IsLimited(lease->id));
  book_.Set(lease, Owned({"10.0.0.1"}, "1"));
  book_.Set(lease, Owned({"10.0.0.2"}, "2"));
  book_.Set(lease, Owned({"10.0.0.3"}, "3"));
  EXPECT_TRUE(book_.IsLimited(lease->id));
  book_.Remove(lease->id, "3");
  EXPECT_FALSE(book_.IsLimited(lease->id));

  book_.Set(lease, Owned({"10.0.0.3", "10.0.0.4", "10.0.0.5"}, "2"));
  EXPECT_TRUE(book_.IsLimited(lease->id));
  book_.Set(lease, Owned({"10.0.0.2"}, "2"));
  EXPECT_FALSE(book_.IsLimited(lease->id));

  for (const char* netns : {"3", "4", "5"})
    book_.Set(lease, Owned({"10.0.0.3"}, netns));
  for (const char* netns : {"3", "4", "5"}) book_.Remove(lease->id, netns);
  // More than are remembered.
  EXPECT_TRUE(book_.IsLimited(lease->id));
  book_.LiftLimits(lease->id);
  EXPECT_FALSE(book_.IsLimited(lease->id));
}

TEST_F(AddressBookTest, ARefusedWordIsNoChange) {
  limits_.namespaces_per_reporter = 0;
  book_.Set(leases_.Of(Agent("db1")), Owned({"10.0.0.1"}));
  EXPECT_EQ(history_.revision(), 0u);
  EXPECT_EQ(OwnershipOf(Agent("db1"), "", "10.0.0.1"), Ownership::kUnknown);
}

}  // namespace
}  // namespace connreg
