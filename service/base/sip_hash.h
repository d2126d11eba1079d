#ifndef CONNREG_SERVICE_BASE_SIP_HASH_H_
#define CONNREG_SERVICE_BASE_SIP_HASH_H_

#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"

namespace connreg {

// The secret of a SipHash.
struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

// SipHash-2-4 of `bytes` (Aumasson and Bernstein, "SipHash: a fast short-input
// PRF", 2012): who does not know the key cannot prepare inputs that collide.
uint64_t SipHash(const SipHashKey& key, absl::string_view bytes);

// The same of the bytes of `words`, each with its lowest byte first.
uint64_t SipHashOfWords(const SipHashKey& key,
                        std::initializer_list<uint64_t> words);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_SIP_HASH_H_
