#include "client/cli/list_hosts.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(ListHostsTest, EveryOptionReachesTheRequest) {
  ListHostsOptions options;
  options.host = "web1";
  options.network = "site-b";
  options.state = "stale";
  options.page_size = 7;

  EXPECT_THAT(RequestOf(options), EqualsText(R"(
    host: "web1"
    network: "site-b"
    state: HOST_STATE_STALE
    page_size: 7)"));
}

TEST(ListHostsTest, EveryStateHasItsWord) {
  const auto state = [](const std::string& word) {
    ListHostsOptions options;
    options.state = word;
    return RequestOf(options).state();
  };
  EXPECT_EQ(state(""), v1::HOST_STATE_UNSPECIFIED);
  EXPECT_EQ(state("live"), v1::HOST_STATE_LIVE);
  EXPECT_EQ(state("syncing"), v1::HOST_STATE_SYNCING);
  EXPECT_EQ(state("stale"), v1::HOST_STATE_STALE);
  EXPECT_EQ(state("expired"), v1::HOST_STATE_EXPIRED);
  EXPECT_EQ(state("no-agent"), v1::HOST_STATE_NO_AGENT);
}

TEST(ListHostsTest, NoHostsAreARemarkAndAbsent) {
  Captured captured;
  const v1::ListHostsResponse page;

  EXPECT_THAT(
      PrintHosts([&](auto print) { return print(page); }, captured.AsTable()),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.err.str(), "no hosts\n");
}

TEST(ListHostsTest, HostsThatAreSyncingMakeItPartial) {
  Captured captured;
  const auto page = FromText<v1::ListHostsResponse>(
      R"(hosts { name: "db1" state: HOST_STATE_SYNCING }
         coverage { syncing_host_count: 1 })");

  EXPECT_THAT(
      PrintHosts([&](auto print) { return print(page); }, captured.AsTable()),
      IsOkAndHolds(ExitCode::kPartial));
  EXPECT_EQ(captured.err.str(), "coverage: partial: 1 host is syncing\n");
}

TEST(ListHostsTest, NdjsonIsALineForEachHost) {
  Captured captured;
  const auto page = FromText<v1::ListHostsResponse>(
      R"(hosts { name: "db1" } hosts { name: "web1" })");

  EXPECT_THAT(PrintHosts([&](auto print) { return print(page); },
                         captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "{\"name\":\"db1\"}\n{\"name\":\"web1\"}\n");
}

}  // namespace
}  // namespace connreg::cli
