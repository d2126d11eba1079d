#include "service/base/percent_encoding.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace connreg {

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    const bool plain = absl::ascii_isalnum(byte) ||
                       absl::StrContains("-._~/:[]", absl::string_view(&c, 1));
    if (plain) {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return encoded;
}

}  // namespace connreg
