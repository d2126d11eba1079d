#ifndef CONNREG_CLIENT_CLI_SCREEN_TEXT_H_
#define CONNREG_CLIENT_CLI_SCREEN_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

// Text in UTF-8 as a terminal lays it out, whatever the locale. A byte that is
// not UTF-8 counts as a character of one column.
namespace connreg::cli {

// How many columns of the screen `text` takes: two for a wide character of East
// Asia and for an emoji, none for a mark that combines with what it follows.
size_t ScreenWidth(absl::string_view text);

// The longest start of `text` that takes at most `columns` and ends between two
// characters as people see them (the grapheme clusters of UAX #29).
absl::string_view PrefixWithin(absl::string_view text, size_t columns);

// `text`, with what Unicode has assigned no character to escaped as in C:
// nobody knows how wide a terminal shows it. The rest is Displayable()'s.
std::string Visible(absl::string_view text);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_SCREEN_TEXT_H_
