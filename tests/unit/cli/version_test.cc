#include "client/cli/version.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;

v1::GetStatusResponse Serving(const std::string& version) {
  v1::GetStatusResponse status;
  status.set_version(version);
  return status;
}

TEST(VersionTest, BothVersionsAreToldIfTheServiceAnswers) {
  Captured captured;

  EXPECT_THAT(PrintVersions(Serving("9.8.7"), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "connreg " + std::string(Version()) + "\nconnregd 9.8.7\n");
}

TEST(VersionTest, NoServiceIsNoError) {
  Captured captured;

  EXPECT_THAT(PrintVersions(absl::UnavailableError(""), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "connreg " + std::string(Version()) + "\n");
  EXPECT_EQ(captured.err.str(), "");
}

TEST(VersionTest, CsvHasALineForEach) {
  Captured captured;

  ASSERT_THAT(PrintVersions(Serving("9.8.7"), captured.As(OutputFormat::kCsv)),
              IsOk());
  EXPECT_EQ(captured.out.str(), "name,value\r\nclient," +
                                    std::string(Version()) +
                                    "\r\nserver,9.8.7\r\n");
}

TEST(VersionTest, JsonHasAFieldForEach) {
  Captured captured;

  ASSERT_THAT(
      PrintVersions(Serving("9.8.7"), captured.As(OutputFormat::kNdjson)),
      IsOk());
  EXPECT_THAT(captured.out.str(),
              HasSubstr("\"client\":\"" + std::string(Version()) + "\""));
  EXPECT_THAT(captured.out.str(), HasSubstr("\"server\":\"9.8.7\""));
}

}  // namespace
}  // namespace connreg::cli
