#include "service/core/row_table.h"

#include <cstdint>
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

// Two hashes of shard 3 that share a fragment, and one that does not.
const uint64_t kLow = HashFrom(3, 1000, 1);
const uint64_t kHigh = HashFrom(3, 1000, 2);
const uint64_t kOther = HashFrom(3, 2000, 1);

class RowTableTest : public testing::Test {
 protected:
  uint32_t Add(uint64_t hash, const ConnectionFacts& facts,
               const LeasePtr& lease) {
    return table_.Add({hash, hash_.TagOf(facts.tuple.local()),
                       hash_.TagOf(facts.tuple.remote())},
                      facts, pool_.Share(facts, lease));
  }
  std::vector<uint64_t> HashesOf(const std::string& endpoint) const {
    const uint32_t tag = hash_.TagOf(At(endpoint));
    return OneByOne(
        [&](auto after) { return table_.NextOfEnd(tag, after, 1); });
  }
  std::vector<uint64_t> HashesOf(uint32_t tag, uint32_t count) const {
    return OneByOne(
        [&](auto after) { return table_.NextOfLeases(tag, count, after, 1); });
  }
  std::vector<uint64_t> AllHashes() const {
    return OneByOne([&](auto after) { return table_.Next(after, 1); });
  }
  // All that `next` returns when it is asked for what is above its last.
  template <typename Next>
  static std::vector<uint64_t> OneByOne(Next next) {
    std::vector<uint64_t> hashes;
    for (RowTable::Hashes more = next(std::optional<uint64_t>()); !more.empty();
         more = next(std::optional(hashes.back())))
      hashes.insert(hashes.end(), more.begin(), more.end());
    return hashes;
  }
  uint32_t TagOf(const LeasePtr& lease) const {
    return hash_.TagOf(lease->reporter.host, static_cast<uint64_t>(lease->id));
  }
  const RowHash hash_{SipHashKey{1, 2}};
  SharedFactsPool pool_{hash_};
  BlockPool blocks_;
  RowTable table_{3, hash_, blocks_};
  Leases leases_;
  const LeasePtr web_ = leases_.Of(Agent("web1"));
  const LeasePtr program_ = leases_.Of(Program("web1", "script"));
  const LeasePtr db_ = leases_.Of(Agent("db1"));
};

TEST_F(RowTableTest, ARowComesBackAsItWasReported) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432", 17);
  facts.socket.inode = uint64_t{1} << 32;
  facts.socket.netns = "4026531840";
  facts.socket.uid = 1000;
  facts.socket.owners = Owners::Known({{.pid = 7, .name = "psql"}});
  facts.role = Role::kClient;
  facts.evidence = RoleEvidence::kInitiated;
  facts.device = "eth0";
  ConnectionFacts narrow = facts;
  narrow.socket.inode = 12345;
  const ConnectionFacts v6 = Tcp("[2001:db8::1]:1000", "[2001:db8::2]:80", 18);
  const uint32_t wide = Add(kLow, facts, web_);
  EXPECT_EQ(table_.rows().FactsOf(table_[wide]), facts);
  EXPECT_EQ(table_.rows().FactsOf(table_[Add(kHigh, narrow, web_)]), narrow);
  EXPECT_EQ(table_.rows().FactsOf(table_[Add(kOther, v6, web_)]), v6);
}

TEST_F(RowTableTest, ARowMayComeToHaveAnInodeThatIsWide) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  const uint32_t place = Add(kLow, facts, web_);
  facts.socket.inode = uint64_t{1} << 40;
  table_.Change(kLow, place, facts, pool_.Share(facts, web_));
  EXPECT_EQ(table_.rows().FactsOf(table_[place]), facts);
  table_.Remove(kLow, place);
  EXPECT_THAT(HashesOf("10.0.0.9:51000"), IsEmpty());
}

TEST_F(RowTableTest, GroupsThatShareAFragmentAreToldApart) {
  const uint32_t high = Add(kHigh, Tcp("10.0.0.9:2", "10.0.0.5:80"), web_);
  const uint32_t low = Add(kLow, Tcp("10.0.0.9:1", "10.0.0.5:80"), web_);
  const uint32_t other = Add(kOther, Tcp("10.0.0.9:3", "10.0.0.5:80"), web_);
  EXPECT_THAT(table_.Group(kLow), ElementsAre(low));
  EXPECT_THAT(table_.Group(kHigh), ElementsAre(high));
  EXPECT_THAT(HashesOf("10.0.0.5:80"), ElementsAre(kLow, kHigh, kOther));
  EXPECT_THAT(AllHashes(), ElementsAre(kLow, kHigh, kOther));

  table_.Remove(kLow, low);
  EXPECT_THAT(HashesOf("10.0.0.5:80"), ElementsAre(kHigh, kOther));
  EXPECT_THAT(HashesOf(TagOf(web_), 1), ElementsAre(kHigh, kOther));
  table_.Remove(kOther, other);
  table_.Remove(kHigh, high);
  EXPECT_THAT(HashesOf("10.0.0.5:80"), IsEmpty());
  EXPECT_THAT(AllHashes(), IsEmpty());
}

TEST_F(RowTableTest, HashesComeAsManyAtATimeAsAreAskedFor) {
  const uint32_t tag = hash_.TagOf(At("10.0.0.5:80"));
  const uint32_t leases = hash_.FirstTagOf("web1");
  Add(kHigh, Tcp("10.0.0.9:2", "10.0.0.5:80"), web_);
  Add(kLow, Tcp("10.0.0.9:1", "10.0.0.5:80"), program_);
  Add(kOther, Tcp("10.0.0.9:3", "10.0.0.5:80"), web_);
  EXPECT_THAT(table_.Next(std::nullopt, 2), ElementsAre(kLow, kHigh));
  EXPECT_THAT(table_.Next(kLow, 3), ElementsAre(kHigh, kOther));
  EXPECT_THAT(table_.NextOfEnd(tag, std::nullopt, 2), ElementsAre(kLow, kHigh));
  EXPECT_THAT(table_.NextOfEnd(tag, kHigh, 2), ElementsAre(kOther));
  EXPECT_THAT(
      table_.NextOfLeases(leases, RowHash::kTagsOfHost, std::nullopt, 2),
      ElementsAre(kLow, kHigh));
  EXPECT_THAT(table_.NextOfLeases(leases, RowHash::kTagsOfHost, kHigh, 2),
              ElementsAre(kOther));
}

TEST_F(RowTableTest, AnEndpointStaysWhileOneRowOfTheGroupHasIt) {
  const uint32_t client = Add(kLow, Tcp("10.0.0.9:1", "10.0.0.5:80"), web_);
  const uint32_t server = Add(kLow, Tcp("10.0.0.5:80", "10.0.0.9:1"), db_);
  EXPECT_THAT(table_.Group(kLow), ElementsAre(client, server));
  table_.Remove(kLow, client);
  EXPECT_THAT(HashesOf("10.0.0.9:1"), ElementsAre(kLow));
  EXPECT_THAT(HashesOf(TagOf(web_), 1), IsEmpty());
  EXPECT_THAT(HashesOf(TagOf(db_), 1), ElementsAre(kLow));
  table_.Remove(kLow, server);
  EXPECT_THAT(HashesOf("10.0.0.9:1"), IsEmpty());
}

TEST_F(RowTableTest, ARowTakenOutOfTheMiddleLeavesTheOthers) {
  const ConnectionFacts facts = Tcp("10.0.0.9:1", "10.0.0.5:80");
  const uint32_t first = Add(kLow, facts, web_);
  const uint32_t second = Add(kLow, facts, program_);
  const uint32_t third = Add(kLow, facts, db_);
  table_.Remove(kLow, second);
  EXPECT_THAT(table_.Group(kLow), ElementsAre(first, third));
  table_.Remove(kLow, first);
  EXPECT_THAT(table_.Group(kLow), ElementsAre(third));
}

TEST_F(RowTableTest, LeasesOfAHostHaveTagsOfOneRange) {
  Add(kOther, Tcp("10.0.0.9:1", "10.0.0.5:80"), web_);
  Add(kLow, Tcp("10.0.0.9:2", "10.0.0.5:80"), program_);
  Add(HashFrom(3, 3000, 1), Tcp("10.0.0.9:3", "10.0.0.5:80"), db_);
  EXPECT_THAT(HashesOf(hash_.FirstTagOf("web1"), RowHash::kTagsOfHost),
              ElementsAre(kLow, kOther));
  EXPECT_THAT(HashesOf(TagOf(program_), 1), ElementsAre(kLow));
}

TEST_F(RowTableTest, ARowMayBeAnotherLeases) {
  const ConnectionFacts facts = Tcp("10.0.0.9:1", "10.0.0.5:80");
  const uint32_t place = Add(kLow, facts, web_);
  table_.Change(kLow, place, facts, pool_.Share(facts, program_));
  EXPECT_THAT(HashesOf(TagOf(web_), 1), IsEmpty());
  EXPECT_THAT(HashesOf(TagOf(program_), 1), ElementsAre(kLow));
}

TEST_F(RowTableTest, VisitsEachRowThatIsThere) {
  const uint32_t gone = Add(kHigh, Tcp("10.0.0.9:2", "10.0.0.5:80"), web_);
  Add(kLow, Tcp("[2001:db8::1]:1000", "[2001:db8::2]:80", 17), web_);
  table_.Remove(kHigh, gone);
  std::vector<uint64_t> cookies;
  table_.rows().VisitAll(
      [&](const Row& row) { cookies.push_back(row.cookie); });
  EXPECT_THAT(cookies, ElementsAre(17));
}

}  // namespace
}  // namespace connreg
