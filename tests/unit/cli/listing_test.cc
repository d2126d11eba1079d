#include "client/cli/listing.h"

#include <algorithm>
#include <string>
#include <vector>

#include "client/cli/list_listeners.h"
#include "gmock/gmock.h"
#include "service/base/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;

v1::ListListenersResponse Page(const std::string& endpoint, uint64_t revision,
                               const std::string& next) {
  v1::ListListenersResponse page;
  *page.add_listeners() = ListenerAt(endpoint);
  page.mutable_coverage()->set_revision(revision);
  page.set_next_page_token(next);
  return page;
}

std::vector<v1::ListListenersResponse> TwoPages() {
  return {Page("10.0.0.9:80", 7, "next"), Page("10.0.0.5:80", 8, "")};
}

absl::StatusOr<ExitCode> PrintPages(
    const std::vector<v1::ListListenersResponse>& pages,
    const absl::Status& end, const Output& output) {
  return PrintListeners(
      [&](auto print) -> absl::Status {
        for (const v1::ListListenersResponse& page : pages)
          RETURN_IF_ERROR(print(page));
        return end;
      },
      output);
}

TEST(ListingTest, ATableIsOneOverAllPages) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "PROTO  STATE   ENDPOINT     HOST  PROCESS\n"
            "tcp    LISTEN  10.0.0.5:80  db1   postgres,990\n"
            "tcp    LISTEN  10.0.0.9:80  db1   postgres,990\n");
}

TEST(ListingTest, JsonIsOneResponseOfTheLastRevision) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(),
                         captured.As(OutputFormat::kJson)),
              IsOkAndHolds(ExitCode::kDone));
  const std::string text = captured.out.str();
  EXPECT_THAT(text, HasSubstr("\"address\": \"10.0.0.9\""));
  EXPECT_THAT(text, HasSubstr("\"address\": \"10.0.0.5\""));
  EXPECT_THAT(text, HasSubstr("\"revision\": \"8\""));
  EXPECT_THAT(text, testing::Not(HasSubstr("\"7\"")));
  EXPECT_THAT(text, testing::Not(HasSubstr("nextPageToken")));
}

TEST(ListingTest, NdjsonIsALineForEachRow) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(),
                         captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  const std::string text = captured.out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, testing::StartsWith("{\"socket\":"));
}

TEST(ListingTest, AnEmptyListIsARemarkAndAbsent) {
  Captured captured;

  EXPECT_THAT(PrintPages({{}}, absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "");
  EXPECT_EQ(captured.err.str(), "no listeners\n");
}

TEST(ListingTest, AnEmptyListOfLinesHasNone) {
  Captured captured;

  EXPECT_THAT(
      PrintPages({{}}, absl::OkStatus(), captured.As(OutputFormat::kNdjson)),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "");
}

TEST(ListingTest, WideShowsMoreThanATerminalIsWide) {
  Captured captured;
  Output output = captured.As(OutputFormat::kWide);
  output.width = 20;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(), output),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_THAT(captured.out.str(), HasSubstr("FIRST SEEN"));
  EXPECT_THAT(captured.out.str(), HasSubstr("postgres,990"));
}

TEST(ListingTest, CsvIsALineForEachRowUnderOneHeader) {
  Captured captured;

  EXPECT_THAT(
      PrintPages(TwoPages(), absl::OkStatus(), captured.As(OutputFormat::kCsv)),
      IsOkAndHolds(ExitCode::kDone));
  const std::string text = captured.out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_THAT(text, testing::StartsWith("transport,state,address,"));
  EXPECT_THAT(text, HasSubstr("\ntcp,listen,10.0.0.9,80,"));
}

TEST(ListingTest, CsvOfAnEmptyListIsItsHeader) {
  Captured captured;

  EXPECT_THAT(
      PrintPages({{}}, absl::OkStatus(), captured.As(OutputFormat::kCsv)),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_THAT(captured.out.str(), testing::MatchesRegex("[a-z0-9_,]+\r\n"));
  EXPECT_EQ(captured.err.str(), "");
}

TEST(ListingTest, AnErrorBetweenPagesLeavesNoHalfTable) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::UnavailableError("gone"),
                         captured.AsTable()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(captured.out.str(), "");
}

TEST(ListingTest, LinesPrintedBeforeAnErrorStay) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::UnavailableError("gone"),
                         captured.As(OutputFormat::kNdjson)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(captured.out.str(), HasSubstr("10.0.0.5"));
}

// The first page is partial, the last is complete.
std::vector<v1::ListListenersResponse> PartialPages() {
  std::vector<v1::ListListenersResponse> pages = TwoPages();
  pages[0].mutable_coverage()->set_stale_host_count(2);
  return pages;
}

TEST(ListingTest, OnePartialPageMakesTheListingPartial) {
  Captured captured;

  EXPECT_THAT(PrintPages(PartialPages(), absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_THAT(captured.out.str(), testing::StartsWith("PROTO"));
  EXPECT_EQ(captured.err.str(), "coverage: partial: 2 hosts are silent\n");
}

TEST(ListingTest, AnEmptyListThatIsPartialIsNotAbsent) {
  Captured captured;
  v1::ListListenersResponse page;
  page.mutable_coverage()->set_syncing(true);

  EXPECT_THAT(PrintPages({page}, absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_EQ(captured.err.str(),
            "no listeners\n"
            "coverage: partial: syncing, 0 hosts are back\n");
}

TEST(ListingTest, LinesThatArePartialSayItBesideThem) {
  Captured captured;

  EXPECT_THAT(PrintPages(PartialPages(), absl::OkStatus(),
                         captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_EQ(captured.err.str(), "coverage: partial: 2 hosts are silent\n");
}

TEST(ListingTest, JsonThatIsPartialSaysItInItsCoverage) {
  Captured captured;

  EXPECT_THAT(PrintPages(PartialPages(), absl::OkStatus(),
                         captured.As(OutputFormat::kJson)),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_THAT(captured.out.str(), HasSubstr("\"staleHostCount\": 2"));
  EXPECT_EQ(captured.err.str(), "");
}

}  // namespace
}  // namespace connreg::cli
