#include "service/base/log.h"

#include <limits>

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// 2023-11-14T22:13:20.042Z
const absl::Time kTime =
    absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(42);

std::string LineWith(absl::string_view value) {
  return FormatLogLine(kTime, LogLevel::kInfo, "seen", {{"host", value}});
}

TEST(FormatLogLineTest, PutsTimeLevelMessageAndFieldsInOrder) {
  EXPECT_EQ(FormatLogLine(kTime, LogLevel::kWarning, "full",
                          {{"table", "rows"}, {"limit", 1024}}),
            "time=2023-11-14T22:13:20.042Z level=warning msg=full table=rows "
            "limit=1024");
}

TEST(FormatLogLineTest, NamesEveryLevel) {
  for (const auto& [level, name] :
       {std::pair(LogLevel::kInfo, " level=info "),
        std::pair(LogLevel::kWarning, " level=warning "),
        std::pair(LogLevel::kError, " level=error ")}) {
    EXPECT_THAT(FormatLogLine(kTime, level, "m", {}), HasSubstr(name));
  }
}

TEST(FormatLogLineTest, LeavesPlainValuesBare) {
  EXPECT_THAT(LineWith("[2001:db8::1]:443"),
              EndsWith(" host=[2001:db8::1]:443"));
}

TEST(FormatLogLineTest, QuotesMessagesOfManyWords) {
  EXPECT_THAT(FormatLogLine(kTime, LogLevel::kError, "table is full", {}),
              EndsWith(" msg=\"table is full\""));
}

TEST(FormatLogLineTest, ShowsAnEmptyValue) {
  EXPECT_THAT(LineWith(""), EndsWith(" host=\"\""));
}

TEST(FormatLogLineTest, EscapesALineBreakSoThatNoValueForgesALine) {
  const std::string line =
      LineWith("web1\ntime=2023-11-14T22:13:20.042Z level=error msg=forged");

  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, HasSubstr("host=\"web1\\ntime="));
  EXPECT_THAT(line, EndsWith("msg=forged\""));
}

TEST(FormatLogLineTest, EscapesALineBreakInTheMessage) {
  EXPECT_THAT(FormatLogLine(kTime, LogLevel::kInfo, "a\r\nb", {}),
              EndsWith(" msg=\"a\\r\\nb\""));
}

TEST(FormatLogLineTest, EscapesAQuoteSoThatNoValueForgesAField) {
  EXPECT_THAT(LineWith("x\" level=\"error"),
              EndsWith(" host=\"x\\\" level=\\\"error\""));
}

TEST(FormatLogLineTest, EscapesABackslashSoThatNoValueOpensItsQuotes) {
  EXPECT_THAT(LineWith("x\\\""), EndsWith(" host=\"x\\\\\\\"\""));
}

TEST(FormatLogLineTest, QuotesAnEqualsSign) {
  EXPECT_THAT(LineWith("a=b"), EndsWith(" host=\"a=b\""));
}

TEST(FormatLogLineTest, EscapesControlAndNonAsciiBytes) {
  const std::string line =
      LineWith(absl::string_view("\0\x1b[2J\x7f\xc3\xa9", 8));

  for (const char c : line) {
    EXPECT_GE(c, ' ');
    EXPECT_LT(c, '\x7f');
  }
  EXPECT_THAT(line, HasSubstr("host=\"\\x00\\x1b[2J\\x7f\\xc3\\xa9\""));
}

TEST(LogTest, WritesOneLineToStandardError) {
  testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "started", {{"port", 7070}});
  const std::string written = testing::internal::GetCapturedStderr();

  EXPECT_THAT(written, StartsWith("time="));
  EXPECT_THAT(written, EndsWith(" level=info msg=started port=7070\n"));
}

}  // namespace
}  // namespace connreg
