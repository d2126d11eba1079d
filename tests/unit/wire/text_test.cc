#include "service/wire/text.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Optional;

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

// ---- Displayable ----

TEST(DisplayableTest, LeavesPlainTextAlone) {
  for (const absl::string_view text :
       {"", "nginx", "my server (2)", "a~b\"c'd", "søvn", "привет", "日本語",
        "\U0001F980", "\u00A1", "\uD7FF", "\uF900", "\U0003FFFD"}) {
    EXPECT_EQ(Displayable(text), text);
  }
}

TEST(DisplayableTest, EscapesControlCharacters) {
  EXPECT_EQ(Displayable("a\nb\tc\rd"), R"(a\nb\tc\rd)");
  EXPECT_EQ(Displayable("\033[2J"), R"(\033[2J)");
  EXPECT_EQ(Displayable("\x7F"), R"(\177)");
  EXPECT_EQ(Displayable(absl::string_view("a\0b", 3)), R"(a\000b)");
}

TEST(DisplayableTest, EscapesTheC1ControlsThatTerminalsObey) {
  EXPECT_EQ(Displayable("\u0080"), R"(\302\200)");
  EXPECT_EQ(Displayable("\u009B31m"), R"(\302\23331m)");
  EXPECT_EQ(Displayable("\u009F"), R"(\302\237)");
}

TEST(DisplayableTest, EscapesWhatTurnsTextAround) {
  EXPECT_EQ(Displayable("a\u202Eb"), R"(a\342\200\256b)");
  EXPECT_EQ(Displayable("\u2066"), R"(\342\201\246)");
  EXPECT_EQ(Displayable("\u200F"), R"(\342\200\217)");
  EXPECT_EQ(Displayable("\u061C"), R"(\330\234)");
}

TEST(DisplayableTest, EscapesLineAndParagraphSeparators) {
  EXPECT_EQ(Displayable("a\u2028b\u2029"), R"(a\342\200\250b\342\200\251)");
}

TEST(DisplayableTest, EscapesWhatShowsNothing) {
  EXPECT_EQ(Displayable("\u200B"), R"(\342\200\213)");
  EXPECT_EQ(Displayable("\u200D"), R"(\342\200\215)");
  EXPECT_EQ(Displayable("\uFEFF"), R"(\357\273\277)");
  EXPECT_EQ(Displayable("\u00AD"), R"(\302\255)");
  EXPECT_EQ(Displayable("\u3164"), R"(\343\205\244)");
  EXPECT_EQ(Displayable("nginx\u00A0"), R"(nginx\302\240)");
  EXPECT_EQ(Displayable("\u3000"), R"(\343\200\200)");
  EXPECT_EQ(Displayable("\u2800"), R"(\342\240\200)");
  EXPECT_EQ(Displayable("\U000E0041"), R"(\363\240\201\201)");
}

TEST(DisplayableTest, EscapesPrivateUseAndNoncharacters) {
  EXPECT_EQ(Displayable("\uE000"), R"(\356\200\200)");
  EXPECT_EQ(Displayable("\uF8FF"), R"(\357\243\277)");
  EXPECT_EQ(Displayable("\uFFFF"), R"(\357\277\277)");
  EXPECT_EQ(Displayable("\U0010FFFD"), R"(\364\217\277\275)");
}

TEST(DisplayableTest, LeavesLettersMarksAndEmojiOfAllScripts) {
  for (const char* text :
       {"e\u0301", "\u540D\u524D", "\u05E9\u05DC\u05D5\u05DD",
        "\u0928\u092E\u0938\u094D\u0924\u0947", "\U0001F98A", "\u2764\uFE0F",
        "\U0002F800"})
    EXPECT_EQ(Displayable(text), text);
}

TEST(DisplayableTest, EscapesBackslashesSoThatEscapesCannotBeForged) {
  EXPECT_EQ(Displayable(R"(\n)"), R"(\\n)");
}

TEST(DisplayableTest, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(Displayable("\xFF"), R"(\377)");
  EXPECT_EQ(Displayable("\x80"), R"(\200)");
  EXPECT_EQ(Displayable("a\xC3"), R"(a\303)");
  EXPECT_EQ(Displayable("\xC3(b"), R"(\303(b)");
  EXPECT_EQ(Displayable("\xE2\x82"), R"(\342\202)");
  EXPECT_EQ(Displayable("\xF0\x9F\xA6x"), R"(\360\237\246x)");
}

TEST(DisplayableTest, EscapesOverlongForms) {
  EXPECT_EQ(Displayable("\xC0\x80"), R"(\300\200)");
  EXPECT_EQ(Displayable("\xC1\xBF"), R"(\301\277)");
  EXPECT_EQ(Displayable("\xE0\x9F\xBF"), R"(\340\237\277)");
  EXPECT_EQ(Displayable("\xF0\x8F\xBF\xBF"), R"(\360\217\277\277)");
}

TEST(DisplayableTest, EscapesSurrogates) {
  EXPECT_EQ(Displayable("\xED\xA0\x80"), R"(\355\240\200)");
  EXPECT_EQ(Displayable("\xED\xBF\xBF"), R"(\355\277\277)");
}

TEST(DisplayableTest, EscapesValuesAboveTheLastCodePoint) {
  EXPECT_EQ(Displayable("\xF4\x90\x80\x80"), R"(\364\220\200\200)");
  EXPECT_EQ(Displayable("\xF5\x80\x80\x80"), R"(\365\200\200\200)");
}

TEST(DisplayableTest, GoesOnRightAfterABadByte) {
  EXPECT_EQ(Displayable("\xE2\xC3\xB8"), "\\342\u00F8");
}

TEST(DisplayableTest, NeverLetsAControlThrough) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string shown = Displayable(Bytes({a, b}));
      EXPECT_THAT(CheckText("shown", shown), IsOk()) << a << " " << b;
    }
  }
}

// ---- CheckText ----

TEST(CheckTextTest, TakesTextUpToTheLimit) {
  EXPECT_THAT(CheckText("host", ""), IsOk());
  EXPECT_THAT(CheckText("host", std::string(kMaxNameLength, 'x')), IsOk());
  EXPECT_THAT(CheckText("device", "eth0", 4), IsOk());
  EXPECT_THAT(CheckText("host", "vært-1 日本"), IsOk());
}

TEST(CheckTextTest, RefusesLongerText) {
  const absl::Status status =
      CheckText("host", std::string(kMaxNameLength + 1, 'x'));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(DetailOf(status),
              Optional(ErrorDetail{"TEXT_TOO_LONG", "host", std::nullopt}));
  EXPECT_THAT(std::string(status.message()), HasSubstr("256 bytes"));
}

TEST(CheckTextTest, RefusesControlCharactersWithTheirPosition) {
  EXPECT_THAT(DetailOf(CheckText("host", "a\nb")),
              Optional(ErrorDetail{"TEXT_MALFORMED", "host", 1}));
  EXPECT_THAT(DetailOf(CheckText("host", absl::string_view("ab\0", 3))),
              Optional(ErrorDetail{"TEXT_MALFORMED", "host", 2}));
  EXPECT_THAT(DetailOf(CheckText("host", "\x7F")),
              Optional(ErrorDetail{"TEXT_MALFORMED", "host", 0}));
}

TEST(CheckTextTest, RefusesC1Controls) {
  EXPECT_THAT(DetailOf(CheckText("host", "ab\u009B2J")),
              Optional(ErrorDetail{"TEXT_MALFORMED", "host", 2}));
}

TEST(CheckTextTest, RefusesBytesThatAreNotUtf8) {
  EXPECT_THAT(DetailOf(CheckText("netns", "a\xFF")),
              Optional(ErrorDetail{"TEXT_MALFORMED", "netns", 1}));
}

TEST(CheckTextTest, ItsMessageShowsNoControlCharacter) {
  const std::string message(CheckText("host", "a\033[2J\n").message());
  EXPECT_THAT(message, HasSubstr(R"(host "a\x1b[2J\n")"));
  EXPECT_THAT(message, Not(HasSubstr("\033")));
}

TEST(CheckRequiredTextTest, RefusesNoText) {
  EXPECT_THAT(DetailOf(CheckRequiredText("name", "")),
              Optional(ErrorDetail{"TEXT_EMPTY", "name", std::nullopt}));
  EXPECT_THAT(CheckRequiredText("name", "x"), IsOk());
  EXPECT_THAT(CheckRequiredText("name", "\n"), IsInvalid("TEXT_MALFORMED"));
}

}  // namespace
}  // namespace connreg
