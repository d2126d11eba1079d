#include "service/flags/text.h"

#include "gtest/gtest.h"

namespace connreg::flags {
namespace {

TEST(QuotedTest, EscapesWhatIsNotPlain) {
  EXPECT_EQ(Quoted("soon"), "\"soon\"");
  EXPECT_EQ(Quoted("a\"b\n\x1b[1m"), "\"a\\\"b\\n\\x1b[1m\"");
  EXPECT_EQ(Quoted("\xff"), "\"\\xff\"");
}

TEST(QuotedTest, CutsWhatIsTooLong) {
  EXPECT_EQ(Quoted(std::string(80, 'x')), "\"" + std::string(80, 'x') + "\"");
  EXPECT_EQ(Quoted(std::string(1'000'000, 'x')),
            "\"" + std::string(80, 'x') + "...\"");
}

TEST(OneLineTest, EscapesControlCharactersOnly) {
  EXPECT_EQ(OneLine("a \"b\" \\ c"), "a \"b\" \\ c");
  EXPECT_EQ(OneLine("a\nb\x7f"), "a\\nb\\x7f");
}

TEST(OneLineTest, CutsWhatIsTooLong) {
  EXPECT_EQ(OneLine(std::string(2000, 'x')), std::string(1000, 'x') + "...");
}

}  // namespace
}  // namespace connreg::flags
