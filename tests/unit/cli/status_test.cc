#include "client/cli/status.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

v1::GetStatusResponse Serving() {
  return FromText<v1::GetStatusResponse>(R"(
    version: "0.1.0"
    start_time { seconds: 1700000000 }
    coverage { run_id: "9f3a" revision: 123 live_host_count: 3 }
    observation_count: 120
    listener_count: 30
    reporter_count: 5)");
}

TEST(StatusTest, TheTableIsALineForEachValue) {
  Captured captured;

  EXPECT_THAT(Print(Serving(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "version       0.1.0\n"
            "started       2023-11-14 22:13:20 UTC\n"
            "run           9f3a\n"
            "revision      123\n"
            "live hosts    3\n"
            "reporters     5\n"
            "observations  120\n"
            "listeners     30\n");
}

TEST(StatusTest, JsonIsTheResponse) {
  Captured captured;

  ASSERT_THAT(Print(Serving(), captured.As(OutputFormat::kNdjson)), IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::StartsWith("{\"version\":\"0.1.0\""));
}

}  // namespace
}  // namespace connreg::cli
