#include "client/agent/ends_table.h"

#include <sys/epoll.h>

// That of glibc 2.36 does not say that these are of C.
extern "C" {
#include <sys/pidfd.h>
}

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "service/base/status_macros.h"

namespace connreg {

namespace {

// How many descriptors are looked at at once; more are there the next time.
constexpr size_t kMaxEvents = 64;

// Lets `epoll` wait for `descriptor`, and show `data` then.
bool Add(const Descriptor& epoll, int descriptor, const void* data) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = const_cast<void*>(data);
  return epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// The data of those that are readable.
std::vector<void*> Readable(const Descriptor& epoll) {
  std::array<epoll_event, kMaxEvents> events;
  const int count = epoll_wait(epoll.get(), events.data(), events.size(), 0);
  std::vector<void*> readable;
  for (int i = 0; i < count; ++i) {
    // The kernel's struct is packed: no reference goes into it.
    void* const data = events[i].data.ptr;
    readable.push_back(data);
  }
  return readable;
}

}  // namespace

absl::Status EndsTable::Search::NoteNetns(const std::string& netns,
                                          const FoundNetns& found,
                                          const Kernel& kernel) {
  if (known_.contains(netns)) {
    found_.insert(netns);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SocketEnds> ends, kernel.Ends());
  // The agent itself is in its own.
  const int holder =
      found.is_own || found.pid == 0 ? -1 : pidfd_open(found.pid, /*flags=*/0);
  new_.emplace(netns, Held{std::move(ends), Descriptor(holder)});
  return absl::OkStatus();
}

EndsTable::EndsTable()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      holders_(epoll_create1(EPOLL_CLOEXEC)) {
  Add(epoll_, holders_.get(), nullptr);
}

EndsTable::Search EndsTable::Begin() const {
  Search search;
  for (const auto& [netns, held] : open_) search.known_.insert(netns);
  return search;
}

void EndsTable::Take(Search search) {
  std::erase_if(open_, [&](const Map::value_type& entry) {
    const bool is_gone = !search.found_.contains(entry.first);
    if (is_gone) unawaited_.erase(&entry);
    return is_gone;
  });
  for (auto& [netns, held] : search.new_) {
    const auto [entry, is_new] = open_.try_emplace(netns, std::move(held));
    if (is_new) Await(*entry);
  }
}

void EndsTable::Await(const Map::value_type& entry) {
  const Held& held = entry.second;
  if (!Add(epoll_, held.ends->descriptor(), &entry)) unawaited_.insert(&entry);
  if (held.holder.get() >= 0) Add(holders_, held.holder.get(), &entry);
}

std::vector<const EndsTable::Map::value_type*> EndsTable::WithNews() const {
  std::vector<const Map::value_type*> all(unawaited_.begin(), unawaited_.end());
  for (const void* entry : Readable(epoll_))
    if (entry != nullptr)
      all.push_back(static_cast<const Map::value_type*>(entry));
  return all;
}

bool EndsTable::LetGo() {
  const std::vector<void*> abandoned = Readable(holders_);
  for (const void* data : abandoned) {
    const auto* const entry = static_cast<const Map::value_type*>(data);
    unawaited_.erase(entry);
    open_.erase(open_.find(entry->first));
  }
  return !abandoned.empty();
}

SocketEnds* EndsTable::Find(const std::string& netns) const {
  const auto found = open_.find(netns);
  return found == open_.end() ? nullptr : found->second.ends.get();
}

}  // namespace connreg
