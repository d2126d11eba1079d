#include "client/cli/screen_text.h"

#include <utf8proc.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace connreg::cli {
namespace {

// Stands for a byte that is not UTF-8.
constexpr utf8proc_int32_t kReplacement = 0xFFFD;

// A code point, or a character as people see it.
struct Piece {
  size_t bytes;
  size_t columns;
  utf8proc_int32_t code_point;
};

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isascii(static_cast<unsigned char>(c));
  });
}

// REQUIRES: `text` is not empty.
Piece FirstCodePoint(absl::string_view text) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (bytes <= 0) return {1, 1, kReplacement};
  return {static_cast<size_t>(bytes),
          static_cast<size_t>(utf8proc_charwidth(code_point)), code_point};
}

// The whole of what is seen as one. It is as wide as its code points together,
// as terminals have it that place code point by code point.
//
// REQUIRES: `text` is not empty.
Piece FirstCharacter(absl::string_view text) {
  Piece character = FirstCodePoint(text);
  utf8proc_int32_t state = 0;
  while (character.bytes < text.size()) {
    const Piece next = FirstCodePoint(text.substr(character.bytes));
    if (utf8proc_grapheme_break_stateful(character.code_point, next.code_point,
                                         &state))
      break;
    character.bytes += next.bytes;
    character.columns += next.columns;
    character.code_point = next.code_point;
  }
  return character;
}

}  // namespace

size_t ScreenWidth(absl::string_view text) {
  if (IsAscii(text)) return text.size();
  size_t columns = 0;
  while (!text.empty()) {
    const Piece piece = FirstCodePoint(text);
    columns += piece.columns;
    text.remove_prefix(piece.bytes);
  }
  return columns;
}

absl::string_view PrefixWithin(absl::string_view text, size_t columns) {
  size_t end = 0;
  while (end < text.size()) {
    const Piece character = FirstCharacter(text.substr(end));
    if (character.columns > columns) break;
    columns -= character.columns;
    end += character.bytes;
  }
  return text.substr(0, end);
}

std::string Visible(absl::string_view text) {
  if (IsAscii(text)) return std::string(text);
  std::string visible;
  while (!text.empty()) {
    const Piece piece = FirstCodePoint(text);
    const absl::string_view bytes = text.substr(0, piece.bytes);
    const bool is_assigned =
        utf8proc_category(piece.code_point) != UTF8PROC_CATEGORY_CN;
    absl::StrAppend(&visible,
                    is_assigned ? std::string(bytes) : absl::CEscape(bytes));
    text.remove_prefix(piece.bytes);
  }
  return visible;
}

}  // namespace connreg::cli
