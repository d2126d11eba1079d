#include "client/agent/ends_table.h"

#include <utility>

namespace connreg {

void EndsTable::Search::NoteNetns(const std::string& netns,
                                  const Kernel& kernel) {
  if (known_.contains(netns)) {
    found_.insert(netns);
    return;
  }
  absl::StatusOr<std::unique_ptr<SocketEnds>> ends = kernel.Ends();
  if (ends.ok())
    new_.emplace(netns, *std::move(ends));
  else
    status_.Update(ends.status());
}

EndsTable::Search EndsTable::Begin() const {
  Search search;
  for (const auto& [netns, ends] : open_) search.known_.insert(netns);
  return search;
}

void EndsTable::Take(Search search) {
  std::erase_if(open_, [&](const Map::value_type& entry) {
    return !search.found_.contains(entry.first);
  });
  open_.merge(search.new_);
  status_ = search.status_;
}

SocketEnds* EndsTable::Find(const std::string& netns) const {
  const auto found = open_.find(netns);
  return found == open_.end() ? nullptr : found->second.get();
}

}  // namespace connreg
