#include "service/flags/help.h"

#include "absl/strings/str_split.h"
#include "tests/support/scoped_env.h"
#include "tests/unit/flags/tool_fixture.h"

namespace connreg::flags {
namespace {

using testing::HasSubstr;
using testing::Not;

using HelpTest = ToolTest;

TEST_F(HelpTest, HasEachOptionWithTypeRangeDefaultAndVariable) {
  EXPECT_THAT(Printed({"--help"}),
              HasSubstr("Options:\n"
                        "  --grace DURATION     How long; from 0s to 24h\n"
                        "                       [default: 2m, env: "
                        "CONNREG_GRACE]\n"
                        "  --size SIZE          How large; from 64KiB to "
                        "64MiB\n"
                        "                       [default: 4MiB, env: "
                        "CONNREG_SIZE]\n"
                        "  --max-rows COUNT     How many; from 1 to "
                        "2147483647\n"
                        "                       [default: 5M, env: "
                        "CONNREG_MAX_ROWS]\n"
                        "  --fast, --no-fast    Hurries\n"
                        "                       [default: off, env: "
                        "CONNREG_FAST]\n"));
}

TEST_F(HelpTest, ShowsChoicesAndLists) {
  const std::string help = Printed({"--help"});
  EXPECT_THAT(help, HasSubstr("\n  --format table|json  In which form\n"));
  EXPECT_THAT(help, HasSubstr("\n  --listen ADDRESS     Where\n"));
}

TEST_F(HelpTest, WhatIsOfTheCommandLineOnlyNamesNoVariable) {
  const std::string help = Printed({"--help"});
  EXPECT_THAT(help, HasSubstr("\n  --once               Ends\n  --host "));
  for (const char* variable :
       {"CONNREG_ONCE", "CONNREG_HELP", "CONNREG_VERSION", "CONNREG_FLAGFILE"})
    EXPECT_THAT(help, Not(HasSubstr(variable)));
}

TEST_F(HelpTest, EndsTheOptionsWithThoseOfEveryProgram) {
  EXPECT_THAT(Printed({"--help"}),
              HasSubstr("\n  --flagfile FILE      A file of flags, one on each "
                        "line; blank lines and those\n"
                        "                       that start with # are passed "
                        "over\n"
                        "  -h, --help           Print this, and exit\n"
                        "  --version            Print the version, and exit\n"
                        "\n"));
}

TEST_F(HelpTest, TellsDefaultsAndNotWhatIsSet) {
  const ScopedEnv grace("CONNREG_GRACE", "3m");
  EXPECT_THAT(Printed({"--host", "db1", "--help"}),
              testing::AllOf(HasSubstr("[default: web1, env: CONNREG_HOST]"),
                             HasSubstr("[default: 2m, env: CONNREG_GRACE]")));
}

TEST_F(HelpTest, HasTheCommandsOfAProgram) {
  EXPECT_THAT(Printed({"--help"}), HasSubstr("Usage: tool [OPTIONS] [COMMAND]\n"
                                             "\n"
                                             "Commands:\n"
                                             "  add     Adds something\n"
                                             "  status  Says how it is\n"
                                             "\n"));
}

TEST_F(HelpTest, OfACommandHasItsArgumentsAndOptionsAndNamesTheProgramsOnes) {
  EXPECT_EQ(Printed({"add", "row", "--help"}),
            "Adds a row\n"
            "\n"
            "Usage: tool add row [OPTIONS] NAME\n"
            "\n"
            "Arguments:\n"
            "  NAME  What it is called\n"
            "\n"
            "Options:\n"
            "  --ttl DURATION  How long it stays\n"
            "                  [default: 1h]\n"
            "  -h, --help      Print this, and exit\n"
            "\n"
            "Options of every command, described in tool --help:\n"
            "  --grace DURATION, --size SIZE, --max-rows COUNT, --fast, "
            "--no-fast, --slow,\n"
            "  --no-slow, --once, --host NAME, --format table|json, --listen "
            "ADDRESS,\n"
            "  --flagfile FILE\n"
            "\n"
            "The end.\n");
}

TEST_F(HelpTest, FitsIntoEightyColumns) {
  for (const std::string& help :
       {Printed({"--help"}), Printed({"add", "--help"}),
        Printed({"add", "row", "--help"})}) {
    for (const absl::string_view line : absl::StrSplit(help, '\n'))
      EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace connreg::flags
