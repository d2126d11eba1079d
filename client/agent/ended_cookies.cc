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
  while (!order_.empty() && order_.front().first + kLooks < look_) {
    is_told_.erase(order_.front().second);
    order_.pop_front();
  }
}

void EndedCookies::NoteEnded(const Socket& socket) {
  Add(socket, /*is_told=*/true);
}

void EndedCookies::NoteMissing(const Socket& socket) {
  Add(socket, /*is_told=*/false);
}

bool EndedCookies::HasEnded(const Socket& socket) const {
  if (socket.cookie == 0) return false;
  const auto it = is_told_.find(Key(socket.netns, socket.cookie));
  return it != is_told_.end() && it->second;
}

bool EndedCookies::TakeEnd(const std::string& netns, uint64_t cookie) {
  const auto it = is_told_.find(Key(netns, cookie));
  if (it == is_told_.end()) return false;
  it->second = true;
  return true;
}

void EndedCookies::Add(const Socket& socket, bool is_told) {
  if (socket.cookie == 0) return;
  const Key key(socket.netns, socket.cookie);
  const auto [it, is_new] = is_told_.emplace(key, is_told);
  it->second |= is_told;
  if (!is_new) return;
  order_.emplace_back(look_, key);
  if (order_.size() <= std::max(kMinCookies, bound_)) return;
  is_told_.erase(order_.front().second);
  order_.pop_front();
}

}  // namespace connreg
