#include "service/wire/text.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "service/base/error.h"

namespace connreg {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// The length of the UTF-8 sequence (RFC 3629 §4) that `bytes` starts with, or
// 0. Overlong forms, surrogates, values above U+10FFFF and the C1 controls
// (U+0080 to U+009F), which terminals obey, are none.
size_t DisplayableSequence(absl::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = at(0);
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    if (lead == 0xC2) low = 0xA0;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (length == 0 || bytes.size() < length) return 0;
  if (at(1) < low || at(1) > high) return 0;
  const bool whole =
      std::all_of(bytes.begin() + 2, bytes.begin() + length, IsContinuation);
  return whole ? length : 0;
}

// Where in `text` the first byte stands that is a control character or not
// UTF-8.
std::optional<size_t> FirstUnshowable(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = DisplayableSequence(text.substr(at));
    if (length == 0 || absl::ascii_iscntrl(static_cast<uint8_t>(text[at])))
      return at;
    at += length;
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
  std::string text;
  while (!bytes.empty()) {
    const size_t length = DisplayableSequence(bytes);
    const absl::string_view sequence =
        bytes.substr(0, std::max<size_t>(length, 1));
    const bool plain =
        length > 1 ||
        (length == 1 && absl::ascii_isprint(sequence[0]) && sequence != "\\");
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
