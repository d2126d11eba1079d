// How hosts are listed.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListHostsTest : public RegistryFixture {
 protected:
  // "host state" of each.
  std::vector<std::string> Listed(const HostQuery& query) {
    std::vector<std::string> listed;
    for (const Host& host : Hosts(query))
      listed.push_back(
          absl::StrCat(host.key.name, " ", static_cast<int>(host.state)));
    return listed;
  }
};

TEST_F(ListHostsTest, ShowsTheStateOfEach) {
  Register(Agent("expired"), {});
  Pass(kTtl);
  Register(Agent("stale"), {});
  Pass(kGrace);
  Register(Agent("live"), {});
  Register(Program("programs"), {});
  EXPECT_THAT(Listed({.page_size = 10}),
              ElementsAre("expired 3", "live 1", "programs 4", "stale 2"));
  EXPECT_THAT(Listed({.state = HostState::kStale, .page_size = 10}),
              ElementsAre("stale 2"));
  EXPECT_THAT(Listed({.scope = {.host = "live"}, .page_size = 10}),
              ElementsAre("live 1"));
  EXPECT_THAT(Listed({.scope = {.network = "other"}, .page_size = 10}),
              IsEmpty());
}

TEST_F(ListHostsTest, ShowsWhatIsKnownOfAHost) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:22")},
           {TcpListener("0.0.0.0:80"), TcpListener("0.0.0.0:443")},
           {Owned({"10.0.0.9"}, "1"), Owned({"172.17.0.2"}, "2")});
  clock_.Advance(absl::Seconds(5));
  Register(Program("web1"), {Tcp("10.0.0.9:51001", "10.0.0.5:22")});
  const Host host = Hosts()[0];
  EXPECT_EQ(host.state, HostState::kLive);
  EXPECT_EQ(host.state_time, start_);
  EXPECT_EQ(host.last_report, start_ + absl::Seconds(5));
  EXPECT_THAT(host.reporters, ElementsAre(Agent("web1"), Program("web1")));
  EXPECT_EQ(host.namespaces, 2u);
  EXPECT_EQ(host.connections, 2u);
  EXPECT_EQ(host.listeners, 2u);
  EXPECT_EQ(host.refused_rows, 0u);
}

TEST_F(ListHostsTest, NamesTheFirst16ReportersAndCountsAll) {
  for (int i = 0; i < 20; ++i)
    Register(Program("web1", absl::StrCat("app", i)), {});
  const Host host = Hosts()[0];
  EXPECT_THAT(host.reporters, SizeIs(16));
  EXPECT_EQ(host.reporters[0], Program("web1", "app0"));
  EXPECT_EQ(host.reporter_count, 20u);
}

TEST_F(ListHostsTest, PagesThroughAllWhileOthersComeAndGo) {
  for (int i = 10; i < 30; ++i) Register(Agent(absl::StrCat("web", i)), {});
  std::vector<std::string> listed;
  HostQuery query{.page_size = 1};
  for (int i = 0;; ++i) {
    Register(Agent(absl::StrCat("a", 100 - i)), {});
    if (i == 5) DeregisterAll(Agent("web10"));
    const HostPage page = registry_.ListHosts(query);
    for (const Host& host : page.hosts)
      if (host.key.name.starts_with("web")) listed.push_back(host.key.name);
    query.after = page.next;
    if (!query.after) break;
  }
  ASSERT_THAT(listed, SizeIs(20));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(listed[i], absl::StrCat("web", 10 + i));
}

TEST_F(ListHostsTest, TheLastPageIsKnownToBeTheLast) {
  for (int i = 0; i < 4; ++i) Register(Agent(absl::StrCat("web", i)), {});
  const HostPage first = registry_.ListHosts({.page_size = 2});
  ASSERT_TRUE(first.next.has_value());
  EXPECT_FALSE(registry_.ListHosts({.page_size = 2, .after = first.next})
                   .next.has_value());
}

}  // namespace
}  // namespace connreg
