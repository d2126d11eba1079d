#ifndef CONNREG_SERVICE_CORE_CLOSED_RING_H_
#define CONNREG_SERVICE_CORE_CLOSED_RING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "service/core/history.h"
#include "service/core/postings.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// ClosedRing remembers the rows of one shard that have ended, for a time and up
// to a number. The oldest are forgotten first; so are the oldest of one hash,
// beyond kMaxOfHash, so that one busy four-tuple cannot fill an answer.
//
// Not thread-safe.
class ClosedRing {
 public:
  static constexpr size_t kMaxOfHash = 16;

  // Holds at most `max_rows`.
  ClosedRing(size_t max_rows, History& history)
      : max_rows_(max_rows), history_(history) {}

  // Remembers `row`, whose closure is set, until `forget_at` on the monotonic
  // clock. REQUIRES: `forget_at` is not before that of any row before.
  void Add(uint64_t hash, Observation row, absl::Duration forget_at);
  // Forgets the rows whose time has come.
  void Forget(absl::Duration now);

  // The rows of `hash`, the latest first.
  std::vector<Observation> Find(uint64_t hash) const;
  // The first hash above `after` of a row that has `endpoint` at an end, or if
  // that is unset, is of `host`, or if that is empty, of any row.
  std::optional<uint64_t> Next(const std::optional<Endpoint>& endpoint,
                               const std::string& host,
                               std::optional<uint64_t> after) const;

  size_t size() const { return ring_.size(); }

 private:
  struct Entry {
    uint64_t hash = 0;
    Observation row;
    absl::Duration forget_at;
  };
  // Counts the entries from the first ever.
  using Position = uint64_t;

  // Forgets the oldest row of `hash`.
  void DropOldestOf(uint64_t hash);
  // Forgets the oldest row of all.
  void DropOldest();

  const size_t max_rows_;
  History& history_;

  absl::btree_map<Position, Entry> ring_;
  // Of the next entry.
  Position next_ = 0;
  // By hash, in the order in which they were added.
  absl::btree_map<uint64_t, std::vector<Position>> by_hash_;
  Postings<Endpoint> by_endpoint_;
  Postings<std::string> by_host_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_CLOSED_RING_H_
