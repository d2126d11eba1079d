#include "client/cli/list.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "service/base/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;

// The second page of two: what it says of coverage is what counts.
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

TEST(ListTest, TheRequestHasEveryOption) {
  ListOptions options;
  options.endpoint = "10.0.0.5:5432";
  options.scope = {.network = "site-b", .host = "web1", .transport = "tcp"};
  constexpr char kRequest[] = R"(
    endpoint { address: "10.0.0.5" port: 5432 }
    host: "web1"
    network: "site-b"
    transport: TRANSPORT_TCP
    page_size: 1000)";

  EXPECT_THAT(ConnectionsRequestOf(options),
              IsOkAndHolds(EqualsText(kRequest)));
  EXPECT_THAT(ListenersRequestOf(options), IsOkAndHolds(EqualsText(kRequest)));
}

TEST(ListTest, AMalformedEndpointNamesItsOption) {
  ListOptions options;
  options.endpoint = "10.0.0.5";

  EXPECT_EQ(DetailOf(ConnectionsRequestOf(options).status())->field,
            "--endpoint");
}

TEST(ListTest, ATableIsOneOverAllPages) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "PROTO  STATE   ENDPOINT     HOST  PROCESS\n"
            "tcp    LISTEN  10.0.0.5:80  db1   postgres,990\n"
            "tcp    LISTEN  10.0.0.9:80  db1   postgres,990\n");
}

TEST(ListTest, JsonIsOneResponseWithTheLastCoverage) {
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

TEST(ListTest, NdjsonIsALineForEachRow) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::OkStatus(),
                         captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  const std::string text = captured.out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, testing::StartsWith("{\"socket\":"));
}

TEST(ListTest, AnEmptyListIsARemarkAndAbsent) {
  Captured captured;

  EXPECT_THAT(PrintPages({{}}, absl::OkStatus(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "");
  EXPECT_EQ(captured.err.str(), "no listeners\n");
}

TEST(ListTest, AnEmptyListOfLinesHasNone) {
  Captured captured;

  EXPECT_THAT(
      PrintPages({{}}, absl::OkStatus(), captured.As(OutputFormat::kNdjson)),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "");
}

TEST(ListTest, AnErrorBetweenPagesLeavesNoHalfTable) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::UnavailableError("gone"),
                         captured.AsTable()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(captured.out.str(), "");
}

TEST(ListTest, LinesPrintedBeforeAnErrorStay) {
  Captured captured;

  EXPECT_THAT(PrintPages(TwoPages(), absl::UnavailableError("gone"),
                         captured.As(OutputFormat::kNdjson)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(captured.out.str(), HasSubstr("10.0.0.5"));
}

}  // namespace
}  // namespace connreg::cli
