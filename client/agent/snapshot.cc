#include "client/agent/snapshot.h"

#include "absl/algorithm/container.h"

namespace connreg {

bool IsPartial(const Snapshot& snapshot) {
  return absl::c_any_of(snapshot.gaps, [](const CoverageGap& gap) {
    return MakesPartial(gap.kind);
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
