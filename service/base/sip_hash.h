#ifndef CONNREG_SERVICE_BASE_SIP_HASH_H_
#define CONNREG_SERVICE_BASE_SIP_HASH_H_

#include <bit>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace connreg {

// The secret of a SipHash.
struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

// SipHash-1-3 of two words, each with its lowest byte first: with fewer rounds,
// for tables whose hashes nobody sees.
inline uint64_t SipHash13(const SipHashKey& key, uint64_t first,
                          uint64_t second) {
  uint64_t v0 = key.k0 ^ 0x736f6d6570736575;
  uint64_t v1 = key.k1 ^ 0x646f72616e646f6d;
  uint64_t v2 = key.k0 ^ 0x6c7967656e657261;
  uint64_t v3 = key.k1 ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  };
  for (const uint64_t word : {first, second, uint64_t{16} << 56}) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

// SipHash-2-4 of `bytes` (Aumasson and Bernstein, "SipHash: a fast short-input
// PRF", 2012): who does not know the key cannot prepare inputs that collide.
uint64_t SipHash(const SipHashKey& key, absl::string_view bytes);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_SIP_HASH_H_
