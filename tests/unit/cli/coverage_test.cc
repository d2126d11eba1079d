#include "client/cli/coverage.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

v1::Coverage Coverage(const std::string& text) {
  return FromText<v1::Coverage>(text);
}

std::string Told(const std::string& coverage, const std::string& rest = "",
                 OutputFormat format = OutputFormat::kTable) {
  Captured captured;
  TellCoverage(Coverage(coverage), rest, captured.As(format));
  EXPECT_EQ(captured.out.str(), "");
  return captured.err.str();
}

TEST(CoverageTest, LiveHostsMakeItComplete) {
  EXPECT_FALSE(
      IsPartial(Coverage("live_host_count: 5 expected_host_count: 5")));
  EXPECT_EQ(Told("live_host_count: 5 expected_host_count: 5"), "");
}

TEST(CoverageTest, EachThingThatMayBeMissingMakesItPartial) {
  EXPECT_TRUE(IsPartial(Coverage("syncing: true")));
  EXPECT_TRUE(IsPartial(Coverage("syncing_host_count: 1")));
  EXPECT_TRUE(IsPartial(Coverage("stale_host_count: 1")));
  EXPECT_TRUE(IsPartial(Coverage("gapped_host_count: 1")));
  EXPECT_TRUE(IsPartial(Coverage("limited_reporter_count: 1")));
  EXPECT_TRUE(IsPartial(Coverage("truncated: true")));
}

TEST(CoverageTest, HostsThatShouldBeThereAndAreNotMakeItPartial) {
  EXPECT_TRUE(IsPartial(Coverage("live_host_count: 3 expected_host_count: 5")));
  EXPECT_EQ(Told("live_host_count: 3 expected_host_count: 5"),
            "coverage: partial: 2 hosts are missing (of 5)\n");
  EXPECT_EQ(Told("stale_host_count: 1 expected_host_count: 1"),
            "coverage: partial: 1 host is silent\n");
  EXPECT_EQ(Told("syncing_host_count: 1 expected_host_count: 1"),
            "coverage: partial: 1 host is syncing\n");
}

TEST(CoverageTest, AllThatMayBeMissingIsOneLine) {
  EXPECT_EQ(Told(R"(syncing: true live_host_count: 3 expected_host_count: 5
                    syncing_host_count: 2 stale_host_count: 1
                    limited_reporter_count: 2 truncated: true)"),
            "coverage: partial: syncing, 3 hosts are back (of 5); 2 hosts are "
            "syncing; 1 host is silent; 2 reporters were refused rows; there "
            "are more\n");
}

TEST(CoverageTest, HowManyThereShouldBeIsSaidOnlyWhereItIsKnown) {
  EXPECT_EQ(Told("syncing: true live_host_count: 1"),
            "coverage: partial: syncing, 1 host is back\n");
}

TEST(CoverageTest, PartsThatDoNotApplyAreLeftOut) {
  EXPECT_EQ(Told("stale_host_count: 2"),
            "coverage: partial: 2 hosts are silent\n");
  EXPECT_EQ(Told("syncing_host_count: 2"),
            "coverage: partial: 2 hosts are syncing\n");
  EXPECT_EQ(Told("gapped_host_count: 1"),
            "coverage: partial: 1 host is seen in part (connreg list hosts "
            "--output wide)\n");
  EXPECT_EQ(Told("limited_reporter_count: 1"),
            "coverage: partial: 1 reporter was refused rows\n");
}

TEST(CoverageTest, WhereTheRestIsStandsAtTheEnd) {
  EXPECT_EQ(Told("truncated: true", "connreg list listeners"),
            "coverage: partial: there are more: connreg list listeners\n");
}

TEST(CoverageTest, JsonNeedsNoRemark) {
  EXPECT_EQ(Told("syncing: true", "", OutputFormat::kJson), "");
  EXPECT_NE(Told("syncing: true", "", OutputFormat::kNdjson), "");
}

TEST(CoverageTest, OfAllPagesItLacksWhatAnyPageLacks) {
  const v1::Coverage all = CoverageOfAll(
      Coverage(R"(run_id: "9f3a" revision: 7 syncing: true live_host_count: 2
                  syncing_host_count: 5 stale_host_count: 3
                  gapped_host_count: 2 limited_reporter_count: 1)"),
      Coverage(R"(run_id: "9f3a" revision: 8 live_host_count: 4
                  stale_host_count: 1 limited_reporter_count: 2)"));

  EXPECT_THAT(all, EqualsText(R"(
    run_id: "9f3a" revision: 8 syncing: true live_host_count: 4
    syncing_host_count: 5 stale_host_count: 3 gapped_host_count: 2 limited_reporter_count: 2)"));
}

}  // namespace
}  // namespace connreg::cli
