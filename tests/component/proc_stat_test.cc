#include "service/server/proc_stat.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::Eq;
using testing::Optional;

// As proc(5) numbers them: 3 to 26.
constexpr char kFields[] =
    " S 1 4242 4242 0 -1 4194560 1500 0 2 0 310 45 0 0 20 0 17 0 987654 "
    "2147483648 5120 18446744073709551615 1\n";

TEST(ProcStatTest, FieldsAreThoseOfTheManual) {
  const auto stat = ParseProcStat(absl::StrCat("4242 (connregd)", kFields));
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->user_ticks, 310u);
  EXPECT_EQ(stat->system_ticks, 45u);
  EXPECT_EQ(stat->threads, 17u);
  EXPECT_EQ(stat->start_ticks, 987654u);
  EXPECT_EQ(stat->virtual_bytes, 2147483648u);
  EXPECT_EQ(stat->resident_pages, 5120u);
}

TEST(ProcStatTest, NameMayHoldBracketsAndBlanks) {
  const auto stat = ParseProcStat(absl::StrCat("4242 (a) b (c)", kFields));
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->threads, 17u);
}

TEST(ProcStatTest, LineThatIsCutOffIsNone) {
  const std::string text = absl::StrCat("4242 (connregd)", kFields);
  for (size_t size = 0; size < text.find("5120"); ++size)
    EXPECT_EQ(ParseProcStat(text.substr(0, size)), std::nullopt) << size;
}

TEST(ProcStatTest, BootTimeIsALineOfItsOwn) {
  EXPECT_THAT(ParseBootTime("cpu 1 2\nbtime 1700000000\nprocesses 3\n"),
              Optional(Eq(1'700'000'000u)));
  EXPECT_EQ(ParseBootTime("cpu 1 2\n"), std::nullopt);
  EXPECT_EQ(ParseBootTime("btime soon\n"), std::nullopt);
}

}  // namespace
}  // namespace connreg
