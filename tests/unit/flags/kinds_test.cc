#include "service/flags/flag.h"
#include "tests/support/scoped_env.h"
#include "tests/unit/flags/tool_fixture.h"

namespace connreg::flags {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using KindsTest = ToolTest;

TEST_F(KindsTest, DefaultsStayUnlessSet) {
  Take({});
  EXPECT_EQ(grace_, absl::Minutes(2));
  EXPECT_EQ(size_, 4u << 20);
  EXPECT_EQ(rows_, 5'000'000);
  EXPECT_FALSE(fast_);
  EXPECT_TRUE(slow_);
  EXPECT_FALSE(once_);
  EXPECT_EQ(host_, "web1");
  EXPECT_EQ(format_, "table");
  EXPECT_THAT(listen_, ElementsAre("here"));
}

TEST_F(KindsTest, ValuesFollowABlankOrAnEqualsSign) {
  Take({"--grace", "90s", "--size=1MiB", "--max-rows", "10k", "--host=db1",
        "--format", "json"});
  EXPECT_EQ(grace_, absl::Seconds(90));
  EXPECT_EQ(size_, 1u << 20);
  EXPECT_EQ(rows_, 10'000);
  EXPECT_EQ(host_, "db1");
  EXPECT_EQ(format_, "json");
}

TEST_F(KindsTest, WrongValuesAreNamedWithTheirFlag) {
  EXPECT_EQ(Refusal({"--grace", "soon"}),
            "--grace: \"soon\" is not a duration; write 90s, 5m or 1h30m");
  EXPECT_EQ(Refusal({"--grace=25h"}),
            "--grace: \"25h\" is out of range; write a duration from 0s to "
            "24h");
  EXPECT_EQ(Refusal({"--size", "1KiB"}),
            "--size: \"1KiB\" is out of range; write a size from 64KiB to "
            "64MiB");
  EXPECT_EQ(Refusal({"--format", "xml"}),
            "--format: \"xml\" is not known; write table or json");
  EXPECT_EQ(Refusal({"--host", "a b"}), "--host: \"a b\" holds a blank");
}

TEST_F(KindsTest, ACountEndsWhereItsTypeDoes) {
  Take({"--max-rows", "2147483647"});
  EXPECT_EQ(rows_, 2'147'483'647);
  EXPECT_EQ(Refusal({"--max-rows", "2147483648"}),
            "--max-rows: \"2147483648\" is out of range; write a whole number "
            "from 1 to 2147483647");
}

TEST_F(KindsTest, AValueMayStartWithADash) {
  EXPECT_EQ(Refusal({"--max-rows", "-1"}),
            "--max-rows: \"-1\" is not a whole number; write 250, 100k or 5M");
}

TEST_F(KindsTest, ATextMayBeEmptyIfTheCheckTakesIt) {
  Take({"--host", ""});
  EXPECT_EQ(host_, "");
}

TEST_F(KindsTest, ASwitchIsTurnedOnAndOff) {
  Take({"--fast", "--no-slow"});
  EXPECT_TRUE(fast_);
  EXPECT_FALSE(slow_);
}

TEST_F(KindsTest, TheLastOfASwitchCounts) {
  Take({"--fast", "--no-fast", "--no-slow", "--slow"});
  EXPECT_FALSE(fast_);
  EXPECT_TRUE(slow_);
}

TEST_F(KindsTest, ASwitchTakesAWordAfterAnEqualsSign) {
  for (const std::string word : {"true", "yes", "on", "1", "True", "ON"}) {
    Take({"--fast=" + word});
    EXPECT_TRUE(fast_) << word;
  }
  for (const std::string word : {"false", "no", "off", "0", "NO"}) {
    Take({"--slow=" + word});
    EXPECT_FALSE(slow_) << word;
  }
}

TEST_F(KindsTest, AnyOtherWordForASwitchIsNamed) {
  for (const std::string word : {"perhaps", "2", "-1", "t", "enable"}) {
    EXPECT_EQ(Refusal({"--fast=" + word}),
              "--fast: \"" + word +
                  "\" is neither on nor off; write true, yes, on or 1, or "
                  "false, no, off or 0");
  }
}

TEST_F(KindsTest, ANegatedSwitchTakesNoWord) {
  for (const char* word : {"--no-fast=true", "--no-fast=perhaps",
                           "--no-fast=99999999999999999999"}) {
    EXPECT_EQ(Refusal({word}),
              "--no-fast takes no value; write --no-fast or --fast");
  }
}

TEST_F(KindsTest, ASwitchOfTheCommandLineOnlyHasNoNegation) {
  Take({"--once"});
  EXPECT_TRUE(once_);
  EXPECT_THAT(Refusal({"--no-once"}), HasSubstr("\"--no-once\""));
}

TEST_F(KindsTest, AListIsRepeatedOrSeparatedByCommas) {
  Take({"--listen", "a, b", "--listen=[c]"});
  EXPECT_THAT(listen_, ElementsAre("a", "b", "[c]"));
}

TEST_F(KindsTest, EachOfAListIsChecked) {
  EXPECT_EQ(Refusal({"--listen", "a,b c"}), "--listen: \"b c\" holds a blank");
}

TEST_F(KindsTest, AListDoesNotTakeTheWordAfterItsValue) {
  EXPECT_EQ(Refusal({"--listen", "a", "b"}),
            "unknown command \"b\"; see tool --help");
}

}  // namespace
}  // namespace connreg::flags
