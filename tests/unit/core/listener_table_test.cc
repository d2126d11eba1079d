#include "service/core/listener_table.h"

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
using ::testing::SizeIs;

constexpr absl::Time kStart = absl::UnixEpoch();

class ListenerTableTest : public testing::Test {
 protected:
  std::optional<RowLimit> Put(const ListenerFacts& facts, const LeasePtr& lease,
                              absl::Time now = kStart) {
    return table_.Put(facts, DigestFor(lease->reporter, facts), lease, now);
  }
  size_t RemoveAll(const LeasePtr& lease) {
    std::optional<ListenerPlace> after;
    return table_.RemoveSome(lease->id, /*mark=*/std::nullopt, &after);
  }
  size_t Remove(const ListenerFacts& facts, const LeasePtr& lease) {
    return table_.Remove({facts.socket, facts.local, facts.device}, *lease);
  }
  static std::string Name(const ListenerPlace& place) {
    return absl::StrCat(place.host, " ", EndpointOf(place).ToString());
  }
  std::vector<std::string> Scanned(
      const Scope& scope = {},
      const std::optional<ListenerPlace>& after = std::nullopt,
      size_t limit = SIZE_MAX) {
    std::vector<std::string> names;
    for (const ListenerGroup& group : table_.Scan(scope, after, limit))
      names.push_back(Name(group.place));
    return names;
  }
  std::vector<std::string> VisitedIn(absl::string_view prefix,
                                     absl::string_view first) {
    std::vector<std::string> names;
    table_.VisitPlacesIn(Prefix::Parse(prefix).value(), At(first),
                         [&](const ListenerPlace& place) {
                           names.push_back(Name(place));
                           return true;
                         });
    return names;
  }

  History history_{kStart};
  Capacity capacity_{{.rows = 5, .listeners_per_endpoint = 2}};
  ListenerTable table_{history_, capacity_};
  Leases leases_;
  const LeasePtr db1_ = leases_.Of(Agent("db1"));
  const LeasePtr db2_ = leases_.Of(Agent("db2"));
};

TEST_F(ListenerTableTest, AnEndpointOfAHostHasSoManyListenersAndNoMore) {
  EXPECT_EQ(Put(TcpListener("0.0.0.0:80", 1), db1_), std::nullopt);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:80", 2), db1_), std::nullopt);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:80", 3), db1_),
            RowLimit::kListenersPerEndpoint);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:80", 1), db2_), std::nullopt);
  EXPECT_EQ(Put(TcpListener("10.0.0.5:80", 4), db1_), std::nullopt);
  EXPECT_EQ(table_.size(), 4u);
  EXPECT_EQ(db1_->listeners, 3u);

  Remove(TcpListener("0.0.0.0:80", 1), db1_);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:80", 3), db1_), std::nullopt);
}

TEST_F(ListenerTableTest, WithoutRoomKnownListenersChangeAndGoAllTheSame) {
  for (int port = 1; port <= 5; ++port)
    Put(TcpListener(absl::StrCat("0.0.0.0:", port), 7), db1_);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:6"), db1_), RowLimit::kRows);

  ListenerFacts known = TcpListener("0.0.0.0:1", 7);
  known.socket.uid = 1000;
  EXPECT_EQ(Put(known, db1_), std::nullopt);
  EXPECT_EQ(table_.Scan({}, std::nullopt, 1)[0]
                .listeners[0]
                .listener.facts.socket.uid,
            1000);
  EXPECT_EQ(Remove(known, db1_), 1u);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:6"), db1_), std::nullopt);
}

TEST_F(ListenerTableTest, AnEndedLeaseGivesItsRoomBack) {
  for (int port = 1; port <= 5; ++port)
    Put(TcpListener(absl::StrCat("0.0.0.0:", port)), db1_);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:1"), db2_), RowLimit::kRows);
  EXPECT_EQ(RemoveAll(db1_), 5u);
  EXPECT_EQ(RemoveAll(db1_), 0u);
  EXPECT_EQ(db1_->rows, 0u);
  EXPECT_EQ(db1_->listeners, 0u);
  EXPECT_EQ(Put(TcpListener("0.0.0.0:1"), db2_), std::nullopt);
}

TEST_F(ListenerTableTest, ReportersTakeBackOnlyTheirOwnListeners) {
  const LeasePtr program = leases_.Of(Program("db1"));
  Put(TcpListener("0.0.0.0:80", 1), db1_);
  Put(TcpListener("0.0.0.0:80", 1), program);
  EXPECT_EQ(Remove(TcpListener("0.0.0.0:80"), program), 1u);
  EXPECT_EQ(Remove(TcpListener("0.0.0.0:80"), program), 0u);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(ListenerTableTest, EachChangeHasItsRevision) {
  Put(TcpListener("0.0.0.0:80", 1), db1_);
  EXPECT_EQ(history_.revision(), 1u);
  Put(TcpListener("0.0.0.0:80", 1), db1_);
  EXPECT_EQ(history_.revision(), 1u);
  ListenerFacts changed = TcpListener("0.0.0.0:80", 1);
  changed.socket.uid = 1000;
  Put(changed, db1_);
  EXPECT_EQ(history_.revision(), 2u);
  const Listener row =
      table_.Scan({}, std::nullopt, 1)[0].listeners[0].listener;
  EXPECT_EQ(row.provenance.revision, 2u);
  Remove(changed, db1_);
  EXPECT_EQ(history_.revision(), 3u);
}

TEST_F(ListenerTableTest, ScansFromWhereTheScanBeforeEnded) {
  Put(TcpListener("10.0.0.5:80"), db1_);
  Put(TcpListener("10.0.0.5:443"), db1_);
  Put(TcpListener("10.0.0.6:22"), db2_);
  EXPECT_THAT(Scanned({}, std::nullopt, 2),
              ElementsAre("db1 10.0.0.5:80", "db1 10.0.0.5:443"));
  const ListenerPlace after = table_.Scan({}, std::nullopt, 2)[1].place;
  EXPECT_THAT(Scanned({}, after), ElementsAre("db2 10.0.0.6:22"));
  Remove(TcpListener("10.0.0.5:443"), db1_);
  EXPECT_THAT(Scanned({}, after), ElementsAre("db2 10.0.0.6:22"));
  EXPECT_THAT(Scanned({.host = "db1"}, after), IsEmpty());
}

TEST_F(ListenerTableTest, TheListenersOfOnePlaceAreOneGroup) {
  Put(TcpListener("10.0.0.5:80", 1), db1_);
  Put(TcpListener("10.0.0.5:80", 2), db1_);
  const std::vector<ListenerGroup> groups = table_.Scan({}, std::nullopt, 1);
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_THAT(groups[0].listeners, SizeIs(2));
}

TEST_F(ListenerTableTest, VisitsThePlacesOfAPrefixInTheOrderOfEndpoints) {
  Put(TcpListener("10.0.0.6:22"), db1_);
  Put(TcpListener("10.0.0.5:443"), db2_);
  Put(TcpListener("10.0.0.5:443"), db1_);
  Put(TcpListener("10.0.0.5:80"), db2_);
  Put(TcpListener("10.1.0.1:80"), db1_);
  EXPECT_THAT(VisitedIn("10.0.0.0/16", "10.0.0.0:1"),
              ElementsAre("db2 10.0.0.5:80", "db1 10.0.0.5:443",
                          "db2 10.0.0.5:443", "db1 10.0.0.6:22"));
  EXPECT_THAT(VisitedIn("10.0.0.0/16", "10.0.0.5:444"),
              ElementsAre("db1 10.0.0.6:22"));
}

}  // namespace
}  // namespace connreg
