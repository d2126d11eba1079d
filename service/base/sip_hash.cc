#include "service/base/sip_hash.h"

#include <cstring>

namespace connreg {
namespace {

// Up to eight bytes as a little-endian word.
uint64_t LittleEndian(absl::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return word;
}

// The same of the first eight bytes, which most machines hold just so.
uint64_t FirstWord(absl::string_view bytes) {
  if constexpr (std::endian::native != std::endian::little)
    return LittleEndian(bytes.substr(0, 8));
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

}  // namespace

template <int kRounds, int kLastRounds>
void SipHasherOf<kRounds, kLastRounds>::AddBytes(absl::string_view bytes) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) Add(FirstWord(bytes), 8);
  Add(LittleEndian(bytes), bytes.size());
}

uint64_t SipHash(const SipHashKey& key, absl::string_view bytes) {
  SipHasher hasher(key);
  hasher.AddBytes(bytes);
  return hasher.Finish();
}

template class SipHasherOf<2, 4>;

}  // namespace connreg
