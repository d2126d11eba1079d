#include "service/wire/text.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "service/base/error.h"
#include "service/base/utf8.h"

namespace connreg {
namespace {

// C0, DEL and C1, which terminals obey.
bool IsControl(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
}

struct Range {
  char32_t first;
  char32_t last;
};

// What shows nothing of its own, or turns what stands around it: the format
// characters of Unicode (category Cf), blanks but the one of ASCII (Zs), the
// separators of lines and paragraphs, fillers, and variation selectors but
// those of emoji (U+FE00 to U+FE0F). And what means nothing to a stranger:
// private use and noncharacters. From plane 4 on there is nothing else.
constexpr Range kNotShown[] = {
    {0xA0, 0xA0},       {0xAD, 0xAD},       {0x34F, 0x34F},
    {0x600, 0x605},     {0x1680, 0x1680},   {0x2800, 0x2800},
    {0x3000, 0x3000},   {0x1D159, 0x1D159}, {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x2000, 0x200F},   {0x2028, 0x202E},
    {0x205F, 0x206F},   {0x3164, 0x3164},   {0xE000, 0xF8FF},
    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},
    {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0x1FFFE, 0x1FFFF}, {0x2FFFE, 0x2FFFF},
    {0x3FFFE, 0x10FFFF}};

bool IsShown(char32_t code_point) {
  const auto holds = [&](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  };
  return !IsControl(code_point) &&
         (code_point < 0x80 ||
          std::none_of(std::begin(kNotShown), std::end(kNotShown), holds));
}

// Whether `byte` is a character that is shown as it is.
bool IsPlainAscii(char byte) {
  return byte >= ' ' && byte <= '~' && byte != '\\';
}

// Where in `text` the first byte stands that is a control character or not
// UTF-8.
std::optional<size_t> FirstUnshowable(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = FirstUtf8Character(text.substr(at));
    if (character.length == 0 || IsControl(character.code_point)) return at;
    at += character.length;
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t limit) {
  if (text.size() > limit) {
    return InField(
        field, InvalidArgument("TEXT_TOO_LONG",
                               absl::StrCat(field, " of ", text.size(),
                                            " bytes: the limit is ", limit)));
  }
  const std::optional<size_t> fault = FirstUnshowable(text);
  if (!fault) return absl::OkStatus();
  return InField(
      field,
      InvalidArgument("TEXT_MALFORMED",
                      absl::StrCat(field, " \"", absl::CHexEscape(text),
                                   "\": a control character, or not UTF-8"),
                      fault));
}

absl::Status CheckRequiredText(absl::string_view field,
                               absl::string_view text) {
  if (text.empty()) {
    return InField(field,
                   InvalidArgument("TEXT_EMPTY", absl::StrCat("no ", field)));
  }
  return CheckText(field, text);
}

std::string Displayable(absl::string_view bytes) {
  // As names are, nearly always.
  if (std::all_of(bytes.begin(), bytes.end(), IsPlainAscii))
    return std::string(bytes);
  std::string text;
  while (!bytes.empty()) {
    const Utf8Character character = FirstUtf8Character(bytes);
    const absl::string_view sequence =
        bytes.substr(0, std::max<size_t>(character.length, 1));
    const bool plain = character.length > 0 && IsShown(character.code_point) &&
                       sequence != "\\";
    absl::StrAppend(&text,
                    plain ? std::string(sequence) : absl::CEscape(sequence));
    bytes.remove_prefix(sequence.size());
  }
  return text;
}

std::string OneLine(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, '\\'), "\\",
                       [](std::string* line, absl::string_view piece) {
                         line->append(Displayable(piece));
                       });
}

}  // namespace connreg
