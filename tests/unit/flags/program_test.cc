#include "service/flags/program.h"

#include <algorithm>

#include "tests/unit/flags/tool_fixture.h"

namespace connreg::flags {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

using ProgramTest = ToolTest;

TEST_F(ProgramTest, TheVersionIsOneLine) {
  EXPECT_EQ(Printed({"--version"}), "tool 1.2.3\n");
}

TEST_F(ProgramTest, AnUnknownOptionIsNamedBeforeWhatMayBeItsValue) {
  EXPECT_EQ(Refusal({"status", "--hots", "db1"}),
            "status: unknown option \"--hots\"; see tool status --help");
  EXPECT_EQ(Refusal({"status", "-x"}),
            "status: unknown option \"-x\"; see tool status --help");
}

TEST_F(ProgramTest, AWordTooManyIsNamed) {
  EXPECT_EQ(Refusal({"status", "please"}),
            "status: unexpected argument \"please\"; see tool status --help");
}

TEST_F(ProgramTest, AnUnknownCommandIsNamed) {
  EXPECT_EQ(Refusal({"destroy"}),
            "unknown command \"destroy\"; see tool --help");
  EXPECT_EQ(Refusal({"add", "column"}),
            "add: unknown command \"column\"; see tool add --help");
}

TEST_F(ProgramTest, ACommandThatLacksItsOwnIsNamed) {
  EXPECT_EQ(Refusal({"add"}), "add: no command; see tool add --help");
}

TEST_F(ProgramTest, AnArgumentThatLacksIsNamed) {
  EXPECT_EQ(Refusal({"add", "row"}),
            "add row: NAME is required; see tool add row --help");
}

TEST_F(ProgramTest, AFlagWithoutItsValueSaysWhatToWrite) {
  EXPECT_EQ(Refusal({"--grace"}),
            "--grace has no value; write --grace DURATION; see tool --help");
  EXPECT_EQ(Refusal({"--listen", "a", "--listen"}),
            "--listen has no value; write --listen ADDRESS; see tool --help");
}

TEST_F(ProgramTest, AnEqualsSignWithoutAValueDoesNotTakeTheNextWord) {
  EXPECT_EQ(Refusal({"--host=", "--once"}),
            "--host has no value after \"=\"; see tool --help");
}

TEST_F(ProgramTest, AFlagGivenTwiceIsNamed) {
  EXPECT_EQ(Refusal({"--grace", "1m", "--grace=2m"}),
            "--grace is given 2 times; write it once; see tool --help");
}

TEST_F(ProgramTest, AWrongValueOfACommandIsNamedWithIt) {
  EXPECT_EQ(Refusal({"add", "row", "x", "--ttl", "1 h"}),
            "add row: --ttl: \"1 h\" holds a blank");
}

TEST_F(ProgramTest, AComplaintIsOneLineOfBoundedLength) {
  const std::string long_word(1'000'000, 'x');
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--a\nb"},
        {"status", "a\nb"},
        {"--grace", "a\nb"},
        {"--host", "a \nb"},
        {"--grace", long_word},
        {"--" + long_word},
        {"--" + long_word + "="},
        {long_word}}) {
    const std::string line = Refusal(words);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 0) << line;
    EXPECT_LT(line.size(), 1'200u);
  }
}

TEST_F(ProgramTest, AFlagFileThatIsNotThereIsNamed) {
  EXPECT_EQ(Refusal({"--flagfile", "/nonexistent/f"}),
            "--flagfile: \"/nonexistent/f\": No such file or directory");
  EXPECT_EQ(Refusal({"--flagfile", ""}),
            "--flagfile: the path is empty; write that of a file");
}

TEST_F(ProgramTest, HelpGoesBeforeWhatIsMissing) {
  EXPECT_THAT(Printed({"add", "row", "--help"}),
              HasSubstr("Usage: tool add row [OPTIONS] NAME\n"));
}

TEST_F(ProgramTest, ASummaryBeginsTheHelpAndAFooterEndsIt) {
  EXPECT_THAT(Printed({"-h"}), EndsWith("\nThe end.\n"));
  EXPECT_EQ(Printed({"--help"}).find("Does things.\n\nUsage: tool "), 0u);
}

}  // namespace
}  // namespace connreg::flags
