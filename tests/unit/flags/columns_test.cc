#include "service/flags/columns.h"

#include "gtest/gtest.h"

namespace connreg::flags {
namespace {

TEST(WrappedTest, BreaksBetweenWordsBeforeColumn80) {
  const std::string word(39, 'x');
  EXPECT_EQ(Wrapped(word + "x " + word, 0), word + "x " + word);
  EXPECT_EQ(Wrapped(word + "xx " + word, 0), word + "xx\n" + word);
}

TEST(WrappedTest, IndentsAllLinesButTheFirst) {
  const std::string word(50, 'x');
  EXPECT_EQ(Wrapped(word + " " + word, 4), word + "\n    " + word);
}

TEST(WrappedTest, KeepsLineBreaks) {
  EXPECT_EQ(Wrapped("one\ntwo", 2), "one\n  two");
}

TEST(WrappedTest, DoesNotBreakAWord) {
  const std::string word(100, 'x');
  EXPECT_EQ(Wrapped(word, 4), word);
}

TEST(SectionTest, IsNothingWithoutEntries) {
  EXPECT_EQ(Section("Options", {}), "");
}

TEST(SectionTest, AlignsWhatTheNamesMean) {
  EXPECT_EQ(Section("Options", {{"--a", "One"}, {"--bcd", "Two"}}),
            "Options:\n"
            "  --a    One\n"
            "  --bcd  Two\n");
}

TEST(SectionTest, GivesAWideNameALineOfItsOwn) {
  EXPECT_EQ(Section("Options",
                    {{"--a", "One"}, {"--wider-than-the-rest-by-far", "Two"}}),
            "Options:\n"
            "  --a  One\n"
            "  --wider-than-the-rest-by-far\n"
            "       Two\n");
}

}  // namespace
}  // namespace connreg::flags
