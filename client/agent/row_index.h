#ifndef CONNREG_CLIENT_AGENT_ROW_INDEX_H_
#define CONNREG_CLIENT_AGENT_ROW_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "client/agent/tracked_row.h"
#include "service/model/socket.h"

namespace connreg {

// What two rows have alike that may be one socket: all that names them but the
// incarnation.
inline auto PlaceOf(const ListenerFacts& facts) {
  return std::tie(facts.socket.transport, facts.local, facts.socket.netns,
                  facts.device);
}
inline auto PlaceOf(const ConnectionFacts& facts) {
  return std::tie(facts.socket.transport, facts.tuple, facts.socket.netns,
                  facts.device);
}

// RowIndex owns rows of one kind, and finds them by their place and, those that
// are in it by that, by their cookie.
//
// Not thread-safe.
template <typename Facts>
class RowIndex {
 public:
  using Row = TrackedRow<Facts>;

  RowIndex() = default;
  RowIndex(const RowIndex&) = delete;
  RowIndex& operator=(const RowIndex&) = delete;
  ~RowIndex();

  // The first row at the place of `facts`; the others follow it. Null if there
  // is none.
  Row* FirstAt(const Facts& facts) const;
  Row* Add(Facts facts);
  // Destroys it.
  //
  // REQUIRES: it is in no queue, and cannot be found by its cookie.
  void Drop(Row* row);

  // Null if there is none.
  Row* WithCookie(absl::string_view netns, uint64_t cookie) const;
  // From now on WithCookie() finds `row`, if it has a cookie, or no longer.
  void AddCookie(Row* row);
  void DropCookie(Row* row);

  // Calls `visit` with each row, in the order in which they were added, so that
  // what is told is the same whenever the same has happened. It may not add or
  // drop any.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (Row* row = oldest_; row != nullptr; row = row->newer) visit(row);
  }

 private:
  struct PlaceHash {
    using is_transparent = void;
    size_t operator()(const Facts& facts) const {
      return absl::HashOf(PlaceOf(facts));
    }
    size_t operator()(const Row* row) const { return (*this)(row->facts); }
  };
  struct PlaceEq {
    using is_transparent = void;
    bool operator()(const Row* a, const Facts& b) const {
      return PlaceOf(a->facts) == PlaceOf(b);
    }
    bool operator()(const Row* a, const Row* b) const {
      return (*this)(a, b->facts);
    }
  };
  using CookieName = std::pair<absl::string_view, uint64_t>;
  struct CookieHash {
    using is_transparent = void;
    size_t operator()(const CookieName& name) const {
      return absl::HashOf(name);
    }
    size_t operator()(const Row* row) const { return (*this)(NameOf(row)); }
  };
  struct CookieEq {
    using is_transparent = void;
    bool operator()(const Row* a, const CookieName& b) const {
      return NameOf(a) == b;
    }
    bool operator()(const Row* a, const Row* b) const {
      return NameOf(a) == NameOf(b);
    }
  };
  static CookieName NameOf(const Row* row) {
    return {row->facts.socket.netns, row->facts.socket.cookie};
  }

  // The first of each place.
  absl::flat_hash_set<Row*, PlaceHash, PlaceEq> places_;
  absl::flat_hash_set<Row*, CookieHash, CookieEq> cookies_;
  // All of them.
  Row* oldest_ = nullptr;
  Row* newest_ = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ROW_INDEX_H_
