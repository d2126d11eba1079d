#ifndef CONNREG_SERVICE_CORE_HASH_POSTINGS_H_
#define CONNREG_SERVICE_CORE_HASH_POSTINGS_H_

#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "service/net/endpoint.h"

namespace connreg {

// A word in two halves, so that what has it takes no more room than its bytes.
class HalvedWord {
 public:
  explicit HalvedWord(uint32_t word)
      : high_(static_cast<uint16_t>(word >> 16)),
        low_(static_cast<uint16_t>(word)) {}
  uint32_t word() const { return uint32_t{high_} << 16 | low_; }

 private:
  uint16_t high_;
  uint16_t low_;
};

// An IPv4 endpoint in six bytes, in the order of endpoints.
class V4Endpoint {
 public:
  V4Endpoint(uint32_t address, uint16_t port)
      : address_(address), port_(port) {}
  explicit V4Endpoint(const Endpoint& endpoint)
      : V4Endpoint(endpoint.address().v4(), endpoint.port()) {}

  Endpoint ToEndpoint() const {
    return Endpoint::Of(IpAddress::V4(address_.word()), port_);
  }

  friend bool operator==(const V4Endpoint& a, const V4Endpoint& b) {
    return a.number() == b.number();
  }
  friend auto operator<=>(const V4Endpoint& a, const V4Endpoint& b) {
    return a.number() <=> b.number();
  }

 private:
  uint64_t number() const { return uint64_t{address_.word()} << 16 | port_; }

  HalvedWord address_;
  uint16_t port_;
};

// HashPostings maps each key to the fragments of the hashes of the groups that
// hold rows with it, in ascending order: a set of pairs, which is small where
// most keys have one group.
//
// Not thread-safe.
template <typename Key>
class HashPostings {
 public:
  // Notes that the key has the fragment, or no longer has. Does nothing the
  // second time.
  void Add(const Key& key, uint32_t fragment) {
    postings_.insert({key, HalvedWord(fragment)});
  }
  void Remove(const Key& key, uint32_t fragment) {
    postings_.erase({key, HalvedWord(fragment)});
  }

  // The first fragment of `key` that is not below `from`.
  std::optional<uint32_t> Next(const Key& key, uint32_t from) const {
    const auto it = postings_.lower_bound({key, HalvedWord(from)});
    if (it == postings_.end() || it->key != key) return std::nullopt;
    return it->fragment.word();
  }

  // The first key that is not below `from`.
  std::optional<Key> KeyFrom(const Key& from) const {
    const auto it = postings_.lower_bound({from, HalvedWord(0)});
    if (it == postings_.end()) return std::nullopt;
    return it->key;
  }

  // Calls `visit` with each key from `first` on, once for each fragment of it,
  // until it returns false.
  template <typename Visit>
  void VisitKeys(const Key& first, Visit visit) const {
    for (auto it = postings_.lower_bound({first, HalvedWord(0)});
         it != postings_.end() && visit(it->key); ++it) {
    }
  }

 private:
  struct Posting {
    Key key;
    HalvedWord fragment;

    friend bool operator<(const Posting& a, const Posting& b) {
      if (a.key != b.key) return a.key < b.key;
      return a.fragment.word() < b.fragment.word();
    }
  };

  absl::btree_set<Posting> postings_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HASH_POSTINGS_H_
