#include "client/cli/list_listeners.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(ListListenersTest, EveryOptionReachesTheRequest) {
  ListListenersOptions options;
  options.endpoint = "10.0.0.5:5432";
  options.scope = {.network = "site-b", .host = "web1", .transport = "tcp"};
  options.page_size = 7;

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    endpoint { address: "10.0.0.5" port: 5432 }
    host: "web1"
    network: "site-b"
    transport: TRANSPORT_TCP
    page_size: 7)")));
}

TEST(ListListenersTest, AMalformedEndpointNamesItsOption) {
  ListListenersOptions options;
  options.endpoint = "10.0.0.5";

  EXPECT_EQ(DetailOf(RequestOf(options).status())->field, "--endpoint");
}

}  // namespace
}  // namespace connreg::cli
