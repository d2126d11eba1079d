#include "service/core/row_hash.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

// An IPv4 endpoint as a number, in the order of endpoints.
uint64_t NumberOf(const Endpoint& v4) {
  return uint64_t{v4.address().v4()} << 16 | v4.port();
}

void AppendBytes(const Endpoint& endpoint, std::string* bytes) {
  const auto& address = endpoint.address().bytes();
  bytes->append(reinterpret_cast<const char*>(address.data()), address.size());
  bytes->push_back(static_cast<char>(endpoint.port() >> 8));
  bytes->push_back(static_cast<char>(endpoint.port()));
  absl::StrAppend(bytes, endpoint.address().zone());
  bytes->push_back('\0');
}

uint64_t FastHash(const SipHashKey& key, uint64_t first, uint64_t second) {
  FastSipHasher hasher(key);
  hasher.AddNumber(first);
  hasher.AddNumber(second);
  return hasher.Finish();
}

// `hash`, or another one if its fragment is kNoFragment.
uint64_t WithFragment(uint64_t hash) {
  if (FragmentOf(hash) != kNoFragment) return hash;
  return HashFrom(ShardOf(hash), kNoFragment - 1, LowOf(hash));
}

}  // namespace

uint64_t RowHash::Of(const FourTuple& tuple, absl::string_view host) const {
  const bool is_host_local = tuple.is_host_local();
  if (tuple.local().address().is_v4() && !is_host_local) {
    const auto [low, high] =
        std::minmax({NumberOf(tuple.local()), NumberOf(tuple.remote())});
    return WithFragment(FastHash(key_, low, high));
  }
  const FourTuple canonical = tuple.Canonical();
  std::string bytes;
  AppendBytes(canonical.local(), &bytes);
  AppendBytes(canonical.remote(), &bytes);
  if (is_host_local) absl::StrAppend(&bytes, host);
  return WithFragment(SipHash(key_, bytes));
}

uint32_t RowHash::TagOf(const Endpoint& endpoint) const {
  if (endpoint.address().is_v4())
    return static_cast<uint32_t>(FastHash(key_, NumberOf(endpoint), 0));
  std::string bytes;
  AppendBytes(endpoint, &bytes);
  return static_cast<uint32_t>(SipHash(key_, bytes));
}

uint32_t RowHash::FirstTagOf(absl::string_view host) const {
  return static_cast<uint32_t>(SipHash(key_, host)) / kTagsOfHost * kTagsOfHost;
}

}  // namespace connreg
