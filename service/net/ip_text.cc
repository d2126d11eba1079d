#include "service/net/ip_text.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/net/text.h"

namespace connreg::net_internal {
namespace {

constexpr size_t kGroups = 8;
constexpr size_t kGroupDigits = 4;
constexpr size_t kV4Digits = 3;

absl::Status Malformed(absl::string_view message, size_t position) {
  return InvalidArgument("ADDRESS_MALFORMED", message, position);
}

absl::StatusOr<uint8_t> ParseV4Number(absl::string_view text) {
  ASSIGN_OR_RETURN(const uint32_t number,
                   ParseDecimal(text, "ADDRESS_MALFORMED"));
  if (number > 255) {
    return Malformed(
        absl::StrCat(Printable(text), " is not a number from 0 to 255"), 0);
  }
  return static_cast<uint8_t>(number);
}

// Reads one IPv6 address, left to right. Used once.
class V6Reader {
 public:
  explicit V6Reader(absl::string_view text) : text_(text) {}

  absl::StatusOr<V6Bytes> Read() {
    if (AtGap()) RETURN_IF_ERROR(ReadGap());
    while (!AtEnd()) {
      RETURN_IF_ERROR(ReadGroupOrTail());
      if (!AtEnd()) RETURN_IF_ERROR(ReadSeparator());
    }
    return Filled();
  }

 private:
  bool AtEnd() const { return position_ == text_.size(); }
  bool AtGap() const { return text_.substr(position_, 2) == "::"; }

  absl::Status ReadGap() {
    if (gap_text_) return Malformed("a second \"::\"", position_);
    gap_text_ = position_;
    gap_byte_ = size_;
    position_ += 2;
    return absl::OkStatus();
  }

  absl::Status ReadSeparator() {
    if (AtGap()) return ReadGap();
    if (text_[position_] != ':') return Unexpected();
    ++position_;
    if (AtEnd()) return Malformed("it ends in a single \":\"", position_ - 1);
    return absl::OkStatus();
  }

  absl::Status ReadGroupOrTail() {
    if (size_ == bytes_.size())
      return Malformed("more than 8 groups", position_);
    const size_t begin = position_;
    const uint32_t group = ReadHexDigits();
    if (position_ == begin) return Unexpected();
    if (!AtEnd() && text_[position_] == '.') return ReadTail(begin);
    if (position_ - begin > kGroupDigits) {
      return Malformed(
          absl::StrCat(Printable(text_.substr(begin, position_ - begin)),
                       " has more than 4 digits"),
          begin);
    }
    bytes_[size_++] = static_cast<uint8_t>(group >> 8);
    bytes_[size_++] = static_cast<uint8_t>(group & 0xff);
    return absl::OkStatus();
  }

  // The value is right for up to eight digits.
  uint32_t ReadHexDigits() {
    uint32_t value = 0;
    for (; !AtEnd(); ++position_) {
      const unsigned char c = static_cast<unsigned char>(text_[position_]);
      if (!absl::ascii_isxdigit(c)) break;
      const int digit =
          absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
      value = value << 4 | static_cast<uint32_t>(digit);
    }
    return value;
  }

  // Reads the dotted IPv4 address that takes the place of the last two groups.
  absl::Status ReadTail(size_t begin) {
    if (bytes_.size() - size_ < V4Bytes().size())
      return Malformed("no room left for an IPv4 address", begin);
    const absl::StatusOr<V4Bytes> tail = ParseV4(text_.substr(begin));
    if (!tail.ok()) return MovedBy(begin, tail.status());
    std::copy(tail->begin(), tail->end(), bytes_.begin() + size_);
    size_ += tail->size();
    position_ = text_.size();
    return absl::OkStatus();
  }

  absl::Status Unexpected() const {
    return Malformed(absl::StrCat(Quoted(text_.substr(position_, 1)),
                                  " does not belong here"),
                     position_);
  }

  // What was read, with the gap opened to its width.
  absl::StatusOr<V6Bytes> Filled() {
    const bool full = size_ == bytes_.size();
    if (gap_text_ && full)
      return Malformed("\"::\" among 8 groups", *gap_text_);
    if (!gap_text_ && !full) {
      return Malformed(absl::StrCat("only ", size_ / 2, " of 8 groups"),
                       text_.size());
    }
    if (gap_text_)
      std::rotate(bytes_.begin() + gap_byte_, bytes_.begin() + size_,
                  bytes_.end());
    return bytes_;
  }

  const absl::string_view text_;
  size_t position_ = 0;
  V6Bytes bytes_{};
  // How many of the bytes are read.
  size_t size_ = 0;
  // Where "::" stands: in the text, and among the bytes.
  std::optional<size_t> gap_text_;
  size_t gap_byte_ = 0;
};

struct ZeroRun {
  size_t begin = 0;
  size_t length = 0;
  size_t end() const { return begin + length; }
};

using Groups = std::array<uint16_t, kGroups>;

Groups GroupsOf(const V6Bytes& bytes) {
  Groups groups;
  for (size_t i = 0; i < kGroups; ++i)
    groups[i] = static_cast<uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  return groups;
}

// What "::" stands for (RFC 5952 §4.2): the first of the longest runs of zeros,
// of two groups at least. Of length 0 if there is none.
ZeroRun RunToCompress(const Groups& groups) {
  ZeroRun longest, run;
  for (size_t i = 0; i < kGroups; ++i) {
    run =
        groups[i] == 0 ? ZeroRun{run.begin, run.length + 1} : ZeroRun{i + 1, 0};
    if (run.length > longest.length) longest = run;
  }
  return longest.length >= 2 ? longest : ZeroRun{};
}

// A number of an IPv4 address, with the dot that follows it.
struct V4Number {
  std::array<char, 4> text{};
  size_t size = 0;
};

constexpr std::array<V4Number, 256> kV4Numbers = [] {
  std::array<V4Number, 256> numbers;
  for (size_t i = 0; i < numbers.size(); ++i) {
    V4Number& number = numbers[i];
    for (const size_t unit : {100, 10, 1})
      if (i >= unit || unit == 1)
        number.text[number.size++] = static_cast<char>('0' + i / unit % 10);
    number.text[number.size++] = '.';
  }
  return numbers;
}();

void AppendGroups(const Groups& groups, size_t begin, size_t end,
                  std::string* text) {
  for (size_t i = begin; i < end; ++i)
    absl::StrAppend(text, i == begin ? "" : ":", absl::Hex(groups[i]));
}

}  // namespace

std::optional<V4Bytes> ReadV4(absl::string_view text) {
  V4Bytes bytes;
  size_t position = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && (position == text.size() || text[position++] != '.'))
      return std::nullopt;
    const size_t begin = position;
    uint32_t number = 0;
    for (; position < text.size() && position - begin < kV4Digits; ++position) {
      const char c = text[position];
      if (c < '0' || c > '9') break;
      number = number * 10 + static_cast<uint32_t>(c - '0');
    }
    const size_t digits = position - begin;
    if (digits == 0 || (digits > 1 && text[begin] == '0') || number > 255)
      return std::nullopt;
    bytes[i] = static_cast<uint8_t>(number);
  }
  if (position < text.size()) return std::nullopt;
  return bytes;
}

absl::StatusOr<V4Bytes> ParseV4(absl::string_view text) {
  V4Bytes bytes;
  size_t begin = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t end = std::min(text.find('.', begin), text.size());
    const absl::StatusOr<uint8_t> number =
        ParseV4Number(text.substr(begin, end - begin));
    if (!number.ok()) return MovedBy(begin, number.status());
    bytes[i] = *number;
    const bool last = i + 1 == bytes.size();
    if (!last && end == text.size())
      return Malformed(absl::StrCat("only ", i + 1, " of 4 numbers"), end);
    if (last && end != text.size())
      return Malformed("more than 4 numbers", end);
    begin = end + 1;
  }
  return bytes;
}

absl::StatusOr<V6Bytes> ParseV6(absl::string_view text) {
  return V6Reader(text).Read();
}

std::string V4Text(const V4Bytes& bytes) {
  std::array<char, sizeof("255.255.255.255")> text;
  char* end = text.data();
  for (const uint8_t byte : bytes) {
    const V4Number& number = kV4Numbers[byte];
    std::memcpy(end, number.text.data(), number.text.size());
    end += number.size;
  }
  return std::string(text.data(), end - 1);
}

std::string V6Text(const V6Bytes& bytes) {
  const Groups groups = GroupsOf(bytes);
  const ZeroRun gap = RunToCompress(groups);
  std::string text;
  AppendGroups(groups, 0, gap.begin, &text);
  if (gap.length > 0) text.append("::");
  AppendGroups(groups, gap.end(), kGroups, &text);
  return text;
}

}  // namespace connreg::net_internal
