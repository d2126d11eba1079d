#include "service/core/address_book.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AddressBookTest : public testing::Test {
 protected:
  Lease LeaseOf(const Reporter& reporter) {
    return {LeaseId{++last_lease_}, std::make_shared<const Reporter>(reporter)};
  }
  static IpAddress Ip(absl::string_view text) {
    return IpAddress::Parse(text).value();
  }

  AddressBook book_;
  uint64_t last_lease_ = 0;
};

TEST_F(AddressBookTest, AnAddressBelongsToWhoeverToldIt) {
  book_.Set(LeaseOf(Agent("db1")), Owned({"10.0.0.5", "2001:db8::5"}, "n1"));
  book_.Set(LeaseOf(Agent("db2")), Owned({"10.0.0.6"}, "n2"));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(HostNetns{"db1", "n1"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("2001:db8::5")),
              ElementsAre(HostNetns{"db1", "n1"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.7")), IsEmpty());
}

TEST_F(AddressBookTest, APrefixOwnsAllOfItsAddresses) {
  book_.Set(LeaseOf(Agent("edge1")), Owned({"198.51.100.0/24"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("198.51.100.77")),
              ElementsAre(HostNetns{"edge1", ""}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("198.51.101.1")), IsEmpty());
}

TEST_F(AddressBookTest, TheSameAddressInAnotherNetworkIsAnotherAddress) {
  book_.Set(LeaseOf(Agent("a", "vpc-a")), Owned({"10.0.0.5"}));
  book_.Set(LeaseOf(Agent("b", "vpc-b")), Owned({"10.0.0.5"}));
  EXPECT_THAT(book_.Owners(Agent("c", "vpc-b"), Ip("10.0.0.5")),
              ElementsAre(HostNetns{"b", ""}));
}

TEST_F(AddressBookTest, HostLocalAddressesMeanTheAskersOwnHost) {
  for (const char* host : {"web1", "web2"}) {
    book_.Set(LeaseOf(Agent(host)),
              Owned({"127.0.0.0/8", "fe80::1%eth0"}, "n"));
  }
  EXPECT_THAT(book_.Owners(Agent("web2"), Ip("127.0.0.53")),
              ElementsAre(HostNetns{"web2", "n"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("fe80::1%eth0")),
              ElementsAre(HostNetns{"web1", "n"}));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("fe80::1%eth1")), IsEmpty());
}

TEST_F(AddressBookTest, TellingAgainTakesTheEarlierWordsPlace) {
  const Lease lease = LeaseOf(Agent("db1"));
  EXPECT_TRUE(book_.Set(lease, Owned({"10.0.0.5"})));
  EXPECT_FALSE(book_.Set(lease, Owned({"10.0.0.5"})));
  EXPECT_TRUE(book_.Set(lease, Owned({"10.0.0.6"})));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")), IsEmpty());
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.6")),
              ElementsAre(HostNetns{"db1", ""}));
}

TEST_F(AddressBookTest, EachReporterTakesBackOnlyItsOwnWord) {
  const Lease agent = LeaseOf(Agent("db1"));
  const Lease program = LeaseOf(Program("db1"));
  book_.Set(agent, Owned({"10.0.0.5"}));
  book_.Set(program, Owned({"10.0.0.5"}));
  EXPECT_TRUE(book_.Remove(program.id));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")),
              ElementsAre(HostNetns{"db1", ""}));
  EXPECT_TRUE(book_.Remove(agent.id));
  EXPECT_FALSE(book_.Remove(agent.id));
  EXPECT_THAT(book_.Owners(Agent("web1"), Ip("10.0.0.5")), IsEmpty());
}

TEST_F(AddressBookTest, OwnershipIsUnknownWhereNothingWasTold) {
  const Reporter db1 = Agent("db1");
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("10.0.0.5")), Ownership::kUnknown);
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("127.0.0.1")), Ownership::kOwns);

  const Lease lease = LeaseOf(db1);
  book_.Set(lease, Owned({"10.0.0.5"}, "n1"));
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("10.0.0.5")), Ownership::kOwns);
  EXPECT_EQ(book_.OwnershipOf(db1, "", Ip("10.0.0.5")), Ownership::kOwns);
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("10.0.0.6")),
            Ownership::kDoesNotOwn);
  EXPECT_EQ(book_.OwnershipOf(db1, "n2", Ip("10.0.0.5")), Ownership::kUnknown);
  // A namespace whose loopback interface is down owns no loopback address.
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("127.0.0.1")),
            Ownership::kDoesNotOwn);

  book_.Remove(lease.id);
  EXPECT_EQ(book_.OwnershipOf(db1, "n1", Ip("10.0.0.5")), Ownership::kUnknown);
}

}  // namespace
}  // namespace connreg
