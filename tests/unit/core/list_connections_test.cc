// How connections are listed, page by page.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::Each;

using ::testing::SizeIs;

class ListConnectionsTest : public RegistryFixture {
 protected:
  static std::vector<ConnectionFacts> Servers(int count) {
    std::vector<ConnectionFacts> rows;
    for (int port = 1000; port < 1000 + count; ++port)
      rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
    return rows;
  }
};

TEST_F(ListConnectionsTest, TheLastPageIsKnownToBeTheLast) {
  Register(Agent("db1"), Servers(10));
  const ConnectionPage first = registry_.ListConnections({.page_size = 5});
  EXPECT_THAT(first.connections, SizeIs(5));
  ASSERT_TRUE(first.next.has_value());
  const ConnectionPage second =
      registry_.ListConnections({.page_size = 5, .after = first.next});
  EXPECT_THAT(second.connections, SizeIs(5));
  EXPECT_FALSE(second.next.has_value());
}

TEST_F(ListConnectionsTest, ConnectionsOfOneFourTupleAreNotPartedByAPage) {
  std::vector<ConnectionFacts> rows;
  for (const char* netns : {"1", "2", "3"})
    rows.push_back(InNetns(netns, Tcp("10.0.0.9:51000", "10.0.0.5:5432")));
  Register(Agent("web1"), rows);
  const ConnectionPage page = registry_.ListConnections({.page_size = 1});
  EXPECT_THAT(page.connections, SizeIs(3));
  EXPECT_FALSE(page.next.has_value());
}

TEST_F(ListConnectionsTest, WhatFollowsAFourTupleThatFillsItsPageIsOnTheNext) {
  std::vector<ConnectionFacts> rows;
  for (const ConnectionFacts& facts : Servers(10))
    for (const char* netns : {"1", "2", "3"})
      rows.push_back(InNetns(netns, facts));
  Register(Agent("db1"), rows);
  ConnectionQuery query{.page_size = 1};
  size_t listed = 0;
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    EXPECT_THAT(page.connections, SizeIs(3));
    listed += page.connections.size();
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(listed, rows.size());
}

TEST_F(ListConnectionsTest, PagesAreNotLargerThanClientsCanRead) {
  std::vector<Process> processes;
  for (int32_t pid = 1; pid <= 1000; ++pid)
    processes.push_back({.pid = pid, .name = std::string(64, 'x')});
  std::vector<ConnectionFacts> rows = Servers(100);
  for (ConnectionFacts& facts : rows)
    facts.socket.owners = Owners::Known(processes);
  Register(Agent("db1"), rows);
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  EXPECT_LT(ConnectionsOf(answer).size(), 20u);
  EXPECT_TRUE(answer.coverage.truncated);

  ConnectionQuery query{.page_size = 1000};
  size_t listed = 0;
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    EXPECT_LT(page.connections.size(), 20u);
    listed += page.connections.size();
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(listed, rows.size());
}

TEST_F(ListConnectionsTest, EachAppearsOnceWhileTheSecondSideComesAndGoes) {
  constexpr int kConnections = 60;
  std::vector<ConnectionFacts> clients;
  const std::vector<ConnectionFacts> servers = Servers(kConnections);
  for (const ConnectionFacts& server : servers) {
    clients.push_back(server);
    clients.back().tuple = server.tuple.Mirror();
  }
  Register(Agent("web1"), clients, {}, {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  for (const size_t page_size : {1, 3, 7}) {
    std::map<std::string, int> times;
    ConnectionQuery query{.page_size = page_size};
    for (bool come = true;; come = !come) {
      if (come) {
        Register(Agent("db1"), servers);
      } else {
        Deregister(Agent("db1"), servers);
      }
      const ConnectionPage page = registry_.ListConnections(query);
      for (const Connection& connection : page.connections) {
        EXPECT_EQ(connection.second.has_value(), come);
        ++times[connection.first.facts.tuple.Canonical().ToString()];
      }
      query.after = page.next;
      if (!query.after) break;
    }
    EXPECT_THAT(times, SizeIs(kConnections)) << "by " << page_size;
    EXPECT_THAT(times, Each(testing::Pair(testing::_, 1)))
        << "by " << page_size;
  }
}

TEST_F(ListConnectionsTest, WhatStaysAppearsOnceWhileOthersComeAndGo) {
  const std::vector<ConnectionFacts> all = Servers(100);
  std::vector<ConnectionFacts> staying;
  std::vector<ConnectionFacts> moving;
  for (size_t i = 0; i < all.size(); ++i)
    (i % 2 == 0 ? staying : moving).push_back(all[i]);
  Register(Agent("db1"), staying);
  std::map<std::string, int> times;
  ConnectionQuery query{.page_size = 3};
  for (bool come = true;; come = !come) {
    if (come) {
      Register(Agent("db1"), moving);
    } else {
      Deregister(Agent("db1"), moving);
    }
    const ConnectionPage page = registry_.ListConnections(query);
    for (const Connection& connection : page.connections)
      ++times[connection.first.facts.tuple.ToString()];
    query.after = page.next;
    if (!query.after) break;
  }
  for (const ConnectionFacts& facts : staying)
    EXPECT_EQ(times[facts.tuple.ToString()], 1);
  EXPECT_THAT(times, Each(testing::Pair(testing::_, 1)));
}

TEST_F(ListConnectionsTest, AListingWithWhatHasEndedShowsAllOfIt) {
  for (const ConnectionFacts& facts : Servers(30)) {
    Register(Agent("db1"), {facts});
    Deregister(Agent("db1"), {facts});
  }
  Register(Agent("db1"), Servers(10));
  ConnectionQuery query{.page_size = 1, .show_closed = true};
  size_t live = 0;
  size_t closed = 0;
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    for (const Connection& connection : page.connections)
      ++(connection.first.closure ? closed : live);
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(live, 10u);
  EXPECT_EQ(closed, 30u);
}

}  // namespace
}  // namespace connreg
