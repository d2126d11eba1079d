// Each connection of an answer has one, and the calls that are not deprecated
// take several times as long for so few bytes.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "service/wire/community_id.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/net/endpoint.h"
#include "service/net/ip_address.h"

namespace connreg {
namespace {

constexpr absl::string_view kVersion = "1:";
constexpr size_t kDigestBytes = 20;
constexpr size_t kDigestCharacters = 28;
// As IPv4 packets and IPv6 headers number them.
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint16_t kSeed = 0;
constexpr uint8_t kPadding = 0;

constexpr size_t kMaxVersionLength = 10;
// More of a text that is none is not shown.
constexpr size_t kMaxPrintedLength = 80;

using Digest = std::array<uint8_t, kDigestBytes>;

// What is digested: as long as two IPv6 addresses make it, at most.
class Message {
 public:
  void Append(uint8_t byte) { bytes_[size_++] = byte; }
  void Append(uint16_t number) {
    Append(static_cast<uint8_t>(number >> 8));
    Append(static_cast<uint8_t>(number));
  }
  // As packets carry it: IPv4 in 4 bytes.
  void Append(const IpAddress& address) {
    const auto& bytes = address.bytes();
    for (size_t i = address.is_v4() ? 12 : 0; i < bytes.size(); ++i)
      Append(bytes[i]);
  }

  Digest Sha1() const {
    Digest digest{};
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes_.data(), size_);
    SHA1_Final(digest.data(), &context);
    return digest;
  }

 private:
  std::array<uint8_t, 40> bytes_{};
  size_t size_ = 0;
};

Digest DigestOf(const FourTuple& tuple, Transport transport) {
  const auto rank = [](const Endpoint& end) {
    return std::pair(end.address().bytes(), end.port());
  };
  Endpoint low = tuple.local();
  Endpoint high = tuple.remote();
  if (rank(high) < rank(low)) std::swap(low, high);
  Message message;
  message.Append(kSeed);
  message.Append(low.address());
  message.Append(high.address());
  message.Append(transport == Transport::kTcp ? kTcp : kUdp);
  message.Append(kPadding);
  message.Append(low.port());
  message.Append(high.port());
  return message.Sha1();
}

std::string TextOf(const Digest& digest) {
  return absl::StrCat(
      kVersion,
      absl::Base64Escape(absl::string_view(
          reinterpret_cast<const char*>(digest.data()), digest.size())));
}

// "2" of "2:abc"; empty if `text` does not begin like that.
absl::string_view VersionOf(absl::string_view text) {
  const absl::string_view version = text.substr(0, text.find(':'));
  const bool is_number =
      version.size() < std::min(text.size(), kMaxVersionLength) &&
      std::all_of(version.begin(), version.end(), absl::ascii_isdigit);
  return is_number ? version : "";
}

absl::Status Refused(absl::string_view reason, absl::string_view text,
                     absl::string_view why) {
  return InvalidArgument(
      reason,
      absl::StrCat("Community ID \"",
                   absl::CHexEscape(text.substr(0, kMaxPrintedLength)),
                   text.size() > kMaxPrintedLength ? "...\" " : "\" ", why));
}

}  // namespace

std::string CommunityIdOf(const FourTuple& tuple, Transport transport) {
  return TextOf(DigestOf(tuple, transport));
}

absl::StatusOr<TuplePredicate> ParseCommunityId(absl::string_view text) {
  const absl::string_view version = VersionOf(text);
  if (!version.empty() && version != "1") {
    return Refused(
        "COMMUNITY_ID_VERSION_UNKNOWN", text,
        absl::StrCat("is of version ", version, "; only version 1 is known"));
  }
  std::string bytes;
  Digest digest{};
  if (text.size() == kVersion.size() + kDigestCharacters &&
      absl::Base64Unescape(text.substr(kVersion.size()), &bytes) &&
      bytes.size() == digest.size()) {
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    // Base64 leaves bits open that a writer has to leave 0.
    if (TextOf(digest) == text) {
      return [digest](const FourTuple& tuple, Transport transport) {
        return DigestOf(tuple, transport) == digest;
      };
    }
  }
  return Refused("COMMUNITY_ID_MALFORMED", text,
                 absl::StrCat("is not \"1:\" and the Base64 of 20 bytes (",
                              kDigestCharacters, " characters)"));
}

}  // namespace connreg
