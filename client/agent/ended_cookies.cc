#include "client/agent/ended_cookies.h"

#include <algorithm>

namespace connreg {
namespace {

// About ten seconds, as often as agents usually look.
constexpr uint64_t kLooks = 3;
constexpr size_t kMinCookies = 10'000;

}  // namespace

void EndedCookies::BeginLook(size_t rows) {
  ++look_;
  bound_ = rows;
  while (!order_.empty() && order_.front().first + kLooks < look_) DropOldest();
}

void EndedCookies::NoteEnded(const Socket& socket) {
  Add(socket, /*is_told=*/true);
}

void EndedCookies::NoteMissing(const Socket& socket) {
  Add(socket, /*is_told=*/false);
}

bool EndedCookies::HasEnded(const Socket& socket) const {
  if (socket.cookie == 0) return false;
  const auto it = ended_.find(Key(socket.netns, socket.cookie));
  return it != ended_.end() && it->second.is_told;
}

bool EndedCookies::TakeEnd(const std::string& netns, uint64_t cookie) {
  if (!ended_.contains(Key(netns, cookie))) return false;
  Add({.netns = netns, .cookie = cookie}, /*is_told=*/true);
  return true;
}

void EndedCookies::Add(const Socket& socket, bool is_told) {
  if (socket.cookie == 0) return;
  const Key key(socket.netns, socket.cookie);
  Ended& ended = ended_[key];
  ended.is_told |= is_told;
  // From now on it is remembered as long as a new one.
  if (std::exchange(ended.look, look_) == look_) return;
  order_.emplace_back(look_, key);
  if (order_.size() > std::max(kMinCookies, bound_)) DropOldest();
}

void EndedCookies::DropOldest() {
  const auto& [look, key] = order_.front();
  const auto it = ended_.find(key);
  // Else it was added again.
  if (it != ended_.end() && it->second.look == look) ended_.erase(it);
  order_.pop_front();
}

}  // namespace connreg
