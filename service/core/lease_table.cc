#include "service/core/lease_table.h"

#include <utility>

namespace connreg {

Lease LeaseTable::Renew(const Reporter& reporter, absl::Duration ttl) {
  const absl::Duration end = clock_.Monotonic() + ttl;
  WriterLock lock(mutex_);
  const auto it = grants_.find(reporter);
  if (it != grants_.end()) {
    it->second.end = end;
    return it->second.lease;
  }
  const Lease lease{LeaseId{++last_id_},
                    std::make_shared<const Reporter>(reporter)};
  grants_.emplace(reporter, Grant{lease, end});
  in_force_.insert(lease.id);
  CountLocked(reporter, 1);
  return lease;
}

std::optional<Lease> LeaseTable::Find(const Reporter& reporter) const {
  ReaderLock lock(mutex_);
  const auto it = grants_.find(reporter);
  if (it == grants_.end()) return std::nullopt;
  return it->second.lease;
}

bool LeaseTable::InForce(LeaseId id) const {
  ReaderLock lock(mutex_);
  return in_force_.contains(id);
}

std::optional<Lease> LeaseTable::End(const Reporter& reporter) {
  WriterLock lock(mutex_);
  const auto it = grants_.find(reporter);
  if (it == grants_.end()) return std::nullopt;
  Lease lease = std::move(it->second.lease);
  grants_.erase(it);
  in_force_.erase(lease.id);
  CountLocked(*lease.reporter, -1);
  return lease;
}

std::vector<Lease> LeaseTable::EndLapsed() {
  const absl::Duration now = clock_.Monotonic();
  std::vector<Lease> ended;
  WriterLock lock(mutex_);
  for (const auto& [reporter, grant] : grants_)
    if (grant.end <= now) ended.push_back(grant.lease);
  for (const Lease& lease : ended) {
    grants_.erase(*lease.reporter);
    in_force_.erase(lease.id);
    CountLocked(*lease.reporter, -1);
  }
  return ended;
}

size_t LeaseTable::size() const {
  ReaderLock lock(mutex_);
  return grants_.size();
}

size_t LeaseTable::agent_host_count() const {
  ReaderLock lock(mutex_);
  return agent_hosts_;
}

bool LeaseTable::HasHost(absl::string_view host) const {
  ReaderLock lock(mutex_);
  return hosts_.contains(host);
}

void LeaseTable::CountLocked(const Reporter& reporter, int change) {
  HostLeases& host = hosts_[reporter.host];
  const bool had_agent = host.agents > 0;
  (reporter.kind == ReporterKind::kAgent ? host.agents : host.programs) +=
      change;
  const bool has_agent = host.agents > 0;
  if (has_agent && !had_agent) ++agent_hosts_;
  if (!has_agent && had_agent) --agent_hosts_;
  if (host.agents + host.programs == 0) hosts_.erase(reporter.host);
}

}  // namespace connreg
