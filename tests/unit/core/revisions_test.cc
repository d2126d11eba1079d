// In what order changes get their revisions.

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::SizeIs;

class RevisionsTest : public RegistryFixture {
 protected:
  uint64_t Revision() { return registry_.GetStatus().coverage.revision; }
};

TEST_F(RevisionsTest, SayingTheSameAgainLeavesTheRevision) {
  const auto say = [&] {
    Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
             {TcpListener("0.0.0.0:80")}, {Owned({"10.0.0.9"})});
  };
  say();
  EXPECT_EQ(Revision(), 3u);
  say();
  EXPECT_EQ(Revision(), 3u);
}

TEST_F(RevisionsTest, EachChangeOfARowHasOne) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432", 7);
  Register(Agent("web1"), {facts});
  EXPECT_EQ(Revision(), 1u);
  Register(Agent("web1"), {InState(ConnectionState::kCloseWait, facts)});
  EXPECT_EQ(Revision(), 2u);
  EXPECT_EQ(List()[0].first.provenance.revision, 2u);
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432", 8)});
  EXPECT_EQ(Revision(), 3u);
  DeregisterAll(Agent("web1"));
  EXPECT_EQ(Revision(), 4u);
}

TEST_F(RevisionsTest, TwoThreadsHaveOneOrder) {
  constexpr int kRounds = 400;
  constexpr int kPairs = 16;
  const std::vector<ConnectionState> states = {ConnectionState::kEstablished,
                                               ConnectionState::kCloseWait};
  const auto put = [&](const std::string& host, bool client) {
    for (int round = 0; round < kRounds; ++round) {
      std::vector<ConnectionFacts> rows;
      for (int i = 0; i < kPairs; ++i) {
        const std::string near = absl::StrCat("10.0.0.9:", 1000 + i);
        rows.push_back(client ? Tcp(near, "10.0.0.5:80")
                              : Tcp("10.0.0.5:80", near));
      }
      rows.push_back(Tcp(absl::StrCat("10.1.0.1:", 1000 + round),
                         client ? "10.1.0.2:80" : "10.1.0.3:80"));
      for (ConnectionFacts& facts : rows)
        facts.state = states[round % states.size()];
      Register(Agent(host), rows);
    }
  };
  std::thread one(put, "web1", true);
  std::thread two(put, "db1", false);
  one.join();
  two.join();

  std::set<uint64_t> revisions;
  size_t rows = 0;
  ConnectionQuery query{.page_size = 1000};
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    for (const Connection& connection : page.connections) {
      revisions.insert(connection.first.provenance.revision);
      ++rows;
      if (!connection.second) continue;
      revisions.insert(connection.second->provenance.revision);
      ++rows;
    }
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(rows, 2u * (kPairs + kRounds));
  EXPECT_EQ(revisions.size(), rows);
  EXPECT_EQ(*revisions.rbegin(), Revision());
  EXPECT_EQ(Revision(), 2u * (kPairs * kRounds + kRounds));
}

TEST_F(RevisionsTest, OfOneRowTheLaterChangeHasTheHigher) {
  constexpr int kRounds = 2000;
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Register(Agent("web1"), {facts});
  const auto put = [&](uint32_t uid) {
    ConnectionFacts mine = facts;
    mine.socket.uid = uid;
    for (int round = 0; round < kRounds; ++round)
      Register(Agent("web1"), {mine});
  };
  std::thread one(put, 1);
  std::thread two(put, 2);
  uint64_t last = 0;
  std::optional<uint32_t> last_uid;
  for (int i = 0; i < kRounds; ++i) {
    const Observation row = List()[0].first;
    EXPECT_GE(row.provenance.revision, last);
    if (row.provenance.revision == last) {
      EXPECT_EQ(row.facts.socket.uid, last_uid);
    }
    last = row.provenance.revision;
    last_uid = row.facts.socket.uid;
  }
  one.join();
  two.join();
  EXPECT_EQ(List()[0].first.provenance.revision, Revision());
}

TEST_F(RevisionsTest, AReaderSeesAllChangesUpToTheRevisionThatItIsTold) {
  constexpr int kRows = 300;
  // So that from here on each change is one more row.
  for (const char* host : {"web1", "web2"}) Register(Agent(host), {});
  const uint64_t base = Revision();
  std::atomic<int> writing{2};
  const auto add = [&](const std::string& host, const std::string& address) {
    for (int i = 0; i < kRows; ++i)
      Register(Agent(host),
               {Tcp(absl::StrCat(address, ":", 1000 + i), "10.0.0.5:80")});
    --writing;
  };
  std::thread one(add, "web1", "10.0.0.1");
  std::thread two(add, "web2", "10.0.0.2");
  do {
    const ConnectionPage page = registry_.ListConnections({.page_size = 1000});
    EXPECT_GE(page.connections.size(), page.coverage.revision - base);
  } while (writing > 0);
  one.join();
  two.join();
  EXPECT_THAT(List(), SizeIs(2 * kRows));
}

}  // namespace
}  // namespace connreg
