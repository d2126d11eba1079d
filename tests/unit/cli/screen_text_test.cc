#include "client/cli/screen_text.h"

#include "gmock/gmock.h"

namespace connreg::cli {
namespace {

TEST(ScreenTextTest, LettersAreOneColumnWide) {
  EXPECT_EQ(ScreenWidth(""), 0u);
  EXPECT_EQ(ScreenWidth("nginx"), 5u);
  EXPECT_EQ(ScreenWidth("\u00E4\u00F6\u00FC"), 3u);
  EXPECT_EQ(ScreenWidth("\u05D0\u0411"), 2u);
}

TEST(ScreenTextTest, EastAsianCharactersAndEmojiAreTwo) {
  EXPECT_EQ(ScreenWidth("\u540D\u524D"), 4u);
  EXPECT_EQ(ScreenWidth("\uD55C"), 2u);
  EXPECT_EQ(ScreenWidth("\uFF21"), 2u);
  EXPECT_EQ(ScreenWidth("\U0001F98A"), 2u);
}

TEST(ScreenTextTest, CombiningMarksAndSelectorsAreNone) {
  EXPECT_EQ(ScreenWidth("e\u0301"), 1u);
  EXPECT_EQ(ScreenWidth("\u2764\uFE0F"), 1u);
}

TEST(ScreenTextTest, ABrokenByteIsOneColumn) {
  EXPECT_EQ(ScreenWidth("a\xFF"), 2u);
  EXPECT_EQ(PrefixWithin("a\xFF\xFF", 2), "a\xFF");
}

TEST(ScreenTextTest, AWideCharacterIsNotCut) {
  EXPECT_EQ(PrefixWithin("\u540D\u524D", 4), "\u540D\u524D");
  EXPECT_EQ(PrefixWithin("\u540D\u524D", 3), "\u540D");
  EXPECT_EQ(PrefixWithin("\u540D\u524D", 1), "");
}

TEST(ScreenTextTest, AMarkStaysWithItsLetter) {
  EXPECT_EQ(PrefixWithin("e\u0301e\u0301", 1), "e\u0301");
}

TEST(ScreenTextTest, WhatIsSeenAsOneIsNotParted) {
  // A flag of two letters, and a hand with its tone.
  EXPECT_EQ(PrefixWithin("a\U0001F1E9\U0001F1EA", 2), "a");
  EXPECT_EQ(PrefixWithin("\U0001F44B\U0001F3FD", 3), "");
}

TEST(ScreenTextTest, WhatIsNotAssignedIsEscaped) {
  EXPECT_EQ(Visible("a\u0378b"), "a\\315\\270b");
  EXPECT_EQ(Visible("nginx \u540D e\u0301 \U0001F98A"),
            "nginx \u540D e\u0301 \U0001F98A");
}

}  // namespace
}  // namespace connreg::cli
