#ifndef CONNREG_SERVICE_BASE_SIP_HASH_H_
#define CONNREG_SERVICE_BASE_SIP_HASH_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace connreg {

// The secret of a SipHash.
struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

// SipHasherOf makes the SipHash of bytes that come one after another (Aumasson
// and Bernstein, "SipHash: a fast short-input PRF", 2012), with so many rounds
// for each word, and at the end: who does not know the key cannot prepare
// inputs that collide.
template <int kRounds, int kLastRounds>
class SipHasherOf {
 public:
  explicit SipHasherOf(const SipHashKey& key)
      : v0_(key.k0 ^ 0x736f6d6570736575),
        v1_(key.k1 ^ 0x646f72616e646f6d),
        v2_(key.k0 ^ 0x6c7967656e657261),
        v3_(key.k1 ^ 0x7465646279746573) {}

  // The bytes of an unsigned number, the lowest first.
  template <typename Number>
  void AddNumber(Number number) {
    static_assert(std::is_unsigned_v<Number>);
    Add(number, sizeof number);
  }
  void AddBytes(absl::string_view bytes);

  // Of all bytes that were added.
  uint64_t Finish() const {
    SipHasherOf last = *this;
    last.Absorb(last.word_ | last.length_ << 56);
    last.v2_ ^= 0xff;
    for (int i = 0; i < kLastRounds; ++i) last.Round();
    return last.v0_ ^ last.v1_ ^ last.v2_ ^ last.v3_;
  }

 private:
  // REQUIRES: size <= 8, and `bytes` has no more than that, the first lowest.
  void Add(uint64_t bytes, size_t size) {
    const size_t held = length_ % 8;
    length_ += size;
    word_ |= bytes << (8 * held);
    if (held + size < 8) return;
    Absorb(word_);
    word_ = held == 0 ? 0 : bytes >> (8 * (8 - held));
  }

  void Absorb(uint64_t word) {
    v3_ ^= word;
    for (int i = 0; i < kRounds; ++i) Round();
    v0_ ^= word;
  }

  void Round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_;
  uint64_t v1_;
  uint64_t v2_;
  uint64_t v3_;
  // What is yet to be absorbed: the last `length_` % 8 bytes.
  uint64_t word_ = 0;
  uint64_t length_ = 0;
};

// SipHash-2-4, and SipHash-1-3 for tables whose hashes nobody sees.
using SipHasher = SipHasherOf<2, 4>;
using FastSipHasher = SipHasherOf<1, 3>;

// The SipHash-2-4 of `bytes`.
uint64_t SipHash(const SipHashKey& key, absl::string_view bytes);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_SIP_HASH_H_
