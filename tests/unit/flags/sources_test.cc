#include "service/flags/sources.h"

#include "absl/strings/str_cat.h"
#include "tests/support/scoped_env.h"
#include "tests/unit/flags/tool_fixture.h"

namespace connreg::flags {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(VariableTest, IsTheFlagInCapitalsWithOurPrefix) {
  EXPECT_EQ(VariableOf("--grace"), "CONNREG_GRACE");
  EXPECT_EQ(VariableOf("--max-rows-per-reporter"),
            "CONNREG_MAX_ROWS_PER_REPORTER");
}

class SourcesTest : public ToolTest {
 protected:
  // The complaint about a flag file of `text`, after its name.
  std::string FileRefusal(const std::string& text) {
    std::string line = Refusal({"--flagfile", FlagFile(text)});
    EXPECT_EQ(line.find(file_ + ":"), 0u) << line;
    return line.substr(file_.size() + 1);
  }
};

TEST_F(SourcesTest, TheFileGoesBeforeTheDefaults) {
  Take({"--flagfile", FlagFile("# Ours\n"
                               "--grace=5m\n"
                               "--size=1MiB\n"
                               "--max-rows=10k\n"
                               "--fast\n"
                               "--no-slow\n"
                               "--host=db1\n"
                               "--format=json\n"
                               "--listen=a,b\n")});
  EXPECT_EQ(grace_, absl::Minutes(5));
  EXPECT_EQ(size_, 1u << 20);
  EXPECT_EQ(rows_, 10'000);
  EXPECT_TRUE(fast_);
  EXPECT_FALSE(slow_);
  EXPECT_EQ(host_, "db1");
  EXPECT_EQ(format_, "json");
  EXPECT_THAT(listen_, ElementsAre("a", "b"));
}

TEST_F(SourcesTest, TheEnvironmentGoesBeforeTheFile) {
  const ScopedEnv grace("CONNREG_GRACE", "3m");
  const ScopedEnv fast("CONNREG_FAST", "no");
  const ScopedEnv listen("CONNREG_LISTEN", "c,d");
  Take({"--flagfile",
        FlagFile("--grace=5m\n--fast\n--listen=a\n--max-rows=7\n")});
  EXPECT_EQ(grace_, absl::Minutes(3));
  EXPECT_FALSE(fast_);
  EXPECT_THAT(listen_, ElementsAre("c", "d"));
  EXPECT_EQ(rows_, 7);
}

TEST_F(SourcesTest, TheCommandLineGoesBeforeBoth) {
  const ScopedEnv grace("CONNREG_GRACE", "3m");
  const ScopedEnv slow("CONNREG_SLOW", "yes");
  const ScopedEnv listen("CONNREG_LISTEN", "c");
  Take({"--grace", "1m", "--no-slow", "--listen", "e", "--flagfile",
        FlagFile("--grace=5m\n--slow\n--listen=a\n")});
  EXPECT_EQ(grace_, absl::Minutes(1));
  EXPECT_FALSE(slow_);
  EXPECT_THAT(listen_, ElementsAre("e"));
}

TEST_F(SourcesTest, AnEmptyVariableIsNone) {
  const ScopedEnv grace("CONNREG_GRACE", "");
  const ScopedEnv fast("CONNREG_FAST", "");
  Take({"--flagfile", FlagFile("--fast\n")});
  EXPECT_EQ(grace_, absl::Minutes(2));
  EXPECT_TRUE(fast_);
}

TEST_F(SourcesTest, AWrongVariableIsNamed) {
  {
    const ScopedEnv grace("CONNREG_GRACE", "soon");
    EXPECT_EQ(
        Refusal({}),
        "CONNREG_GRACE: \"soon\" is not a duration; write 90s, 5m or 1h30m");
  }
  {
    const ScopedEnv fast("CONNREG_FAST", "perhaps");
    EXPECT_THAT(Refusal({}), HasSubstr("CONNREG_FAST: \"perhaps\" is neither"));
  }
  const ScopedEnv listen("CONNREG_LISTEN", "a,b c");
  EXPECT_EQ(Refusal({}), "CONNREG_LISTEN: \"b c\" holds a blank");
}

TEST_F(SourcesTest, AWrongVariableThatIsNotNeededIsPassedOver) {
  const ScopedEnv grace("CONNREG_GRACE", "soon");
  Take({"--grace", "1m"});
  EXPECT_EQ(grace_, absl::Minutes(1));
}

TEST_F(SourcesTest, WhatIsOfTheCommandLineOnlyHasNoVariable) {
  const ScopedEnv once("CONNREG_ONCE", "true");
  const ScopedEnv help("CONNREG_HELP", "true");
  const ScopedEnv version("CONNREG_VERSION", "true");
  const ScopedEnv file("CONNREG_FLAGFILE", "/nonexistent");
  const ScopedEnv ttl("CONNREG_TTL", "2h");
  Take({"add", "row", "x"});
  EXPECT_FALSE(once_);
  EXPECT_EQ(ttl_, "1h");
}

TEST_F(SourcesTest, CommandsTakeWhatTheProgramWasSet) {
  Take({"--flagfile", FlagFile("--host=db1\n"), "status"});
  EXPECT_EQ(host_, "db1");
  Take({"add", "row", "x", "--flagfile", file_});
  EXPECT_EQ(host_, "db1");
}

TEST_F(SourcesTest, AWrongValueInTheFileIsNamedWithItsLine) {
  EXPECT_EQ(FileRefusal("\n\n--grace=soon\n"),
            "3: --grace: \"soon\" is not a duration; write 90s, 5m or 1h30m");
  EXPECT_EQ(FileRefusal("--fast=perhaps\n"),
            "1: --fast: \"perhaps\" is neither on nor off; write true, yes, on "
            "or 1, or false, no, off or 0");
  EXPECT_EQ(FileRefusal("--grace=\n"),
            "1: --grace: \"\" is not a duration; write 90s, 5m or 1h30m");
}

TEST_F(SourcesTest, AListMayStandOnSeveralLines) {
  Take({"--flagfile", FlagFile("--listen=a\n--fast\n--listen=b,c\n")});
  EXPECT_THAT(listen_, ElementsAre("a", "b", "c"));
}

TEST_F(SourcesTest, OfAListOnSeveralLinesTheWrongOneIsNamed) {
  EXPECT_EQ(FileRefusal("--listen=a\n--listen=b c\n--listen=d\n"),
            "2: --listen: \"b c\" holds a blank");
}

TEST_F(SourcesTest, AnyOtherFlagStandsInTheFileOnce) {
  EXPECT_EQ(FileRefusal("--grace=5m\n--fast\n--grace=5m\n"),
            absl::StrCat("3: --grace: is given twice, first in ", file_, ":1"));
  EXPECT_EQ(
      FileRefusal("--fast\n--no-fast\n"),
      absl::StrCat("2: --no-fast: is given twice, first in ", file_, ":1"));
}

TEST_F(SourcesTest, AnUnknownFlagInTheFileIsNamed) {
  EXPECT_EQ(FileRefusal("--grce=5m\n"),
            "1: --grce: there is no such flag; see tool --help");
  EXPECT_THAT(FileRefusal("--ttl=5m\n"), HasSubstr("there is no such flag"));
  EXPECT_THAT(FileRefusal("--no-grace\n"), HasSubstr("there is no such flag"));
  EXPECT_THAT(FileRefusal("--add=row\n"), HasSubstr("there is no such flag"));
}

TEST_F(SourcesTest, WhatIsOfTheCommandLineOnlyStandsInNoFile) {
  for (const char* flag : {"--once", "--help", "--version", "--flagfile"}) {
    EXPECT_EQ(
        FileRefusal(absl::StrCat(flag, "\n")),
        absl::StrCat("1: ", flag, ": this stands on the command line only"));
  }
}

TEST_F(SourcesTest, AFlagThatLacksItsValueSaysWhatToWrite) {
  EXPECT_EQ(FileRefusal("--listen\n"),
            "1: --listen: no value; write --listen=ADDRESS");
}

TEST_F(SourcesTest, ANegatedSwitchTakesNoValueInTheFileEither) {
  EXPECT_EQ(FileRefusal("--no-fast=yes\n"),
            "1: --no-fast: takes no value; write --no-fast or --fast");
}

TEST_F(SourcesTest, OfAnOverriddenLineTheNameIsCheckedAndTheValueIsNot) {
  Take({"--grace", "1m", "--flagfile", FlagFile("--grace=soon\n")});
  EXPECT_EQ(grace_, absl::Minutes(1));
  EXPECT_THAT(Refusal({"--grace", "1m", "--flagfile", FlagFile("--grce=1m\n")}),
              HasSubstr("--grce"));
}

}  // namespace
}  // namespace connreg::flags
