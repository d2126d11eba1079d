#include "service/core/shared_facts.h"

#include <tuple>

#include "absl/hash/hash.h"

namespace connreg {
namespace {

// What rows share besides their lease. `Facts` has it at hand or in its socket.
template <typename Facts, typename Socket>
auto Fields(const Facts& facts, const Socket& socket) {
  return std::tie(facts.listener_cookie, socket.uid, facts.role, facts.evidence,
                  socket.transport, socket.family, socket.netns, facts.device);
}

}  // namespace

SharedFacts::SharedFacts(const ConnectionFacts& facts, LeasePtr of,
                         uint32_t tag, SharedFactsPool& shared_by)
    : lease(std::move(of)),
      owners(facts.socket.owners),
      lease_tag(tag),
      transport(facts.socket.transport),
      family(facts.socket.family),
      role(facts.role),
      evidence(facts.evidence),
      netns(facts.socket.netns),
      uid(facts.socket.uid),
      listener_cookie(facts.listener_cookie),
      device(facts.device),
      pool(shared_by) {}

bool SharedFacts::Describes(const ConnectionFacts& facts) const {
  return Fields(*this, *this) == Fields(facts, facts.socket) &&
         owners == facts.socket.owners;
}

SharedFactsPtr::~SharedFactsPtr() {
  if (facts_ != nullptr &&
      facts_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
    facts_->pool.Drop(facts_);
}

SharedFactsPtr SharedFactsPool::Share(const ConnectionFacts& facts,
                                      const LeasePtr& lease) {
  const Sought sought{facts, lease->id};
  Part& part = parts_[Hash()(sought) % parts_.size()];
  MutexLock lock(part.mutex);
  if (const auto it = part.all.find(sought); it != part.all.end()) {
    // Unless the last holder has let go of it, and waits to say so.
    uint32_t holders = (*it)->holders.load();
    while (holders > 0) {
      if ((*it)->holders.compare_exchange_weak(holders, holders + 1))
        return SharedFactsPtr(*it);
    }
    part.all.erase(it);
  }
  const uint32_t tag =
      hash_.TagOf(lease->reporter.host, static_cast<uint64_t>(lease->id));
  const auto* const shared = new SharedFacts(facts, lease, tag, *this);
  part.all.insert(shared);
  return SharedFactsPtr(shared);
}

void SharedFactsPool::Drop(const SharedFacts* shared) {
  Part& part = parts_[Hash()(shared) % parts_.size()];
  {
    MutexLock lock(part.mutex);
    part.all.erase(shared);
  }
  delete shared;
}

size_t SharedFactsPool::Hash::operator()(const SharedFacts* shared) const {
  return absl::HashOf(shared->lease->id, shared->owners,
                      Fields(*shared, *shared));
}

size_t SharedFactsPool::Hash::operator()(const Sought& sought) const {
  return absl::HashOf(sought.lease, sought.facts.socket.owners,
                      Fields(sought.facts, sought.facts.socket));
}

const SharedFactsPtr& BatchSharing::Share(const ConnectionFacts& facts) {
  if (const auto it = known_.find(&facts); it != known_.end())
    return it->second;
  return known_.emplace(&facts, pool_.Share(facts, lease_)).first->second;
}

size_t BatchSharing::Hash::operator()(const ConnectionFacts* facts) const {
  return absl::HashOf(facts->socket.owners.identity(), facts->listener_cookie,
                      facts->role);
}

bool BatchSharing::Equal::operator()(const ConnectionFacts* a,
                                     const ConnectionFacts* b) const {
  return a->socket.owners.identity() == b->socket.owners.identity() &&
         Fields(*a, a->socket) == Fields(*b, b->socket) &&
         a->socket.owners == b->socket.owners;
}

}  // namespace connreg
