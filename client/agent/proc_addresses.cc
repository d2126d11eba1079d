#include "client/agent/proc_addresses.h"

#include <array>
#include <cstddef>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

absl::Status AtLine(size_t number, absl::string_view complaint) {
  return absl::DataLossError(absl::StrCat("line ", number, ": ", complaint));
}

std::vector<absl::string_view> WordsOf(absl::string_view line) {
  return absl::StrSplit(line, ' ', absl::SkipEmpty());
}

absl::StatusOr<Prefix> PrefixOf(absl::string_view address,
                                absl::string_view length) {
  ASSIGN_OR_RETURN(const IpAddress parsed, IpAddress::Parse(address));
  int bits = 0;
  if (!absl::ConsumePrefix(&length, "/") || !absl::SimpleAtoi(length, &bits)) {
    return absl::DataLossError(
        absl::StrCat("\"", length, "\" is not a prefix's length"));
  }
  return Prefix::Create(parsed, bits);
}

// "fe80000000000000021122fffe334455 02 40 20 80 eth0".
absl::StatusOr<InterfaceAddress> ParseInterfaceLine(absl::string_view line) {
  const std::vector<absl::string_view> words = WordsOf(line);
  if (words.size() != 6) {
    return absl::DataLossError(
        absl::StrCat("an address takes 6 words, this has ", words.size()));
  }
  const absl::string_view digits = words[0];
  const bool is_hex =
      digits.size() == 32 &&
      digits.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
  if (!is_hex) {
    return absl::DataLossError(
        absl::StrCat("\"", digits, "\" is not 32 hexadecimal digits"));
  }
  const std::string decoded = absl::HexStringToBytes(digits);
  std::array<uint8_t, 16> bytes;
  std::copy(decoded.begin(), decoded.end(), bytes.begin());
  InterfaceAddress address{.address = IpAddress::V6(bytes),
                           .interface_name = std::string(words[5])};
  if (!absl::SimpleHexAtoi(words[1], &address.interface)) {
    return absl::DataLossError(
        absl::StrCat("\"", words[1], "\" is not an interface's index"));
  }
  return address;
}

}  // namespace

absl::StatusOr<std::vector<Prefix>> ParseFibTrie(absl::string_view text) {
  std::set<Prefix> prefixes;
  size_t number = 0;
  // Routes follow the address that they are for.
  absl::string_view address;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::vector<absl::string_view> words = WordsOf(line);
    if (words.size() == 2 && words[0] == "|--") address = words[1];
    if (words.size() < 3 || words[2] != "LOCAL") continue;
    const absl::StatusOr<Prefix> prefix = PrefixOf(address, words[0]);
    if (!prefix.ok()) return AtLine(number, prefix.status().message());
    prefixes.insert(*prefix);
  }
  return std::vector<Prefix>(prefixes.begin(), prefixes.end());
}

absl::StatusOr<std::vector<InterfaceAddress>> ParseIfInet6(
    absl::string_view text) {
  std::vector<InterfaceAddress> addresses;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    absl::StatusOr<InterfaceAddress> address = ParseInterfaceLine(line);
    if (!address.ok()) return AtLine(number, address.status().message());
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

}  // namespace connreg
