#include "service/base/log_line.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "service/base/utf8.h"

namespace connreg {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

// 2023-11-14T22:13:20.042Z
const absl::Time kTime =
    absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(42);

std::string TextLine(LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields = {}) {
  return FormatLogLine(LogFormat::kText, kTime, level, message, fields);
}

std::string TextWith(absl::string_view value) {
  return TextLine(LogLevel::kInfo, "seen", {{"host", value}});
}

std::string JsonLine(absl::string_view message,
                     std::initializer_list<LogField> fields = {}) {
  return FormatLogLine(LogFormat::kJson, kTime, LogLevel::kWarning, message,
                       fields);
}

// Such lines begin so, up to the value.
constexpr absl::string_view kBeforeTheValue =
    R"({"time":"2023-11-14T22:13:20.042Z","level":"warning","msg":"seen","host":)";

std::string JsonOf(absl::string_view value) {
  const std::string line = JsonLine("seen", {{"host", value}});
  EXPECT_EQ(line.substr(0, kBeforeTheValue.size()), kBeforeTheValue);
  EXPECT_THAT(line, EndsWith("}"));
  return line.substr(kBeforeTheValue.size(),
                     line.size() - kBeforeTheValue.size() - 1);
}

bool IsPrintableAscii(absl::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

// Every byte alone and after an ordinary one, and 10,000 random texts, rich in
// what parsers and terminals heed.
std::vector<std::string> HostileTexts() {
  std::vector<std::string> texts = {""};
  for (int byte = 0; byte < 256; ++byte) {
    texts.emplace_back(1, static_cast<char>(byte));
    texts.push_back("a" + texts.back());
  }
  constexpr absl::string_view kPieces[] = {
      "\"",         "\\",   "\n",           "\r",      "\x1b[2J", "=",
      " ",          "}",    "{\"a\":1}",    "\\u0041", "\u00e9",  "\u202e",
      "\U0001F600", "\xC3", "\xED\xA0\x80", "\xF4\x90"};
  std::mt19937 random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::string text;
    for (size_t left = random() % 12; left > 0; --left) {
      if (random() % 2 == 0)
        text.push_back(static_cast<char>(random()));
      else
        absl::StrAppend(&text, kPieces[random() % std::size(kPieces)]);
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(TextLineTest, PutsTimeLevelMessageAndFieldsInOrder) {
  EXPECT_EQ(TextLine(LogLevel::kWarning, "full",
                     {{"table", "rows"}, {"limit", 1024}}),
            "time=2023-11-14T22:13:20.042Z level=warning msg=full table=rows "
            "limit=1024");
}

TEST(TextLineTest, NamesEveryLevel) {
  for (const auto& [level, name] :
       {std::pair(LogLevel::kDebug, " level=debug "),
        std::pair(LogLevel::kInfo, " level=info "),
        std::pair(LogLevel::kWarning, " level=warning "),
        std::pair(LogLevel::kError, " level=error ")}) {
    EXPECT_THAT(TextLine(level, "m"), HasSubstr(name));
  }
}

TEST(TextLineTest, LeavesPlainValuesBare) {
  EXPECT_THAT(TextWith("[2001:db8::1]:443"),
              EndsWith(" host=[2001:db8::1]:443"));
}

TEST(TextLineTest, QuotesMessagesOfManyWords) {
  EXPECT_THAT(TextLine(LogLevel::kError, "table is full"),
              EndsWith(" msg=\"table is full\""));
}

TEST(TextLineTest, ShowsAnEmptyValue) {
  EXPECT_THAT(TextWith(""), EndsWith(" host=\"\""));
}

TEST(TextLineTest, EscapesALineBreakSoThatNoValueForgesALine) {
  const std::string line =
      TextWith("web1\ntime=2023-11-14T22:13:20.042Z level=error msg=forged");

  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, HasSubstr("host=\"web1\\ntime="));
  EXPECT_THAT(line, EndsWith("msg=forged\""));
}

TEST(TextLineTest, EscapesALineBreakInTheMessage) {
  EXPECT_THAT(TextLine(LogLevel::kInfo, "a\r\nb"),
              EndsWith(" msg=\"a\\r\\nb\""));
}

TEST(TextLineTest, EscapesAQuoteSoThatNoValueForgesAField) {
  EXPECT_THAT(TextWith("x\" level=\"error"),
              EndsWith(" host=\"x\\\" level=\\\"error\""));
}

TEST(TextLineTest, EscapesABackslashSoThatNoValueOpensItsQuotes) {
  EXPECT_THAT(TextWith("x\\\""), EndsWith(" host=\"x\\\\\\\"\""));
}

TEST(TextLineTest, QuotesAnEqualsSign) {
  EXPECT_THAT(TextWith("a=b"), EndsWith(" host=\"a=b\""));
}

TEST(TextLineTest, EscapesControlAndNonAsciiBytes) {
  EXPECT_THAT(TextWith(absl::string_view("\0\x1b[2J\x7f\xc3\xa9", 8)),
              HasSubstr("host=\"\\x00\\x1b[2J\\x7f\\xc3\\xa9\""));
}

TEST(TextLineTest, IsPrintableAsciiWhateverTheValue) {
  for (const std::string& text : HostileTexts())
    EXPECT_TRUE(IsPrintableAscii(TextWith(text))) << TextWith(text);
}

TEST(JsonLineTest, IsAnObjectWithTheSameInTheSameOrder) {
  EXPECT_EQ(JsonLine("host stale", {{"host", "web1"}, {"network", "default"}}),
            R"({"time":"2023-11-14T22:13:20.042Z","level":"warning",)"
            R"("msg":"host stale","host":"web1","network":"default"})");
  EXPECT_THAT(JsonLine("a"), EndsWith(R"("msg":"a"})"));
}

TEST(JsonLineTest, HasNumbersAsNumbersAndTextsOfDigitsAsTexts) {
  EXPECT_THAT(JsonLine("m", {{"port", uint16_t{80}},
                             {"least", std::numeric_limits<int64_t>::min()},
                             {"host", "80"}}),
              EndsWith(R"("port":80,"least":-9223372036854775808,)"
                       R"("host":"80"})"));
}

TEST(JsonLineTest, EscapesAQuoteSoThatNoValueForgesAKey) {
  EXPECT_EQ(JsonOf(R"(x","level":"error)"), R"("x\",\"level\":\"error")");
  EXPECT_EQ(JsonOf(R"(x\)"), R"("x\\")");
}

TEST(JsonLineTest, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(JsonOf("\x1b[2J\n\x7f"), R"("\u001b[2J\n\u007f")");
  // C1's CSI, and what turns the text around it.
  EXPECT_EQ(JsonOf("\u009b\u202e"), R"("\u009b\u202e")");
}

TEST(JsonLineTest, EscapesCharactersBeyondTheFirstPlaneAsPairs) {
  EXPECT_EQ(JsonOf("\u00e9\U0001F600"), R"("\u00e9\ud83d\ude00")");
}

TEST(JsonLineTest, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(JsonOf("a\xff\xC3"), R"("a\\xff\\xc3")");
}

// What a parser of JSON reads (RFC 8259 §7), as code points; nothing if `text`
// is not exactly one string.
class StringParser {
 public:
  explicit StringParser(absl::string_view text) : rest_(text) {}

  std::optional<std::u32string> Parse() {
    if (!Take('"')) return std::nullopt;
    std::u32string value;
    while (!Take('"')) {
      const std::optional<char32_t> next = TakeCharacter();
      if (!next) return std::nullopt;
      value.push_back(*next);
    }
    if (!rest_.empty()) return std::nullopt;
    return value;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<uint32_t> TakeUnit() {
    uint32_t unit = 0;
    if (rest_.size() < 4 || !absl::SimpleHexAtoi(rest_.substr(0, 4), &unit))
      return std::nullopt;
    rest_.remove_prefix(4);
    return unit;
  }

  std::optional<char32_t> TakeCharacter() {
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c < ' ' || c > '~') return std::nullopt;
    if (c != '\\') return c;
    for (const auto& [letter, meaning] :
         {std::pair('"', '"'), std::pair('\\', '\\'), std::pair('n', '\n')})
      if (Take(letter)) return meaning;
    if (!Take('u')) return std::nullopt;
    const std::optional<uint32_t> unit = TakeUnit();
    if (!unit || *unit < 0xD800 || *unit > 0xDFFF) return unit;
    if (*unit > 0xDBFF || !Take('\\') || !Take('u')) return std::nullopt;
    const std::optional<uint32_t> low = TakeUnit();
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
    return 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
  }

  absl::string_view rest_;
};

// What a reader is to find for `value`.
std::u32string Expected(absl::string_view value) {
  std::u32string expected;
  while (!value.empty()) {
    const Utf8Character character = FirstUtf8Character(value);
    if (character.length > 0) {
      expected.push_back(character.code_point);
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<uint8_t>(value.front());
      for (const char c : {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]})
        expected.push_back(c);
    }
    value.remove_prefix(std::max<size_t>(character.length, 1));
  }
  return expected;
}

TEST(JsonLineTest, ParsesToWhatWasLoggedWhateverThatWas) {
  for (const std::string& text : HostileTexts()) {
    const std::string json = JsonOf(text);
    EXPECT_TRUE(IsPrintableAscii(json)) << json;
    EXPECT_THAT(StringParser(json).Parse(), Optional(Expected(text))) << json;
  }
}

}  // namespace
}  // namespace connreg
