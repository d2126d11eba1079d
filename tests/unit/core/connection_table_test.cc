#include "service/core/connection_table.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Time kStart = absl::UnixEpoch();

class ConnectionTableTest : public testing::Test {
 protected:
  Lease LeaseOf(const Reporter& reporter) {
    return {LeaseId{++last_lease_}, std::make_shared<const Reporter>(reporter)};
  }
  void Put(const ConnectionFacts& facts, const Lease& lease,
           absl::Time now = kStart) {
    table_.Put({facts}, lease, now);
  }
  size_t Remove(const ConnectionFacts& facts, const Lease& lease) {
    return table_.Remove({ConnectionName{facts.socket, facts.tuple}},
                         *lease.reporter);
  }
  std::vector<RowGroup> All() {
    return table_.Scan({}, std::nullopt, SIZE_MAX);
  }

  FakeClock clock_;
  History history_{clock_};
  ConnectionTable table_{{1, 2}, history_};
  uint64_t last_lease_ = 0;
  const Lease web1_ = LeaseOf(Agent("web1"));
  const Lease db1_ = LeaseOf(Agent("db1"));
};

TEST_F(ConnectionTableTest, AFourTupleAndItsMirrorShareAGroup) {
  for (int port = 1000; port < 1200; ++port) {
    const std::string client = absl::StrCat("10.0.0.9:", port);
    Put(Tcp(client, "10.0.0.5:5432"), web1_);
    Put(Tcp("10.0.0.5:5432", client), db1_);
  }
  const std::vector<RowGroup> groups = All();
  EXPECT_THAT(groups, SizeIs(200));
  for (const RowGroup& group : groups) EXPECT_THAT(group.rows, SizeIs(2));
}

TEST_F(ConnectionTableTest, LoopbackFourTuplesAreToldApartByHost) {
  Put(Tcp("127.0.0.1:1000", "127.0.0.1:80"), web1_);
  Put(Tcp("127.0.0.1:80", "127.0.0.1:1000"), web1_);
  Put(Tcp("127.0.0.1:1000", "127.0.0.1:80"), db1_);
  EXPECT_THAT(All(), SizeIs(2));
  const FourTuple tuple = Pair("127.0.0.1:80", "127.0.0.1:1000");
  EXPECT_THAT(table_.Find(tuple, "web1"), SizeIs(2));
  EXPECT_THAT(table_.Find(tuple, "db1"), SizeIs(1));
  EXPECT_THAT(table_.Find(tuple, ""), SizeIs(3));
}

TEST_F(ConnectionTableTest, TheKeyDecidesTheOrder) {
  ConnectionTable other({3, 4}, history_);
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1050; ++port)
    rows.push_back(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:5432"));
  table_.Put(rows, web1_, kStart);
  other.Put(rows, web1_, kStart);
  EXPECT_NE(All().front().hash,
            other.Scan({}, std::nullopt, SIZE_MAX).front().hash);
}

TEST_F(ConnectionTableTest, ScansInTheOrderOfTheHashesAcrossShards) {
  for (int port = 1000; port < 1300; ++port)
    Put(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:5432"), web1_);
  const std::vector<RowGroup> all = All();
  std::vector<uint64_t> in_pieces;
  std::optional<uint64_t> after;
  while (true) {
    const std::vector<RowGroup> piece = table_.Scan({}, after, 7);
    if (piece.empty()) break;
    for (const RowGroup& group : piece) in_pieces.push_back(group.hash);
    after = in_pieces.back();
  }
  std::vector<uint64_t> at_once;
  for (const RowGroup& group : all) at_once.push_back(group.hash);
  EXPECT_EQ(in_pieces, at_once);
  EXPECT_TRUE(std::is_sorted(at_once.begin(), at_once.end()));
}

TEST_F(ConnectionTableTest, ALateCloseDoesNotRemoveTheNewIncarnation) {
  const ConnectionFacts old_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  const ConnectionFacts new_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 8);
  Put(old_life, web1_, kStart);
  Put(new_life, web1_, kStart + absl::Seconds(5));
  EXPECT_EQ(Remove(old_life, web1_), 0u);
  const std::vector<Observation> rows = table_.Find(new_life.tuple, "");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].facts.socket.cookie, 8u);
  EXPECT_EQ(rows[0].provenance.first_seen, kStart + absl::Seconds(5));
  EXPECT_EQ(Remove(new_life, web1_), 1u);
  EXPECT_THAT(All(), IsEmpty());
}

TEST_F(ConnectionTableTest, InodesTellIncarnationsApartWhereCookiesDoNot) {
  ConnectionFacts old_life = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  ConnectionFacts new_life = old_life;
  old_life.socket.inode = 100;
  new_life.socket.inode = 101;
  Put(old_life, web1_);
  Put(new_life, web1_);
  EXPECT_EQ(Remove(old_life, web1_), 0u);
  EXPECT_EQ(Remove(new_life, web1_), 1u);
}

TEST_F(ConnectionTableTest, SayingTheSameAgainChangesNothing) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, web1_, kStart);
  const uint64_t revision = history_.revision();
  Put(facts, web1_, kStart + absl::Seconds(5));
  EXPECT_EQ(history_.revision(), revision);
  EXPECT_EQ(table_.Find(facts.tuple, "")[0].provenance.changed, kStart);
}

TEST_F(ConnectionTableTest, AChangeKeepsWhenTheRowWasFirstSeen) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, web1_, kStart);
  facts.state = ConnectionState::kCloseWait;
  const uint64_t revision = history_.revision();
  Put(facts, web1_, kStart + absl::Seconds(5));
  EXPECT_EQ(history_.revision(), revision + 1);
  const Observation row = table_.Find(facts.tuple, "")[0];
  EXPECT_EQ(row.facts.state, ConnectionState::kCloseWait);
  EXPECT_EQ(row.provenance.first_seen, kStart);
  EXPECT_EQ(row.provenance.changed, kStart + absl::Seconds(5));
}

TEST_F(ConnectionTableTest, OneFourTupleLivesInTwoNamespacesAndTransports) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  facts.socket.netns = "1";
  Put(facts, web1_);
  facts.socket.netns = "2";
  Put(facts, web1_);
  facts.socket.transport = Transport::kUdp;
  Put(facts, web1_);
  EXPECT_EQ(table_.size(), 3u);
  EXPECT_THAT(All(), SizeIs(1));
}

TEST_F(ConnectionTableTest, ReportersTakeBackOnlyTheirOwnRows) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  const Lease program = LeaseOf(Program("web1"));
  Put(facts, web1_);
  Put(facts, program);
  EXPECT_EQ(Remove(facts, program), 1u);
  EXPECT_EQ(Remove(facts, program), 0u);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(ConnectionTableTest, AnEndedLeaseTakesItsRowsOutOfEveryIndex) {
  Put(Tcp("10.0.0.9:51000", "10.0.0.5:80"), web1_);
  Put(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_);
  Put(Tcp("10.0.0.9:51001", "10.0.0.5:80"), web1_);
  EXPECT_EQ(table_.RemoveLease(web1_.id), 2u);
  EXPECT_EQ(table_.RemoveLease(web1_.id), 0u);

  const auto with_end = [&](absl::string_view endpoint) {
    return table_.Scan({.endpoint = At(endpoint)}, std::nullopt, SIZE_MAX);
  };
  EXPECT_THAT(with_end("10.0.0.9:51000"), SizeIs(1));
  EXPECT_THAT(with_end("10.0.0.9:51001"), IsEmpty());
  const auto of_host = [&](const std::string& host) {
    return table_.Scan({.scope = {.host = host}}, std::nullopt, SIZE_MAX);
  };
  EXPECT_THAT(of_host("web1"), IsEmpty());
  EXPECT_THAT(of_host("db1"), SizeIs(1));
}

TEST_F(ConnectionTableTest, RowsGoOverToTheirReportersNextLease) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_, kStart);
  const Lease next = LeaseOf(Agent("web1"));
  Put(facts, next, kStart + absl::Seconds(5));
  EXPECT_EQ(table_.RemoveLease(web1_.id), 0u);
  EXPECT_EQ(table_.Find(facts.tuple, "")[0].provenance.first_seen, kStart);
  EXPECT_EQ(table_.RemoveLease(next.id), 1u);
}

TEST_F(ConnectionTableTest, AReportThatTheNextLeaseOvertookChangesNothing) {
  const Lease next = LeaseOf(Agent("web1"));
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, next);
  const uint64_t revision = history_.revision();
  facts.socket.cookie = 6;
  Put(facts, web1_);
  EXPECT_EQ(history_.revision(), revision);
  EXPECT_EQ(table_.RemoveLease(web1_.id), 0u);
  const std::vector<Observation> rows = table_.Find(facts.tuple, "");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].facts.socket.cookie, 7u);
}

TEST_F(ConnectionTableTest, AFilteredScanBringsBothEndsOfWhatMatches) {
  Put(Tcp("10.0.0.9:51000", "10.0.0.5:80"), web1_);
  Put(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_);
  const std::vector<RowGroup> groups =
      table_.Scan({.scope = {.host = "db1"}}, std::nullopt, SIZE_MAX);
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_THAT(groups[0].rows, SizeIs(2));
}

}  // namespace
}  // namespace connreg
