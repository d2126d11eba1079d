#ifndef CONNREG_SERVICE_CORE_SHARED_FACTS_H_
#define CONNREG_SERVICE_CORE_SHARED_FACTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "service/base/mutex.h"
#include "service/base/prefetch.h"
#include "service/core/lease.h"
#include "service/core/row_hash.h"
#include "service/model/socket.h"

namespace connreg {

class SharedFactsPool;

// SharedFacts is what many rows of one lease have alike: a server's connections
// differ in little but their four-tuples. It never changes.
struct SharedFacts {
  SharedFacts(const ConnectionFacts& facts, LeasePtr of, uint32_t tag,
              SharedFactsPool& shared_by);

  // Whether `facts` are these, as far as they are here.
  bool Describes(const ConnectionFacts& facts) const;

  // What lookups read stands together, and comes first.
  const LeasePtr lease;
  const Owners owners;
  // How many hold it.
  mutable std::atomic<uint32_t> holders{1};
  // Of the lease, see RowHash.
  const uint32_t lease_tag;
  const Transport transport;
  const SocketFamily family;
  const Role role;
  const RoleEvidence evidence;
  const std::string netns;
  const std::optional<uint32_t> uid;
  const uint64_t listener_cookie;
  const std::string device;

  SharedFactsPool& pool;
};

// SharedFactsPtr holds SharedFacts, which go with their last holder, or
// nothing.
//
// Different ones may be held in different threads.
class SharedFactsPtr {
 public:
  SharedFactsPtr() = default;
  // Takes the place of one of its holders.
  explicit SharedFactsPtr(const SharedFacts* held) : facts_(held) {}
  SharedFactsPtr(const SharedFactsPtr& other) : facts_(other.facts_) {
    if (facts_ != nullptr)
      facts_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  SharedFactsPtr(SharedFactsPtr&& other) noexcept
      : facts_(std::exchange(other.facts_, nullptr)) {}
  SharedFactsPtr& operator=(SharedFactsPtr other) noexcept {
    std::swap(facts_, other.facts_);
    return *this;
  }
  ~SharedFactsPtr();

  const SharedFacts& operator*() const { return *facts_; }
  const SharedFacts* operator->() const { return facts_; }
  const SharedFacts* get() const { return facts_; }
  // Brings near what lookups read.
  void Prefetch() const {
    const char* const facts = reinterpret_cast<const char*>(facts_);
    connreg::Prefetch(facts);
    connreg::Prefetch(facts + 64);
  }

 private:
  const SharedFacts* facts_ = nullptr;
};

// SharedFactsPool has each SharedFacts once.
//
// Thread-safe; it is asked with or without the lock of a shard.
class SharedFactsPool {
 public:
  // `hash` outlives it.
  explicit SharedFactsPool(const RowHash& hash) : hash_(hash) {}
  SharedFactsPool(const SharedFactsPool&) = delete;
  SharedFactsPool& operator=(const SharedFactsPool&) = delete;

  SharedFactsPtr Share(const ConnectionFacts& facts, const LeasePtr& lease);

 private:
  friend class SharedFactsPtr;

  struct Sought {
    const ConnectionFacts& facts;
    LeaseId lease;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const SharedFacts* shared) const;
    size_t operator()(const Sought& sought) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const SharedFacts* a, const SharedFacts* b) const {
      return a == b;
    }
    bool operator()(const SharedFacts* shared, const Sought& sought) const {
      return shared->lease->id == sought.lease &&
             shared->Describes(sought.facts);
    }
  };
  // Each behind its own lock, so that reporters do not wait for each other.
  struct Part {
    Mutex mutex;
    absl::flat_hash_set<const SharedFacts*, Hash, Equal> all
        ABSL_GUARDED_BY(mutex);
  };

  // Lets go of `shared`, which nobody holds.
  void Drop(const SharedFacts* shared);

  const RowHash& hash_;
  std::array<Part, 16> parts_;
};

// BatchSharing shares the facts of rows that are reported together: most have
// the very owners of another one.
//
// Not thread-safe.
class BatchSharing {
 public:
  // Both outlive it, and so do the facts that it shares.
  BatchSharing(SharedFactsPool& pool, const LeasePtr& lease)
      : pool_(pool), lease_(lease) {}

  // Valid as long as this is: most rows share what others do, and each holder
  // more costs.
  const SharedFactsPtr& Share(const ConnectionFacts& facts);

 private:
  struct Hash {
    size_t operator()(const ConnectionFacts* facts) const;
  };
  struct Equal {
    bool operator()(const ConnectionFacts* a, const ConnectionFacts* b) const;
  };

  SharedFactsPool& pool_;
  const LeasePtr& lease_;
  absl::node_hash_map<const ConnectionFacts*, SharedFactsPtr, Hash, Equal>
      known_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SHARED_FACTS_H_
