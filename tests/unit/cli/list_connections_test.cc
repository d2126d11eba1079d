#include "client/cli/list_connections.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(ListConnectionsTest, EveryOptionReachesTheRequest) {
  ListConnectionsOptions options;
  options.endpoint = "10.0.0.5:5432";
  options.scope = {.network = "site-b", .host = "web1", .transport = "tcp"};
  options.show_closed = true;
  options.page_size = 7;

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    endpoint { address: "10.0.0.5" port: 5432 }
    host: "web1"
    network: "site-b"
    transport: TRANSPORT_TCP
    page_size: 7
    show_closed: true)")));
}

TEST(ListConnectionsTest, WithoutOptionsAllThatAreLiveAreAskedFor) {
  EXPECT_THAT(RequestOf(ListConnectionsOptions()),
              IsOkAndHolds(EqualsText("page_size: 1000")));
}

TEST(ListConnectionsTest, AMalformedEndpointNamesItsOption) {
  ListConnectionsOptions options;
  options.endpoint = "10.0.0.5";

  EXPECT_EQ(DetailOf(RequestOf(options).status())->field, "--endpoint");
}

TEST(ListConnectionsTest, ConnectionsAreATable) {
  Captured captured;
  v1::ListConnectionsResponse page;
  *page.add_connections() = Joined();

  EXPECT_THAT(PrintConnections([&](auto print) { return print(page); },
                               captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_THAT(captured.out.str(),
              testing::HasSubstr("nginx,812 > postgres,990\n"));
}

}  // namespace
}  // namespace connreg::cli
