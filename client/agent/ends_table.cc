#include "client/agent/ends_table.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/statusor.h"
#include "service/base/status_macros.h"

namespace connreg {

absl::Status EndsTable::Search::NoteNetns(const std::string& netns,
                                          const Kernel& kernel) {
  if (known_.contains(netns)) {
    found_.insert(netns);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SocketEnds> ends, kernel.Ends());
  new_.emplace(netns, std::move(ends));
  return absl::OkStatus();
}

EndsTable::EndsTable() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

EndsTable::Search EndsTable::Begin() const {
  Search search;
  for (const auto& [netns, ends] : open_) search.known_.insert(netns);
  return search;
}

void EndsTable::Take(Search search) {
  std::erase_if(open_, [&](const Map::value_type& entry) {
    const bool is_gone = !search.found_.contains(entry.first);
    if (is_gone) unawaited_.erase(&entry);
    return is_gone;
  });
  for (auto& [netns, ends] : search.new_) {
    const auto [entry, is_new] = open_.try_emplace(netns, std::move(ends));
    if (is_new) Await(*entry);
  }
}

void EndsTable::Await(const Map::value_type& entry) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = const_cast<Map::value_type*>(&entry);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, entry.second->descriptor(),
                &event) != 0)
    unawaited_.insert(&entry);
}

std::vector<const EndsTable::Map::value_type*> EndsTable::WithNews() const {
  std::vector<const Map::value_type*> all(unawaited_.begin(), unawaited_.end());
  // More than these are there the next time.
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < std::max(0, count); ++i)
    all.push_back(static_cast<const Map::value_type*>(events[i].data.ptr));
  return all;
}

SocketEnds* EndsTable::Find(const std::string& netns) const {
  const auto found = open_.find(netns);
  return found == open_.end() ? nullptr : found->second.get();
}

}  // namespace connreg
