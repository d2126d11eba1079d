#ifndef CONNREG_CLIENT_AGENT_ENDED_COOKIES_H_
#define CONNREG_CLIENT_AGENT_ENDED_COOKIES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "service/model/socket.h"

namespace connreg {

// EndedCookies remembers which sockets have ended lately: those whose end the
// kernel told, which no look that was begun before can bring back, and those
// that a look no longer showed, of which the kernel may yet tell the end.
//
// It remembers a few looks, and no more sockets than there were at the last,
// but thousands at least.
//
// Not thread-safe.
class EndedCookies {
 public:
  // `rows` are known at this time.
  void BeginLook(size_t rows);

  // Sockets without a cookie are passed over.
  void NoteEnded(const Socket& socket);
  void NoteMissing(const Socket& socket);

  // Whether its end was told.
  bool HasEnded(const Socket& socket) const;
  // Whether that, or it was missing; from now on its end was told.
  bool TakeEnd(const std::string& netns, uint64_t cookie);

 private:
  using Key = std::pair<std::string, uint64_t>;

  struct Ended {
    bool is_told = false;
    // The look after which it was added last; 0: none.
    uint64_t look = 0;
  };

  void Add(const Socket& socket, bool is_told);
  void DropOldest();

  uint64_t look_ = 1;
  size_t bound_ = 0;
  absl::flat_hash_map<Key, Ended> ended_;
  // All of them, with the looks after which they were added; those that were
  // added again stand there twice.
  std::deque<std::pair<uint64_t, Key>> order_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ENDED_COOKIES_H_
