#include "client/cli/list_endpoints.h"

#include "client/cli/error_line.h"
#include "gmock/gmock.h"
#include "service/base/error.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(ListEndpointsTest, EveryOptionReachesTheRequest) {
  ListEndpointsOptions options;
  options.prefix = "10.0.0.5/8";
  options.scope = {.network = "site-b", .host = "web1", .transport = "udp"};
  options.page_size = 7;

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    prefix: "10.0.0.0/8"
    host: "web1"
    network: "site-b"
    transport: TRANSPORT_UDP
    page_size: 7)")));
}

TEST(ListEndpointsTest, AHostIsEnough) {
  ListEndpointsOptions options;
  options.scope.host = "web1";

  EXPECT_THAT(RequestOf(options),
              IsOkAndHolds(EqualsText(R"(host: "web1" page_size: 1000)")));
}

TEST(ListEndpointsTest, NeitherAPrefixNorAHostIsRefused) {
  const absl::Status status = RequestOf(ListEndpointsOptions()).status();

  EXPECT_EQ(ErrorLine(status),
            "connreg: PREFIX: neither a prefix nor a host; write 10.0.0.5, "
            "10.0.0.0/8 or --host NAME");
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kUsage);
}

TEST(ListEndpointsTest, AMalformedPrefixIsRefusedWithItsPosition) {
  ListEndpointsOptions options;
  options.prefix = "10.0.0.0/33";

  const absl::Status status = RequestOf(options).status();

  EXPECT_THAT(status, IsInvalid("PREFIX_LENGTH_OUT_OF_RANGE"));
  EXPECT_EQ(DetailOf(status)->field, "PREFIX");
  EXPECT_EQ(DetailOf(status)->position, 9u);
}

TEST(ListEndpointsTest, EndpointsOfAllPagesAreOneTableInTheirOrder) {
  Captured captured;
  const auto page = [](int port) {
    v1::ListEndpointsResponse response;
    *response.add_endpoints()->mutable_endpoint() =
        At("10.0.0.5:" + std::to_string(port));
    return response;
  };

  EXPECT_THAT(PrintEndpoints(
                  [&](auto print) {
                    EXPECT_THAT(print(page(80)), IsOk());
                    return print(page(22));
                  },
                  captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "PROTO  ENDPOINT     HOST  LISTENER  CONNECTIONS  STATES\n"
            "?      10.0.0.5:80  ?     -         0\n"
            "?      10.0.0.5:22  ?     -         0\n");
}

}  // namespace
}  // namespace connreg::cli
