#include "service/core/expiry_hold.h"

namespace connreg {
namespace {

bool TooMany(size_t silent, size_t hosts) {
  constexpr size_t kHosts = 20;
  constexpr size_t kPercent = 30;
  return silent > kHosts && silent * 100 > hosts * kPercent;
}

}  // namespace

void ExpiryHold::NoteSilent(const HostKey& host, absl::Duration lapses) {
  NoteOver(host);
  lately_[host] = lapses;
  by_lapse_.insert({lapses, host});
}

void ExpiryHold::NoteOver(const HostKey& host) {
  const auto it = lately_.find(host);
  if (it == lately_.end()) return;
  by_lapse_.erase({it->second, host});
  lately_.erase(it);
}

void ExpiryHold::Decide(size_t silent, size_t hosts, absl::Duration now,
                        const Clock& clock) {
  while (!by_lapse_.empty() && by_lapse_.begin()->first <= now)
    NoteOver(HostKey(by_lapse_.begin()->second));
  if (!since_ && TooMany(lately_.size(), hosts)) since_ = clock.Now();
  if (!TooMany(silent, hosts)) since_.reset();
}

}  // namespace connreg
