#include "service/core/listener_takers.h"

#include <cstddef>
#include <set>

#include "service/model/listener_match.h"

namespace connreg {
namespace {

// Whether `listener` would take a packet for `address` only as a wildcard.
bool IsWildcardFor(const ListenerFacts& listener, const IpAddress& address) {
  return listener.local.address().is_unspecified() && !address.is_unspecified();
}

}  // namespace

void ListenerTakers::Add(const std::vector<Listener>& rows) {
  std::map<std::string, std::vector<const Listener*>> by_netns;
  std::map<std::string, Ownership> ownership;
  for (const Listener& row : rows) {
    const IpAddress& local = row.facts.local.address();
    if (address_.is_unspecified() && local != address_) continue;
    const std::string& netns = row.facts.socket.netns;
    if (!ownership.contains(netns))
      ownership[netns] = OwnershipIn(row.reporter(), netns);
    // A wildcard is not for addresses that its namespace does not own.
    if (IsWildcardFor(row.facts, address_) &&
        ownership[netns] == Ownership::kDoesNotOwn)
      continue;
    by_netns[netns].push_back(&row);
  }
  for (const auto& [netns, listeners] : by_netns) {
    std::vector<const ListenerFacts*> facts;
    for (const Listener* listener : listeners)
      facts.push_back(&listener->facts);
    for (const size_t i : EffectiveListeners(facts, address_)) {
      const bool unverified = IsWildcardFor(*facts[i], address_) &&
                              ownership[netns] == Ownership::kUnknown;
      answers_.push_back({*listeners[i], unverified});
    }
  }
}

std::vector<ListenerAnswer> ListenerTakers::Answers() && {
  if (!address_.is_host_local() && !address_.is_unspecified()) MarkMultiHost();
  return std::move(answers_);
}

Ownership ListenerTakers::OwnershipIn(const Reporter& reporter,
                                      const std::string& netns) {
  const auto [it, is_new] = owners_.try_emplace(
      {reporter.network, address_.is_host_local() ? reporter.host : ""});
  if (is_new) it->second = book_.Owners(reporter, address_);
  return book_.OwnershipOf(reporter, netns, address_, it->second);
}

// Those that may not own the address do not count.
void ListenerTakers::MarkMultiHost() {
  std::map<std::string, std::set<std::string>> hosts;
  for (const ListenerAnswer& answer : answers_) {
    const Reporter& reporter = answer.listener.reporter();
    if (!answer.address_unverified)
      hosts[reporter.network].insert(reporter.host);
  }
  for (ListenerAnswer& answer : answers_) {
    if (!answer.address_unverified)
      answer.multi_host = hosts[answer.listener.reporter().network].size() > 1;
  }
}

}  // namespace connreg
