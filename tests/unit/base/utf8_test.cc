#include "service/base/utf8.h"

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::AllOf;
using testing::Field;
using testing::Matcher;

Matcher<Utf8Character> Is(size_t length, char32_t code_point) {
  return AllOf(Field(&Utf8Character::length, length),
               Field(&Utf8Character::code_point, code_point));
}

Matcher<Utf8Character> IsNone() { return Is(0, 0); }

TEST(FirstUtf8CharacterTest, TakesOneOfEachLength) {
  EXPECT_THAT(FirstUtf8Character("ab"), Is(1, U'a'));
  EXPECT_THAT(FirstUtf8Character(absl::string_view("\0", 1)), Is(1, 0));
  EXPECT_THAT(FirstUtf8Character("\u00e9b"), Is(2, 0xE9));
  EXPECT_THAT(FirstUtf8Character("\u20ac"), Is(3, 0x20AC));
  EXPECT_THAT(FirstUtf8Character("\U0001F600"), Is(4, 0x1F600));
  EXPECT_THAT(FirstUtf8Character("\U0010FFFF"), Is(4, 0x10FFFF));
}

TEST(FirstUtf8CharacterTest, TakesNoOverlongForm) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF"})
    EXPECT_THAT(FirstUtf8Character(text), IsNone()) << text;
}

TEST(FirstUtf8CharacterTest, TakesNoSurrogateAndNothingAboveTheLast) {
  for (const char* text : {"\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xFF"})
    EXPECT_THAT(FirstUtf8Character(text), IsNone()) << text;
}

TEST(FirstUtf8CharacterTest, TakesNoPartOfOne) {
  for (const char* text : {"\x80", "\xC3", "\xC3(", "\xE2\x82", "\xF0\x9F\x98"})
    EXPECT_THAT(FirstUtf8Character(text), IsNone()) << text;
}

}  // namespace
}  // namespace connreg
