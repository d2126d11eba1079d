#include "service/core/host_tally.h"

namespace connreg {

uint32_t& CountOf(HostState state, HostCounts& counts) {
  switch (state) {
    case HostState::kLive:
      return counts.live;
    case HostState::kStale:
      return counts.stale;
    case HostState::kExpired:
      return counts.expired;
    case HostState::kSyncing:
      return counts.syncing;
    case HostState::kNoAgent:
      break;
  }
  return counts.no_agent;
}

void HostTally::Add(const std::string& network, HostState state, int change) {
  CountOf(state, all_) += change;
  CountOf(state, by_network_[network]) += change;
  DropIfNone(network);
}

void HostTally::AddGapped(const std::string& network, int change) {
  all_.gapped += change;
  by_network_[network].gapped += change;
  DropIfNone(network);
}

HostCounts HostTally::Of(const std::string& network) const {
  if (network.empty()) return all_;
  const auto it = by_network_.find(network);
  return it == by_network_.end() ? HostCounts{} : it->second;
}

void HostTally::DropIfNone(const std::string& network) {
  const HostCounts& counts = by_network_[network];
  if (counts.live + counts.stale + counts.expired + counts.no_agent +
          counts.syncing + counts.gapped ==
      0)
    by_network_.erase(network);
}

}  // namespace connreg
