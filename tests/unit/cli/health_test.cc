#include "client/cli/health.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"

namespace connreg::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse Saying(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

TEST(HealthTest, ServingIsOneWord) {
  Captured captured;

  EXPECT_THAT(
      Print({}, Saying(HealthCheckResponse::SERVING), captured.AsTable()),
      IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "serving\n");
  EXPECT_EQ(captured.err.str(), "");
}

TEST(HealthTest, ServiceThatDoesNotServeIsDraining) {
  for (const char* service : {"", "reporting"}) {
    Captured captured;
    EXPECT_THAT(
        Print({.service = service}, Saying(HealthCheckResponse::NOT_SERVING),
              captured.As(OutputFormat::kWide)),
        IsOkAndHolds(ExitCode::kAbsent));
    EXPECT_EQ(captured.out.str(), "not serving\n");
    EXPECT_EQ(captured.err.str(),
              "the service is draining: it stops after the calls in flight; "
              "to wait for it: --until-serving 1m\n");
  }
}

TEST(HealthTest, RegistryThatDoesNotServeMayLackHosts) {
  Captured captured;

  EXPECT_THAT(
      Print({.service = "registry", .until_serving = absl::Seconds(90)},
            Saying(HealthCheckResponse::NOT_SERVING), captured.AsTable()),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.err.str(),
            "still so after 1m30s: hosts have not had the time to come back "
            "since the service started, or it is draining\n");
}

TEST(HealthTest, OtherStatusesAreNotServingAndNamed) {
  Captured captured;

  EXPECT_THAT(
      Print({}, Saying(HealthCheckResponse::UNKNOWN), captured.AsTable()),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_THAT(Print({}, Saying(HealthCheckResponse::ServingStatus(17)),
                    captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "not serving\nnot serving\n");
  EXPECT_EQ(captured.err.str(),
            "the service says \"unknown\"\nthe service says \"?\"\n");
}

TEST(HealthTest, CsvNamesTheServiceInFull) {
  Captured captured;

  EXPECT_THAT(
      Print({.service = "reporting"}, Saying(HealthCheckResponse::NOT_SERVING),
            captured.As(OutputFormat::kCsv)),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(),
            "name,value\r\n"
            "service,connreg.v1.ReportingService\r\n"
            "status,not_serving\r\n");
  EXPECT_EQ(captured.err.str(), "");
}

TEST(HealthTest, JsonIsTheResponse) {
  Captured captured;

  EXPECT_THAT(Print({}, Saying(HealthCheckResponse::SERVING),
                    captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "{\"status\":\"SERVING\"}\n");
}

}  // namespace
}  // namespace connreg::cli
