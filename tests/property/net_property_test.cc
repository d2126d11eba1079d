// The values of service/net against references: the C library's inet_pton(3)
// and inet_ntop(3), and loops that are too simple to be wrong.

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"
#include "tests/property/seed.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using V4Bytes = std::array<uint8_t, 4>;
using V6Bytes = std::array<uint8_t, 16>;

constexpr int kRounds = 20'000;

constexpr V6Bytes kMappedStart = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// ---- References ----

bool IsMapped(const V6Bytes& bytes) {
  return std::equal(bytes.begin(), bytes.begin() + 12, kMappedStart.begin());
}

V4Bytes Tail(const V6Bytes& bytes) {
  return {bytes[12], bytes[13], bytes[14], bytes[15]};
}

// What inet_pton(3) reads in `text`, IPv4 in its mapped form.
std::optional<V6Bytes> PtonBytes(const std::string& text) {
  // inet_pton() would stop at a NUL and not see the rest.
  if (absl::StrContains(text, '\0')) return std::nullopt;
  V6Bytes bytes = kMappedStart;
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::string NtopText(const V6Bytes& bytes) {
  char text[INET6_ADDRSTRLEN];
  const char* const written =
      IsMapped(bytes) ? inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text)
                      : inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return written;
}

// The one difference from inet_ntop(3): it writes an IPv4-compatible address
// dotted, "::10.0.0.5". We write "::a00:5", as RFC 5952 §5 asks for the dotted
// form under known prefixes only, and this one is deprecated (RFC 4291 §2.5.5).
bool IsWrittenDottedByNtop(const V6Bytes& bytes) {
  const bool in_96 = std::all_of(bytes.begin(), bytes.begin() + 12,
                                 [](uint8_t byte) { return byte == 0; });
  return in_96 && (bytes[12] != 0 || bytes[13] != 0);
}

std::string CompatibleText(const V6Bytes& bytes) {
  return absl::StrFormat("::%x:%x", bytes[12] << 8 | bytes[13],
                         bytes[14] << 8 | bytes[15]);
}

bool Bit(const V6Bytes& bytes, int index) {
  return bytes[index / 8] >> (7 - index % 8) & 1;
}

bool ContainsByLoop(const Prefix& prefix, const IpAddress& address) {
  if (prefix.address().is_v4() != address.is_v4()) return false;
  if (prefix.address().zone() != address.zone()) return false;
  const int begin = address.is_v4() ? 96 : 0;
  for (int i = begin; i < begin + prefix.length(); ++i) {
    if (Bit(prefix.address().bytes(), i) != Bit(address.bytes(), i))
      return false;
  }
  return true;
}

// ---- Random values ----

class NetPropertyTest : public RandomTest {
 protected:
  uint8_t AnyByte() { return static_cast<uint8_t>(Below(256)); }

  // Any address; those with zeros, and the special blocks, more often than
  // chance would have them.
  V6Bytes AnyBytes() {
    V6Bytes bytes{};
    for (size_t i = 0; i < bytes.size(); i += 2) {
      if (OneIn(2)) continue;
      bytes[i] = OneIn(3) ? 0 : AnyByte();
      bytes[i + 1] = AnyByte();
    }
    const size_t shape = Below(6);
    if (shape == 0) std::copy_n(kMappedStart.begin(), 12, bytes.begin());
    if (shape == 1) std::fill_n(bytes.begin(), 12, uint8_t{0});
    if (shape == 2) bytes[0] = 0xfe, bytes[1] = 0x80;
    if (shape == 3) bytes[0] = 0xff, bytes[1] = 0x02;
    return bytes;
  }

  IpAddress AnyAddress() {
    const IpAddress address = IpAddress::V6(AnyBytes());
    if (!address.is_link_local() || OneIn(2)) return address;
    return address.WithZone(AnyZone()).value();
  }

  std::string AnyZone() {
    return AnyOf(
        std::array<std::string, 4>{"eth0", "eth1", "2", "fifteen-bytes.x"});
  }

  Endpoint AnyEndpoint() {
    const auto port = static_cast<uint32_t>(1 + Below(65535));
    return Endpoint::Create(AnyAddress(), port).value();
  }

  // With ends that are equal, or differ in little, more often than by chance.
  FourTuple AnyFourTuple() {
    for (;;) {
      const Endpoint local = AnyEndpoint();
      const Endpoint other = AnyEndpoint();
      const Endpoint remote =
          OneIn(8)
              ? local
              : Endpoint::Create(OneIn(4) ? local.address() : other.address(),
                                 other.port())
                    .value();
      const auto tuple = FourTuple::Create(local, remote);
      if (tuple.ok()) return *tuple;
    }
  }

  Prefix AnyPrefix() {
    for (;;) {
      const IpAddress address = AnyAddress();
      const auto length = static_cast<int>(Below(address.bits() + 1));
      const auto prefix = Prefix::Create(address, length);
      if (prefix.ok()) return *prefix;
    }
  }

  // `bytes` in one of the many ways to write them: digits in either case, with
  // or without leading zeros, with or without gap and dotted tail.
  std::string AnyText(const V6Bytes& bytes) {
    if (IsMapped(bytes) && OneIn(2)) return absl::StrJoin(Tail(bytes), ".");
    const bool dotted = OneIn(3);
    const size_t groups = dotted ? 6 : 8;
    std::string text;
    for (size_t i = 0; i < groups; ++i) {
      const unsigned group = bytes[2 * i] << 8 | bytes[2 * i + 1];
      absl::StrAppend(&text, i == 0 ? "" : ":", AnyHex(group));
    }
    if (dotted) absl::StrAppend(&text, ":", absl::StrJoin(Tail(bytes), "."));
    return OneIn(2) ? WithGap(text) : text;
  }

  std::string AnyHex(unsigned group) {
    if (OneIn(3)) return absl::StrFormat("%04X", group);
    return OneIn(3) ? absl::StrFormat("%03x", group)
                    : absl::StrFormat("%x", group);
  }

  // `text` with one of its runs of zero groups, if it has any, as "::". A run
  // that is not all of it is as right as the whole.
  std::string WithGap(const std::string& text) {
    for (const char* const run : {":0:0:0:0:", ":0:0:0:", ":0:0:", ":0:"}) {
      const size_t at = text.find(run);
      if (at == std::string::npos || OneIn(3)) continue;
      return text.substr(0, at) +
             "::" + text.substr(at + std::string(run).size());
    }
    return text;
  }

  // `text` after up to three small edits, with bytes out of `alphabet`.
  std::string Mutated(std::string text, const std::string& alphabet) {
    for (size_t edits = Below(4); edits > 0; --edits) {
      const size_t at = Below(text.size() + 1);
      const std::string byte(1, AnyOf(alphabet));
      const size_t kind = Below(4);
      if (kind == 0) text.insert(at, byte);
      if (kind == 1) text.erase(at, 1 + Below(2));
      if (kind == 2 && at < text.size()) text.replace(at, 1, byte);
      if (kind == 3) text.insert(at, text.substr(Below(text.size() + 1), 5));
    }
    return text;
  }
};

// What Parse() promises of any text: a value that it reads back from its own
// print, or an error with a reason and a position within the text.
template <typename T>
void ExpectReadsBackOrPoints(const std::string& text) {
  SCOPED_TRACE(testing::PrintToString(text));
  const absl::StatusOr<T> value = T::Parse(text);
  if (value.ok()) {
    EXPECT_THAT(T::Parse(value->ToString()), IsOkAndHolds(*value));
    return;
  }
  EXPECT_THAT(value, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::optional<ErrorDetail> detail = DetailOf(value.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_FALSE(detail->reason.empty());
  ASSERT_TRUE(detail->position.has_value());
  EXPECT_LE(*detail->position, text.size());
}

// Brackets, '%' and '*' are our additions to inet_pton(3), and not in here.
const std::string kPlainAlphabet("0123456789abcdefABCDEFgx::::.... -+/\0", 37);
const std::string kWholeAlphabet = kPlainAlphabet + "[]%*[]%*\x80\xff";

// ---- Addresses ----

TEST_F(NetPropertyTest, AddressParseAcceptsWhatInetPtonAccepts) {
  int accepted = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = Mutated(AnyText(AnyBytes()), kPlainAlphabet);
    SCOPED_TRACE(testing::PrintToString(text));
    const absl::StatusOr<IpAddress> address = IpAddress::Parse(text);
    const std::optional<V6Bytes> expected = PtonBytes(text);
    ASSERT_EQ(address.ok(), expected.has_value());
    if (!expected) continue;
    ASSERT_EQ(address->bytes(), *expected);
    ++accepted;
  }
  // Neither half of the question went unasked.
  EXPECT_GT(accepted, kRounds / 10);
  EXPECT_LT(accepted, kRounds * 9 / 10);
}

TEST_F(NetPropertyTest, AddressParseReadsEveryWayToWriteAnAddress) {
  for (int round = 0; round < kRounds; ++round) {
    const V6Bytes bytes = AnyBytes();
    ASSERT_THAT(IpAddress::Parse(AnyText(bytes)),
                IsOkAndHolds(IpAddress::V6(bytes)));
  }
}

TEST_F(NetPropertyTest, BracketsAndZonesChangeNothingElse) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = AnyText(AnyBytes());
    const IpAddress plain = IpAddress::Parse(text).value();
    const bool written_as_v6 = absl::StrContains(text, ':');
    const std::string bracketed = absl::StrCat("[", text, "]");
    ASSERT_EQ(IpAddress::Parse(bracketed).ok(), written_as_v6);
    if (!written_as_v6) continue;
    ASSERT_THAT(IpAddress::Parse(bracketed), IsOkAndHolds(plain));

    const std::string zone = AnyZone();
    for (const std::string& zoned : {absl::StrCat(text, "%", zone),
                                     absl::StrCat("[", text, "%", zone, "]"),
                                     absl::StrCat("[", text, "]%", zone)}) {
      const absl::StatusOr<IpAddress> address = IpAddress::Parse(zoned);
      ASSERT_EQ(address.ok(), plain.is_link_local()) << zoned;
      if (!address.ok()) continue;
      ASSERT_EQ(address->zone(), zone) << zoned;
      ASSERT_THAT(address->WithZone(""), IsOkAndHolds(plain)) << zoned;
    }
  }
}

TEST_F(NetPropertyTest, AddressToStringIsInetNtopButForCompatibleAddresses) {
  int dotted = 0;
  for (int round = 0; round < kRounds; ++round) {
    const V6Bytes bytes = AnyBytes();
    const std::string text = IpAddress::V6(bytes).ToString();
    if (!IsWrittenDottedByNtop(bytes)) {
      ASSERT_EQ(text, NtopText(bytes));
      continue;
    }
    ASSERT_EQ(text, CompatibleText(bytes));
    ASSERT_EQ(NtopText(bytes),
              absl::StrCat("::", absl::StrJoin(Tail(bytes), ".")));
    ++dotted;
  }
  EXPECT_GT(dotted, 0);
}

TEST_F(NetPropertyTest, AddressReadsBackWhatItPrints) {
  for (int round = 0; round < kRounds; ++round) {
    const IpAddress address = AnyAddress();
    ASSERT_THAT(IpAddress::Parse(address.ToString()), IsOkAndHolds(address));
  }
}

TEST_F(NetPropertyTest, AddressOrderIsFamilyThenBytesThenZone) {
  const auto key = [](const IpAddress& address) {
    return std::tuple(address.is_v6(), address.bytes(),
                      std::string(address.zone()));
  };
  for (int round = 0; round < kRounds; ++round) {
    const IpAddress a = AnyAddress();
    const IpAddress b = OneIn(3) && a.is_link_local()
                            ? a.WithZone(AnyZone()).value()
                            : AnyAddress();
    ASSERT_EQ(a <=> b, key(a) <=> key(b))
        << a.ToString() << " " << b.ToString();
    ASSERT_EQ(a == b, key(a) == key(b)) << a.ToString() << " " << b.ToString();
  }
}

// ---- Any text at all ----

TEST_F(NetPropertyTest, AddressParseReadsBackOrPoints) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    ExpectReadsBackOrPoints<IpAddress>(
        Mutated(AnyAddress().ToString(), kWholeAlphabet));
  }
}

TEST_F(NetPropertyTest, EndpointParseReadsBackOrPoints) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    ExpectReadsBackOrPoints<Endpoint>(
        Mutated(AnyEndpoint().ToString(), kWholeAlphabet));
  }
}

TEST_F(NetPropertyTest, PrefixParseReadsBackOrPoints) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    ExpectReadsBackOrPoints<Prefix>(
        Mutated(AnyPrefix().ToString(), kWholeAlphabet));
  }
}

TEST_F(NetPropertyTest, ParsersSurviveNoise) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    std::string noise;
    for (size_t size = Below(40); size > 0; --size)
      noise.push_back(OneIn(8) ? static_cast<char>(AnyByte())
                               : AnyOf(kWholeAlphabet));
    ExpectReadsBackOrPoints<IpAddress>(noise);
    ExpectReadsBackOrPoints<Endpoint>(noise);
    ExpectReadsBackOrPoints<Prefix>(noise);
  }
}

// ---- Endpoints, four-tuples, prefixes ----

TEST_F(NetPropertyTest, EndpointReadsBackWhatItPrints) {
  for (int round = 0; round < kRounds; ++round) {
    const Endpoint endpoint = AnyEndpoint();
    ASSERT_THAT(Endpoint::Parse(endpoint.ToString()), IsOkAndHolds(endpoint));
  }
}

TEST_F(NetPropertyTest, FourTupleAndItsMirrorHaveOneCanonicalForm) {
  for (int round = 0; round < kRounds; ++round) {
    const FourTuple tuple = AnyFourTuple();
    SCOPED_TRACE(tuple.ToString());
    const FourTuple mirror = tuple.Mirror();
    const FourTuple canonical = tuple.Canonical();

    ASSERT_EQ(mirror.Mirror(), tuple);
    ASSERT_EQ(mirror == tuple, tuple.is_self());
    ASSERT_EQ(mirror.Canonical(), canonical);
    ASSERT_EQ(canonical.Canonical(), canonical);
    ASSERT_TRUE(canonical == tuple || canonical == mirror);
    ASSERT_LE(canonical.local(), canonical.remote());
    ASSERT_EQ(mirror.is_host_local(), tuple.is_host_local());
  }
}

TEST_F(NetPropertyTest, PrefixContainsWhatALoopOverItsBitsFinds) {
  int contained = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Prefix prefix = AnyPrefix();
    // One flipped bit away from the block's first address, mostly.
    V6Bytes bytes = prefix.address().bytes();
    const size_t bit = Below(128);
    bytes[bit / 8] ^= static_cast<uint8_t>(0x80 >> bit % 8);
    const IpAddress near = IpAddress::V6(bytes);
    const absl::StatusOr<IpAddress> zoned =
        near.WithZone(prefix.address().zone());
    const IpAddress address = OneIn(4)                  ? AnyAddress()
                              : zoned.ok() && !OneIn(8) ? *zoned
                                                        : near;

    const bool expected = ContainsByLoop(prefix, address);
    ASSERT_EQ(prefix.Contains(address), expected)
        << prefix.ToString() << " " << address.ToString();
    contained += expected;
  }
  EXPECT_GT(contained, kRounds / 10);
  EXPECT_LT(contained, kRounds * 9 / 10);
}

TEST_F(NetPropertyTest, PrefixHoldsNoBitBeyondItsLength) {
  for (int round = 0; round < kRounds; ++round) {
    const Prefix prefix = AnyPrefix();
    ASSERT_TRUE(prefix.Contains(prefix.address())) << prefix.ToString();
    const int begin = prefix.address().is_v4() ? 96 : 0;
    for (int i = begin + prefix.length(); i < 128; ++i)
      ASSERT_FALSE(Bit(prefix.address().bytes(), i)) << prefix.ToString();
  }
}

TEST_F(NetPropertyTest, PrefixWrittenAsMappedIsTheIpv4Prefix) {
  for (int round = 0; round < kRounds; ++round) {
    const IpAddress address =
        IpAddress::V4({AnyByte(), AnyByte(), AnyByte(), AnyByte()});
    const auto length = static_cast<int>(Below(33));
    const std::string mapped =
        absl::StrCat("::ffff:", address.ToString(), "/", 96 + length);
    ASSERT_THAT(Prefix::Parse(mapped),
                IsOkAndHolds(Prefix::Create(address, length).value()))
        << mapped;
  }
}

}  // namespace
}  // namespace connreg
