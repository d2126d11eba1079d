#include "service/core/connection_table.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/core/leases.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Shard::Options kOptions = {.closed_age = absl::Hours(1),
                                     .closed_rows = 1000};

class ConnectionTableTest : public testing::Test {
 protected:
  explicit ConnectionTableTest(const Limits& limits = {}) : capacity_(limits) {}

  Refusals Put(const ConnectionFacts& facts, const LeasePtr& lease) {
    Refusals refusals;
    table_.Put({facts}, lease, &refusals);
    return refusals;
  }
  size_t Remove(const ConnectionFacts& facts, const LeasePtr& lease) {
    return table_.Remove(
        {ConnectionName{facts.socket, facts.tuple, facts.device}},
        lease->reporter);
  }
  std::vector<RowGroup> Scan(const GroupFilter& filter) {
    return table_.Scan(filter, std::nullopt, SIZE_MAX);
  }
  std::vector<RowGroup> All() { return Scan({}); }
  std::vector<Observation> Rows(const ConnectionFacts& facts) {
    return table_.Find(facts.tuple, "").rows;
  }
  std::vector<Observation> Closed(const ConnectionFacts& facts) {
    return table_.Find(facts.tuple, "").closed;
  }

  FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  History history_{start_};
  Capacity capacity_;
  ConnectionTable table_{{1, 2}, kOptions, clock_, history_, capacity_};
  Leases leases_;
  const LeasePtr web1_ = leases_.Of(Agent("web1"));
  const LeasePtr db1_ = leases_.Of(Agent("db1"));
};

// ---- Hashes and scans ----

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

TEST_F(ConnectionTableTest, AFourTupleAndItsMirrorAreInOneShardUnderOneHash) {
  const FourTuple tuple = Pair("10.0.0.9:51000", "10.0.0.5:5432");
  Put(Tcp("10.0.0.9:51000", "10.0.0.5:5432"), web1_);
  Put(Tcp("10.0.0.5:5432", "10.0.0.9:51000"), db1_);
  const RowGroup found = table_.Find(tuple, "");
  const RowGroup mirrored = table_.Find(tuple.Mirror(), "");
  EXPECT_EQ(found.hash, mirrored.hash);
  EXPECT_THAT(found.rows, SizeIs(2));
  EXPECT_THAT(mirrored.rows, SizeIs(2));
}

TEST_F(ConnectionTableTest, LoopbackFourTuplesAreToldApartByHost) {
  Put(Tcp("127.0.0.1:1000", "127.0.0.1:80"), web1_);
  Put(Tcp("127.0.0.1:80", "127.0.0.1:1000"), web1_);
  Put(Tcp("127.0.0.1:1000", "127.0.0.1:80"), db1_);
  EXPECT_THAT(All(), SizeIs(2));
  const FourTuple tuple = Pair("127.0.0.1:80", "127.0.0.1:1000");
  EXPECT_THAT(table_.Find(tuple, "web1").rows, SizeIs(2));
  EXPECT_THAT(table_.Find(tuple, "db1").rows, SizeIs(1));
  EXPECT_THAT(table_.Find(tuple, "").rows, SizeIs(3));
}

TEST_F(ConnectionTableTest, ZonesTellLinkLocalFourTuplesApart) {
  const ConnectionFacts eth0 = Tcp("[fe80::1%eth0]:1000", "[fe80::2%eth0]:80");
  const ConnectionFacts eth1 = Tcp("[fe80::1%eth1]:1000", "[fe80::2%eth1]:80");
  Put(eth0, web1_);
  Put(eth1, web1_);
  EXPECT_THAT(All(), SizeIs(2));
  EXPECT_THAT(table_.Find(eth0.tuple, "web1").rows, SizeIs(1));
}

TEST_F(ConnectionTableTest, TheKeyDecidesTheOrder) {
  ConnectionTable other({3, 4}, kOptions, clock_, history_, capacity_);
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1050; ++port)
    rows.push_back(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:5432"));
  Refusals refusals;
  table_.Put(rows, web1_, &refusals);
  other.Put(rows, web1_, &refusals);
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

TEST_F(ConnectionTableTest, AFilteredScanBringsBothEndsOfWhatMatches) {
  Put(Tcp("10.0.0.9:51000", "10.0.0.5:80"), web1_);
  Put(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_);
  const std::vector<RowGroup> groups = Scan({.scope = {.host = "db1"}});
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_THAT(groups[0].rows, SizeIs(2));
}

TEST_F(ConnectionTableTest, LiveAndEndedAreScannedInOneOrder) {
  constexpr int kRows = 6000;
  constexpr int kEnded = 400;
  for (int i = 0; i < kRows; ++i)
    Put(Tcp(absl::StrCat("10.0.0.9:", 10000 + i), "10.0.0.5:80"), web1_);
  for (int i = 0; i < kEnded; ++i) {
    Remove(Tcp(absl::StrCat("10.0.0.9:", 10000 + 2 * i), "10.0.0.5:80"), web1_);
  }
  for (GroupFilter filter :
       {GroupFilter{.closed = true},
        GroupFilter{.scope = {.host = "web1"}, .closed = true},
        GroupFilter{.endpoint = At("10.0.0.5:80"), .closed = true}}) {
    for (const size_t page : {size_t{7}, size_t{500}, SIZE_MAX}) {
      std::vector<uint64_t> hashes;
      std::vector<RowGroup> groups;
      do {
        groups = table_.Scan(
            filter,
            hashes.empty() ? std::nullopt : std::optional(hashes.back()), page);
        for (const RowGroup& group : groups) hashes.push_back(group.hash);
      } while (groups.size() == page);
      EXPECT_THAT(hashes, SizeIs(kRows));
      EXPECT_TRUE(std::is_sorted(hashes.begin(), hashes.end()));
    }
    filter.closed = false;
    EXPECT_THAT(Scan(filter), SizeIs(kRows - kEnded));
  }
}

TEST_F(ConnectionTableTest, AScanBringsWhatHasEndedOnlyIfAsked) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  Remove(facts, web1_);
  EXPECT_THAT(All(), IsEmpty());
  const std::vector<GroupFilter> filters = {
      {.closed = true},
      {.scope = {.host = "web1"}, .closed = true},
      {.endpoint = At("10.0.0.5:80"), .closed = true}};
  for (const GroupFilter& filter : filters) {
    const std::vector<RowGroup> groups = Scan(filter);
    ASSERT_THAT(groups, SizeIs(1));
    EXPECT_THAT(groups[0].rows, IsEmpty());
    EXPECT_THAT(groups[0].closed, SizeIs(1));
  }
  EXPECT_THAT(Scan({.scope = {.host = "db1"}, .closed = true}), IsEmpty());
}

// ---- Incarnations ----

TEST_F(ConnectionTableTest, ALateCloseDoesNotRemoveTheNewIncarnation) {
  const ConnectionFacts old_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  const ConnectionFacts new_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 8);
  Put(old_life, web1_);
  clock_.Advance(absl::Seconds(5));
  Put(new_life, web1_);
  EXPECT_EQ(Remove(old_life, web1_), 0u);
  const std::vector<Observation> rows = Rows(new_life);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].facts.socket.cookie, 8u);
  EXPECT_EQ(rows[0].provenance.first_seen, start_ + absl::Seconds(5));
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
  Put(facts, web1_);
  const uint64_t revision = history_.revision();
  clock_.Advance(absl::Seconds(5));
  Put(facts, web1_);
  EXPECT_EQ(history_.revision(), revision);
  EXPECT_EQ(Rows(facts)[0].provenance.changed, start_);
}

TEST_F(ConnectionTableTest, AChangeKeepsWhenTheRowWasFirstSeen) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, web1_);
  facts.state = ConnectionState::kCloseWait;
  const uint64_t revision = history_.revision();
  clock_.Advance(absl::Seconds(5));
  Put(facts, web1_);
  EXPECT_EQ(history_.revision(), revision + 1);
  const Observation row = Rows(facts)[0];
  EXPECT_EQ(row.facts.state, ConnectionState::kCloseWait);
  EXPECT_EQ(row.provenance.first_seen, start_);
  EXPECT_EQ(row.provenance.changed, start_ + absl::Seconds(5));
  EXPECT_EQ(row.provenance.revision, revision + 1);
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

TEST_F(ConnectionTableTest, OneFourTupleLivesOnTwoInterfacesOfANamespace) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  facts.device = "eth0";
  Put(facts, web1_);
  facts.device = "eth1";
  facts.socket.cookie = 8;
  Put(facts, web1_);
  EXPECT_THAT(Rows(facts), SizeIs(2));
  EXPECT_THAT(Closed(facts), IsEmpty());

  EXPECT_EQ(Remove(facts, web1_), 1u);
  ASSERT_THAT(Rows(facts), SizeIs(1));
  EXPECT_EQ(Rows(facts)[0].facts.device, "eth0");
}

TEST_F(ConnectionTableTest, TheNextAgentGoesOnWhereTheOneBeforeItEnded) {
  ConnectionFacts facts = Tcp("10.0.0.5:80", "10.0.0.9:51000", 7);
  facts.role = Role::kServer;
  facts.evidence = RoleEvidence::kListener;
  facts.listener_cookie = 3;
  Put(facts, db1_);
  clock_.Advance(absl::Seconds(5));
  Reporter next = Agent("db1");
  next.name = "agent2";
  const LeasePtr second = leases_.Of(next);
  Put(Tcp("10.0.0.5:80", "10.0.0.9:51000", 7), second);
  table_.RemoveLease(*db1_, CloseReason::kDeregistered);
  ASSERT_THAT(Rows(facts), SizeIs(1));
  EXPECT_EQ(Rows(facts)[0].facts, facts);
  EXPECT_EQ(Rows(facts)[0].provenance.first_seen, start_);
}

TEST_F(ConnectionTableTest, TheNextAgentKnowsNothingOfAnotherIncarnation) {
  ConnectionFacts facts = Tcp("10.0.0.5:80", "10.0.0.9:51000", 7);
  facts.role = Role::kServer;
  Put(facts, db1_);
  Reporter next = Agent("db1");
  next.name = "agent2";
  const ConnectionFacts another = Tcp("10.0.0.5:80", "10.0.0.9:51000", 8);
  Put(another, leases_.Of(next));
  ASSERT_THAT(Rows(facts), SizeIs(2));
  EXPECT_EQ(Rows(facts)[1].facts, another);
}

// ---- What has ended ----

TEST_F(ConnectionTableTest, ARowThatIsTakenAwayIsRememberedAsDeregistered) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  facts.state = ConnectionState::kCloseWait;
  Put(facts, web1_);
  clock_.Advance(absl::Seconds(5));
  Remove(facts, web1_);
  const std::vector<Observation> closed = Closed(facts);
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].facts, facts);
  EXPECT_EQ(closed[0].reporter(), Agent("web1"));
  EXPECT_EQ(closed[0].provenance.first_seen, start_);
  EXPECT_EQ(closed[0].closure->time, start_ + absl::Seconds(5));
  EXPECT_EQ(closed[0].closure->reason, CloseReason::kDeregistered);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.closed_size(), 1u);
}

TEST_F(ConnectionTableTest, AReplacedIncarnationIsRememberedAsReplaced) {
  const ConnectionFacts old_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  const ConnectionFacts new_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 8);
  Put(old_life, web1_);
  clock_.Advance(absl::Seconds(5));
  Put(new_life, web1_);
  const std::vector<Observation> closed = Closed(old_life);
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].facts.socket.cookie, 7u);
  EXPECT_EQ(closed[0].provenance.first_seen, start_);
  EXPECT_EQ(closed[0].closure->reason, CloseReason::kReplaced);
  EXPECT_EQ(closed[0].closure->time, Rows(new_life)[0].provenance.first_seen);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(ConnectionTableTest, AViewWhoseSocketAnotherStillReportsIsNotClosed) {
  const ConnectionFacts seen = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  const ConnectionFacts declared = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  const LeasePtr program = leases_.Of(Program("web1"));
  Put(seen, web1_);
  Put(declared, program);
  EXPECT_EQ(Remove(declared, program), 1u);
  EXPECT_THAT(Closed(seen), IsEmpty());
  EXPECT_EQ(Remove(seen, web1_), 1u);
  EXPECT_THAT(Closed(seen), SizeIs(1));
}

TEST_F(ConnectionTableTest, AnotherIncarnationsRowDoesNotKeepOneFromClosing) {
  const ConnectionFacts old_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  const ConnectionFacts new_life = Tcp("10.0.0.9:51000", "10.0.0.5:80", 8);
  const LeasePtr program = leases_.Of(Program("web1"));
  Put(old_life, web1_);
  Put(new_life, program);
  Remove(old_life, web1_);
  ASSERT_THAT(Closed(old_life), SizeIs(1));
  EXPECT_EQ(Closed(old_life)[0].facts.socket.cookie, 7u);
}

TEST_F(ConnectionTableTest, TheOtherEndDoesNotKeepARowFromClosing) {
  const ConnectionFacts client = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(client, web1_);
  Put(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_);
  Remove(client, web1_);
  EXPECT_THAT(Closed(client), SizeIs(1));
  EXPECT_THAT(Rows(client), SizeIs(1));
}

TEST_F(ConnectionTableTest, WhatHasEndedTooLongAgoIsForgotten) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  clock_.Advance(absl::Seconds(5));
  Remove(facts, web1_);
  clock_.Advance(kOptions.closed_age - absl::Nanoseconds(1));
  table_.Forget();
  EXPECT_EQ(table_.closed_size(), 1u);
  EXPECT_EQ(history_.covered_since(), start_);
  clock_.Advance(absl::Nanoseconds(1));
  table_.Forget();
  EXPECT_EQ(table_.closed_size(), 0u);
  EXPECT_EQ(history_.covered_since(), start_ + absl::Seconds(5));
}

TEST_F(ConnectionTableTest, NoMoreThatHaveEndedAreRememberedThanMayBe) {
  ConnectionTable small({1, 2},
                        {.closed_age = absl::Hours(1), .closed_rows = 64},
                        clock_, history_, capacity_);
  Refusals refusals;
  for (int port = 1000; port < 2000; ++port) {
    const ConnectionFacts facts =
        Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:80");
    small.Put({facts}, web1_, &refusals);
    small.Remove({ConnectionName{facts.socket, facts.tuple}}, web1_->reporter);
  }
  EXPECT_EQ(small.closed_size(), 64u);
}

// ---- Leases ----

TEST_F(ConnectionTableTest, ReportersTakeBackOnlyTheirOwnRows) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  const LeasePtr program = leases_.Of(Program("web1"));
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
  EXPECT_EQ(table_.RemoveLease(*web1_, CloseReason::kLeaseEnded), 2u);
  EXPECT_EQ(table_.RemoveLease(*web1_, CloseReason::kLeaseEnded), 0u);
  EXPECT_THAT(Scan({.endpoint = At("10.0.0.9:51000")}), SizeIs(1));
  EXPECT_THAT(Scan({.endpoint = At("10.0.0.9:51001")}), IsEmpty());
  EXPECT_THAT(Scan({.scope = {.host = "web1"}}), IsEmpty());
  EXPECT_THAT(Scan({.scope = {.host = "db1"}}), SizeIs(1));
}

TEST_F(ConnectionTableTest, TheRowsOfALeaseCloseForTheReasonThatItEnded) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  table_.RemoveLease(*web1_, CloseReason::kLeaseEnded);
  ASSERT_THAT(Closed(facts), SizeIs(1));
  EXPECT_EQ(Closed(facts)[0].closure->reason, CloseReason::kLeaseEnded);
  EXPECT_EQ(history_.covered_since(), start_);
}

TEST_F(ConnectionTableTest, TheRowsOfALeaseThatEndsForNoReasonAreForgotten) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(table_.RemoveLease(*web1_, std::nullopt), 1u);
  EXPECT_THAT(Closed(facts), IsEmpty());
  EXPECT_EQ(history_.covered_since(), start_ + absl::Seconds(5));
}

TEST_F(ConnectionTableTest, RowsGoOverToTheirReportersNextLease) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  const LeasePtr next = leases_.Of(Agent("web1"));
  clock_.Advance(absl::Seconds(5));
  Put(facts, next);
  EXPECT_EQ(table_.RemoveLease(*web1_, std::nullopt), 0u);
  EXPECT_EQ(Rows(facts)[0].provenance.first_seen, start_);
  EXPECT_EQ(web1_->rows, 0u);
  EXPECT_EQ(next->rows, 1u);
  EXPECT_EQ(table_.RemoveLease(*next, std::nullopt), 1u);
  EXPECT_EQ(next->rows, 0u);
}

TEST_F(ConnectionTableTest, AReportThatTheNextLeaseOvertookChangesNothing) {
  const LeasePtr next = leases_.Of(Agent("web1"));
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, next);
  const uint64_t revision = history_.revision();
  facts.socket.cookie = 6;
  Put(facts, web1_);
  EXPECT_EQ(history_.revision(), revision);
  EXPECT_EQ(table_.RemoveLease(*web1_, std::nullopt), 0u);
  const std::vector<Observation> rows = Rows(facts);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].facts.socket.cookie, 7u);
}

TEST_F(ConnectionTableTest, TheRowsOfAStaleLeaseSaySinceWhen) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Put(facts, web1_);
  EXPECT_EQ(Rows(facts)[0].provenance.stale_since, std::nullopt);
  web1_->SetStale(start_ + absl::Seconds(60));
  EXPECT_EQ(Rows(facts)[0].provenance.stale_since, start_ + absl::Seconds(60));
  Remove(facts, web1_);
  EXPECT_EQ(Closed(facts)[0].provenance.stale_since, std::nullopt);
}

// ---- Limits ----

class SmallConnectionTableTest : public ConnectionTableTest {
 protected:
  SmallConnectionTableTest()
      : ConnectionTableTest({.rows = 3, .rows_per_four_tuple = 2}) {}
};

TEST_F(SmallConnectionTableTest, AFourTupleHasSoManyRowsAndNoMore) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  facts.socket.netns = "1";
  EXPECT_EQ(Put(facts, web1_).total(), 0u);
  EXPECT_EQ(Put(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_).total(), 0u);
  facts.socket.netns = "2";
  EXPECT_EQ(Put(facts, web1_).of(RowLimit::kRowsPerFourTuple), 1u);
  EXPECT_EQ(web1_->refused, 1u);
  EXPECT_EQ(web1_->rows, 1u);
  EXPECT_THAT(Rows(facts), SizeIs(2));

  Remove(Tcp("10.0.0.5:80", "10.0.0.9:51000"), db1_);
  EXPECT_EQ(Put(facts, web1_).total(), 0u);
}

TEST_F(SmallConnectionTableTest, WithoutRoomKnownRowsChangeAndGoAllTheSame) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80", 7);
  Put(facts, web1_);
  Put(Tcp("10.0.0.9:51001", "10.0.0.5:80"), web1_);
  Put(Tcp("10.0.0.9:51002", "10.0.0.5:80"), web1_);
  const ConnectionFacts more = Tcp("10.0.0.9:51003", "10.0.0.5:80");
  EXPECT_EQ(Put(more, web1_).of(RowLimit::kRows), 1u);

  facts.state = ConnectionState::kCloseWait;
  EXPECT_EQ(Put(facts, web1_).total(), 0u);
  EXPECT_EQ(Rows(facts)[0].facts.state, ConnectionState::kCloseWait);
  facts.socket.cookie = 8;
  EXPECT_EQ(Put(facts, web1_).total(), 0u);
  EXPECT_EQ(Rows(facts)[0].facts.socket.cookie, 8u);
  EXPECT_EQ(Remove(facts, web1_), 1u);
  EXPECT_EQ(Put(more, web1_).total(), 0u);
}

TEST_F(SmallConnectionTableTest, AnEndedLeaseGivesItsRoomBack) {
  for (int port = 1000; port < 1003; ++port)
    Put(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:80"), web1_);
  const ConnectionFacts facts = Tcp("10.0.0.5:80", "10.0.0.9:51000");
  EXPECT_EQ(Put(facts, db1_).total(), 1u);
  table_.RemoveLease(*web1_, std::nullopt);
  EXPECT_EQ(Put(facts, db1_).total(), 0u);
}

}  // namespace
}  // namespace connreg
