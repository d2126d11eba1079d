#include "service/core/listener_takers.h"

#include <cstddef>
#include <set>

#include "service/model/select_listener.h"

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
      ownership[netns] = OwnershipIn(row.reporter(), netns, address_);
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
    const Arrival arrival = ArrivalIn(listeners.front()->reporter(), netns);
    const bool any_device = arrival.by.empty() && address_.zone().empty() &&
                            !address_.is_unspecified();
    for (const size_t i : SelectListener(facts, address_, arrival)) {
      answers_.push_back(
          {.listener = *listeners[i],
           .address_unverified = IsWildcardFor(*facts[i], address_) &&
                                 ownership[netns] == Ownership::kUnknown,
           .device_unverified = any_device && !facts[i]->device.empty()});
    }
  }
}

std::vector<ListenerAnswer> ListenerTakers::Answers() && {
  if (!address_.is_host_local() && !address_.is_unspecified()) MarkMultiHost();
  return std::move(answers_);
}

const std::vector<AddressOwner>& ListenerTakers::OwnersOf(
    const Reporter& reporter, const IpAddress& address) {
  const auto [it, is_new] = owners_.try_emplace(
      {reporter.network, address.is_host_local() ? reporter.host : "",
       address});
  if (is_new) it->second = book_.Owners(reporter, address);
  return it->second;
}

Ownership ListenerTakers::OwnershipIn(const Reporter& reporter,
                                      const std::string& netns,
                                      const IpAddress& address) {
  return book_.OwnershipOf(reporter, netns, address,
                           OwnersOf(reporter, address));
}

Arrival ListenerTakers::ArrivalIn(const Reporter& reporter,
                                  const std::string& netns) {
  // Rows without a namespace may be of any, which each have their interfaces.
  if (netns.empty() || address_.is_unspecified()) return {};
  // Only the namespace itself reaches those.
  if (address_.is_loopback())
    return {.by = DeviceOf(reporter, netns, address_)};
  if (!from_) return {};
  switch (OwnershipIn(reporter, netns, *from_)) {
    case Ownership::kOwns:
      return {.by = DeviceOf(reporter, netns, address_)};
    case Ownership::kDoesNotOwn: {
      const IpAddress loopback =
          address_.is_v4()
              ? IpAddress::V4({127, 0, 0, 1})
              : IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
      return {.not_by = DeviceOf(reporter, netns, loopback)};
    }
    case Ownership::kUnknown:
      break;
  }
  return {};
}

std::string ListenerTakers::DeviceOf(const Reporter& reporter,
                                     const std::string& netns,
                                     const IpAddress& address) {
  for (const AddressOwner& owner : OwnersOf(reporter, address))
    if (owner.host == reporter.host && owner.netns == netns)
      return owner.device;
  return "";
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
