#ifndef CONNREG_SERVICE_BASE_UTF8_H_
#define CONNREG_SERVICE_BASE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace connreg {

struct Utf8Character {
  // In bytes; 0 if there is none.
  size_t length = 0;
  char32_t code_point = 0;
};

// The UTF-8 sequence (RFC 3629 §4) that `bytes` starts with, if it does.
// Overlong forms, surrogates and values above U+10FFFF are none.
//
// REQUIRES: !bytes.empty()
Utf8Character FirstUtf8Character(absl::string_view bytes);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_UTF8_H_
