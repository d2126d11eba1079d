#include "service/core/closed_ring.h"

#include <algorithm>
#include <utility>

namespace connreg {

void ClosedRing::Add(uint64_t hash, Observation row, absl::Duration forget_at) {
  if (max_rows_ == 0) {
    history_.Forget(row.closure->time);
    return;
  }
  // What is left of the hash still says that it was there.
  if (by_hash_[hash].size() == kMaxOfHash) DropOldestOf(hash);
  if (ring_.size() == max_rows_) DropOldest();
  by_endpoint_.Add(row.facts.tuple.local(), hash);
  by_endpoint_.Add(row.facts.tuple.remote(), hash);
  by_host_.Add(row.reporter().host, hash);
  by_hash_[hash].push_back(next_);
  ring_.insert({next_++, {hash, std::move(row), forget_at}});
}

void ClosedRing::Forget(absl::Duration now) {
  while (!ring_.empty() && ring_.begin()->second.forget_at <= now) DropOldest();
}

std::vector<Observation> ClosedRing::Find(uint64_t hash) const {
  std::vector<Observation> rows;
  const auto it = by_hash_.find(hash);
  if (it == by_hash_.end()) return rows;
  for (auto position = it->second.rbegin(); position != it->second.rend();
       ++position)
    rows.push_back(ring_.at(*position).row);
  return rows;
}

std::optional<uint64_t> ClosedRing::Next(
    const std::optional<Endpoint>& endpoint, const std::string& host,
    std::optional<uint64_t> after) const {
  if (endpoint) return by_endpoint_.Next(*endpoint, after);
  if (!host.empty()) return by_host_.Next(host, after);
  const auto it = FirstAbove(by_hash_, after);
  if (it == by_hash_.end()) return std::nullopt;
  return it->first;
}

void ClosedRing::DropOldest() {
  const Entry& oldest = ring_.begin()->second;
  history_.Forget(oldest.row.closure->time);
  DropOldestOf(oldest.hash);
}

void ClosedRing::DropOldestOf(uint64_t hash) {
  const auto it = by_hash_.find(hash);
  std::vector<Position>& positions = it->second;
  const auto oldest = ring_.find(positions.front());
  const Observation row = std::move(oldest->second.row);
  ring_.erase(oldest);
  positions.erase(positions.begin());
  by_endpoint_.Remove(row.facts.tuple.local(), hash);
  by_endpoint_.Remove(row.facts.tuple.remote(), hash);
  by_host_.Remove(row.reporter().host, hash);
  if (positions.empty()) by_hash_.erase(it);
}

}  // namespace connreg
