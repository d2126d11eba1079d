#include "service/flags/flag_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {

bool operator==(const FlagLine& a, const FlagLine& b) {
  return a.where == b.where && a.flag == b.flag && a.value == b.value;
}

void PrintTo(const FlagLine& line, std::ostream* out) {
  *out << line.where << " " << line.flag << "="
       << line.value.value_or("(none)");
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Refusal(absl::string_view text) {
  const auto lines = ParseFlagFile("f", text);
  EXPECT_THAT(lines, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  return std::string(lines.status().message());
}

TEST(FlagFileTest, HasAFlagOnEachLine) {
  EXPECT_THAT(
      ParseFlagFile("dir/f", "--grace=5m\n--reflection\n"),
      IsOkAndHolds(ElementsAre(FlagLine{"dir/f:1", "--grace", "5m"},
                               FlagLine{"dir/f:2", "--reflection", {}})));
}

TEST(FlagFileTest, LastLineNeedsNoLineBreak) {
  EXPECT_THAT(ParseFlagFile("f", "--grace=5m"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--grace", "5m"})));
}

TEST(FlagFileTest, BlankLinesAndCommentsAreCountedAndPassedOver) {
  EXPECT_THAT(ParseFlagFile("f", "\n# --grace=1m\n \t\n  # x\n--grace=5m\n"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:5", "--grace", "5m"})));
  EXPECT_THAT(ParseFlagFile("f", ""), IsOkAndHolds(IsEmpty()));
}

TEST(FlagFileTest, BlanksAroundALineAreNotOfIt) {
  EXPECT_THAT(ParseFlagFile("f", " \t--grace=5m \t"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--grace", "5m"})));
}

TEST(FlagFileTest, BlanksWithinAValueAre) {
  EXPECT_THAT(ParseFlagFile("f", "--host=a b # c"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--host", "a b # c"})));
}

TEST(FlagFileTest, AValueMayHoldEqualsSignsOrNothing) {
  EXPECT_THAT(ParseFlagFile("f", "--listen=unix:/a=b\n--host=\n"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--listen", "unix:/a=b"},
                                       FlagLine{"f:2", "--host", ""})));
}

TEST(FlagFileTest, CarriageReturnsAndAByteOrderMarkArePassedOver) {
  EXPECT_THAT(ParseFlagFile("f", "\xEF\xBB\xBF--a=1\r\n\r\n--b\r\n"),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--a", "1"},
                                       FlagLine{"f:3", "--b", {}})));
}

TEST(FlagFileTest, ALineThatIsNoFlagIsNamedWithItsNumber) {
  EXPECT_EQ(Refusal("--a=1\ngrace=5m\n"),
            "f:2: \"grace=5m\" is not a flag; write --NAME=VALUE, or --NAME "
            "for a switch");
  for (const char* line : {"grace", "--grace 5m", "--grace = 5m", "-h", "--",
                           "-", "=", "--=5m", "5m", "\"--grace=5m\"",
                           "--gr\xC3\xA4"
                           "ce=5m"})
    EXPECT_THAT(Refusal(line), HasSubstr("is not a flag; write --NAME=VALUE"));
}

TEST(FlagFileTest, AValueInQuotesIsNotMeantSo) {
  EXPECT_EQ(Refusal("--host=\"web1\""),
            "f:1: --host: \"\\\"web1\\\"\" is in quotes; write it without");
  EXPECT_THAT(Refusal("--host='web1'"), HasSubstr("is in quotes"));
}

TEST(FlagFileTest, ANulByteIsRefused) {
  EXPECT_EQ(Refusal(absl::string_view("--a=1\n--host=a\0b", 15)),
            "f:2: a NUL byte; write the file in UTF-8");
}

TEST(FlagFileTest, ALongLineIsCutInTheComplaint) {
  EXPECT_LT(Refusal(std::string(1'000'000, 'x')).size(), 200u);
}

TEST(FlagFileTest, ALineMayBeLong) {
  const std::string value(1'000'000, 'x');
  EXPECT_THAT(ParseFlagFile("f", "--a=" + value),
              IsOkAndHolds(ElementsAre(FlagLine{"f:1", "--a", value})));
}

class ReadFlagFileTest : public testing::Test {
 protected:
  ReadFlagFileTest() {
    std::string pattern = testing::TempDir() + "/flag-file-XXXXXX";
    path_ = absl::StrCat(mkdtemp(pattern.data()), "/f");
    folder_ = pattern;
  }
  ~ReadFlagFileTest() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }

  void Write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
  }

  static std::string Refusal(const std::string& path) {
    const auto lines = ReadFlagFile(path);
    EXPECT_THAT(lines, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(lines.status().message());
  }

  std::string folder_;
  std::string path_;
};

TEST_F(ReadFlagFileTest, LinesAreOfTheFileAsItWasNamed) {
  Write("--a=1\n");
  EXPECT_THAT(ReadFlagFile(path_),
              IsOkAndHolds(ElementsAre(
                  FlagLine{absl::StrCat(path_, ":1"), "--a", "1"})));
}

TEST_F(ReadFlagFileTest, AMissingFileIsNamed) {
  EXPECT_EQ(Refusal(path_), absl::StrCat("--flagfile: \"", path_,
                                         "\": No such file or directory"));
}

TEST_F(ReadFlagFileTest, AFolderIsNoFile) {
  EXPECT_EQ(Refusal(folder_),
            absl::StrCat("--flagfile: \"", folder_, "\": Is a directory"));
}

TEST_F(ReadFlagFileTest, AFileOfAMebibyteIsReadAndALargerOneIsRefused) {
  Write(std::string(kMaxFlagFileBytes, '#'));
  EXPECT_THAT(ReadFlagFile(path_), IsOkAndHolds(IsEmpty()));
  Write(std::string(kMaxFlagFileBytes + 1, '#'));
  EXPECT_THAT(Refusal(path_), HasSubstr("larger than 1MiB"));
}

TEST_F(ReadFlagFileTest, AFileWithoutEndIsRefused) {
  EXPECT_THAT(Refusal("/dev/zero"), HasSubstr("larger than 1MiB"));
}

}  // namespace
}  // namespace connreg::flags
