#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ListHostsTest : public ServiceTest {
 protected:
  // "web-1 in default".
  std::vector<std::string> Names(const v1::ListHostsRequest& request = {}) {
    std::vector<std::string> names;
    const v1::ListHostsResponse listed = ListHosts(request);
    for (const v1::Host& host : listed.hosts())
      names.push_back(absl::StrCat(host.name(), " in ", host.network()));
    return names;
  }

  Fault Refused(const v1::ListHostsRequest& request) {
    v1::ListHostsResponse response;
    return FaultOf(Call(*reading_, &Reading::ListHosts, request, &response));
  }

  std::vector<std::string> AllNames(v1::ListHostsRequest request) {
    std::vector<std::string> all;
    do {
      const v1::ListHostsResponse page = ListHosts(request);
      EXPECT_LE(page.hosts_size(), request.page_size());
      for (const v1::Host& host : page.hosts()) all.push_back(host.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
};

TEST_F(ListHostsTest, IsEmptyWhereNobodyReports) {
  const v1::ListHostsResponse listed = ListHosts();
  EXPECT_THAT(listed.hosts(), IsEmpty());
  EXPECT_THAT(listed.next_page_token(), IsEmpty());
}

TEST_F(ListHostsTest, OrdersByNameAndNetwork) {
  Register(Report(Agent("web-2")));
  Register(Report(Agent("web-1", "vpc-b")));
  Register(Report(Agent("web-1", "vpc-a")));
  EXPECT_THAT(Names(), ElementsAre("web-1 in vpc-a", "web-1 in vpc-b",
                                   "web-2 in default"));
}

TEST_F(ListHostsTest, TellsWhoReportsAndHowMuch) {
  const int64_t start = GetStatus().start_time().seconds();
  clock_.Advance(absl::Seconds(5));
  v1::RegisterRequest request =
      Report(Agent("db-1"),
             {.listeners = {Listening("10.0.0.5:5432")},
              .connections = {Accepted("10.0.0.5:5432", "10.0.0.9:51000"),
                              Accepted("10.0.0.5:5432", "10.0.0.9:51001")},
              .addresses = {"10.0.0.5"}});
  request.add_namespaces()->set_netns("other");
  Register(request);
  clock_.Advance(absl::Seconds(5));
  // A view of a socket that the agent reports as well.
  Register(Report(Program("db-1", "postgres"),
                  {.listeners = {Listening("10.0.0.5:5432")}}));

  const v1::ListHostsResponse listed = ListHosts();
  ASSERT_THAT(listed.hosts(), SizeIs(1));
  const v1::Host& host = listed.hosts(0);
  EXPECT_EQ(host.name(), "db-1");
  EXPECT_EQ(host.network(), "default");
  EXPECT_EQ(host.state(), v1::HOST_STATE_LIVE);
  EXPECT_EQ(host.state_time().seconds(), start + 5);
  EXPECT_EQ(host.last_report_time().seconds(), start + 10);
  std::vector<std::string> reporters;
  for (const v1::Reporter& reporter : host.reporters())
    reporters.push_back(reporter.name());
  EXPECT_THAT(reporters, ElementsAre("connreg-agent", "postgres"));
  EXPECT_EQ(host.reporter_count(), 2u);
  EXPECT_EQ(host.netns_count(), 2u);
  EXPECT_EQ(host.connection_count(), 2u);
  EXPECT_EQ(host.listener_count(), 2u);
  EXPECT_EQ(host.refused_row_count(), 0u);
}

TEST_F(ListHostsTest, NamesSixteenReportersAndCountsAll) {
  for (int i = 0; i < 20; ++i)
    Register(Report(Program("db-1", absl::StrCat("program-", i))));
  const v1::ListHostsResponse listed = ListHosts();
  ASSERT_THAT(listed.hosts(), SizeIs(1));
  EXPECT_THAT(listed.hosts(0).reporters(), SizeIs(16));
  EXPECT_EQ(listed.hosts(0).reporters(0).name(), "program-0");
  EXPECT_EQ(listed.hosts(0).reporters(15).name(), "program-15");
  EXPECT_EQ(listed.hosts(0).reporter_count(), 20u);
}

TEST_F(ListHostsTest, ProgramMakesAHostWithoutAgentAndAnAgentMakesItLive) {
  Register(Report(Program("db-1")));
  EXPECT_EQ(ListHosts().hosts(0).state(), v1::HOST_STATE_NO_AGENT);
  clock_.Advance(absl::Seconds(5));
  Register(Report(Agent("db-1")));
  EXPECT_EQ(ListHosts().hosts(0).state(), v1::HOST_STATE_LIVE);
  EXPECT_EQ(ListHosts().hosts(0).state_time().seconds(),
            GetStatus().start_time().seconds() + 5);
}

// ---- Filters ----

TEST_F(ListHostsTest, FiltersByHostNetworkAndState) {
  Register(Report(Agent("silent-1"), {}, /*ttl_seconds=*/30));
  AdvanceAndExpire(absl::Seconds(30));
  Register(Report(Agent("web-1")));
  Register(Report(Agent("web-1", "vpc-b")));
  Register(Report(Program("app-1")));

  v1::ListHostsRequest request;
  request.set_host("web-1");
  EXPECT_THAT(Names(request),
              ElementsAre("web-1 in default", "web-1 in vpc-b"));
  request.set_network("vpc-b");
  EXPECT_THAT(Names(request), ElementsAre("web-1 in vpc-b"));
  request.Clear();
  request.set_network("vpc-b");
  EXPECT_THAT(Names(request), ElementsAre("web-1 in vpc-b"));

  request.Clear();
  request.set_state(v1::HOST_STATE_STALE);
  EXPECT_THAT(Names(request), ElementsAre("silent-1 in default"));
  request.set_state(v1::HOST_STATE_LIVE);
  EXPECT_THAT(Names(request),
              ElementsAre("web-1 in default", "web-1 in vpc-b"));
  request.set_state(v1::HOST_STATE_NO_AGENT);
  EXPECT_THAT(Names(request), ElementsAre("app-1 in default"));
  request.set_state(v1::HOST_STATE_EXPIRED);
  EXPECT_THAT(Names(request), IsEmpty());
}

// ---- Pages ----

TEST_F(ListHostsTest, EveryHostIsListedOnceWhileOthersComeAndGo) {
  const auto name = [](int i) { return absl::StrCat("host-", 100 + i); };
  for (int i = 0; i < 40; i += 2) Register(Report(Agent(name(i))));
  for (int page_size = 1; page_size <= 7; ++page_size) {
    v1::ListHostsRequest request;
    request.set_page_size(page_size);
    std::vector<std::string> staying;
    for (int page = 0;; ++page) {
      const v1::ListHostsResponse response = ListHosts(request);
      for (const v1::Host& host : response.hosts())
        if ((host.name().back() - '0') % 2 == 0) staying.push_back(host.name());
      if (response.next_page_token().empty()) break;
      request.set_page_token(response.next_page_token());
      const int passing = (page * 7) % 40 | 1;
      if (page % 2 == 0)
        Register(Report(Agent(name(passing))));
      else
        Deregister(WithdrawalOfAll(Agent(name(passing))));
    }
    std::vector<std::string> expected;
    for (int i = 0; i < 40; i += 2) expected.push_back(name(i));
    EXPECT_EQ(staying, expected) << "pages of " << page_size;
  }
}

TEST_F(ListHostsTest, PagesAreOfTheFilteredHosts) {
  for (int i = 0; i < 10; ++i) {
    Register(Report(Agent(absl::StrCat("agent-", i))));
    Register(Report(Program(absl::StrCat("program-", i))));
  }
  v1::ListHostsRequest request;
  request.set_page_size(3);
  request.set_state(v1::HOST_STATE_NO_AGENT);
  EXPECT_THAT(AllNames(request), SizeIs(10));
  EXPECT_THAT(ListHosts(request).hosts(), SizeIs(3));
}

TEST_F(ListHostsTest, PageHoldsAHundredUnlessAsked) {
  for (int i = 0; i < 101; ++i)
    Register(Report(Program(absl::StrCat("host-", i))));
  EXPECT_THAT(ListHosts().hosts(), SizeIs(100));
  v1::ListHostsRequest request;
  request.set_page_size(1'000'000'000);
  EXPECT_THAT(ListHosts(request).hosts(), SizeIs(101));
  EXPECT_THAT(ListHosts(request).next_page_token(), IsEmpty());
}

TEST_F(ListHostsTest, TokenOfAnotherRequestIsRefused) {
  Register(Report(Agent("web-1")));
  Register(Report(Agent("web-2")));
  v1::ListHostsRequest request;
  request.set_page_size(1);
  request.set_page_token(ListHosts(request).next_page_token());
  ASSERT_NE(request.page_token(), "");
  request.set_state(v1::HOST_STATE_LIVE);
  EXPECT_THAT(Refused(request), IsRefusal("PAGE_TOKEN_INVALID", "page_token"));
}

TEST_F(ListHostsTest, MalformedFieldsAreRefused) {
  v1::ListHostsRequest request;
  request.set_state(v1::HostState(9));
  EXPECT_THAT(Refused(request), IsRefusal("ENUM_UNKNOWN", "state"));
  request.Clear();
  request.set_host("\n");
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_MALFORMED", "host"));
  request.Clear();
  request.set_page_size(-1);
  EXPECT_THAT(Refused(request), IsRefusal("PAGE_SIZE_NEGATIVE", "page_size"));
}

}  // namespace
}  // namespace connreg
