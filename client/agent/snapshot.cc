#include "client/agent/snapshot.h"

#include "absl/algorithm/container.h"

namespace connreg {

bool IsPartial(const Snapshot& snapshot) {
  return absl::c_any_of(snapshot.gaps, [](const CoverageGap& gap) {
    return MakesPartial(gap.kind);
  });
}

bool HasAllTables(const Snapshot& snapshot) {
  return snapshot.unread_inodes.empty() && !snapshot.may_lack_namespaces &&
         absl::c_all_of(snapshot.namespaces, [](const NetnsSnapshot& netns) {
           return netns.unread_tables.empty();
         });
}

size_t CountListeners(const Snapshot& snapshot) {
  size_t count = 0;
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    count += netns.listeners.size();
  return count;
}

size_t CountConnections(const Snapshot& snapshot) {
  size_t count = 0;
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    count += netns.connections.size();
  return count;
}

}  // namespace connreg
