#include "service/model/select_listener.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace connreg {
namespace {

// A socket that was reported without its family was made for its address's.
bool IsIpv4Socket(const ListenerFacts& facts) {
  return facts.socket.family == SocketFamily::kUnknown
             ? facts.local.address().is_v4()
             : facts.socket.family == SocketFamily::kIpv4;
}

// Which of two sockets that take one packet the kernel meets first. If they
// share their port by SO_REUSEPORT, as TCP listeners must, the first one met
// settles it, bound to a device or not. IPv6 ones come last (__inet_hash() and
// udp_lib_get_port()); the rest of the order is that of listen(2) or bind(2),
// which nothing tells.
int ListRank(const ListenerFacts& facts) { return IsIpv4Socket(facts) ? 1 : 0; }

// UDP sockets may share their port by SO_REUSEADDR instead. Then the highest
// compute_score() settles it.
int ScoreRank(const ListenerFacts& facts) {
  return (facts.device.empty() ? 0 : 4) + (IsIpv4Socket(facts) ? 1 : 0);
}

bool TakesAsWildcard(const ListenerFacts& facts, const IpAddress& address) {
  if (!facts.local.address().is_unspecified()) return false;
  if (address.is_v6()) return facts.local.address().is_v6();
  return facts.local.address().is_v4() || !facts.v6_only;
}

// A zone that was not told may be any.
bool TakesExactly(const ListenerFacts& facts, const IpAddress& address) {
  const IpAddress& local = facts.local.address();
  const bool may_be_one_zone = local.zone().empty() || address.zone().empty() ||
                               local.zone() == address.zone();
  return may_be_one_zone && local.bytes() == address.bytes();
}

// Whether a datagram to `address` goes to every socket that takes it: multicast
// and the limited broadcast address.
bool IsForMany(const IpAddress& address) {
  const std::array<uint8_t, 16>& bytes = address.bytes();
  if (address.is_v6()) return bytes[0] == 0xff;
  return bytes[12] >> 4 == 0xe ||
         address == IpAddress::V4({255, 255, 255, 255});
}

// Sockets of one port that take packets alike, by their places in a list.
using Places = std::vector<size_t>;

template <typename Rank>
void AddHighest(absl::Span<const ListenerFacts* const> listeners,
                const Places& takers, Rank rank, std::set<size_t>* chosen) {
  int highest = 0;
  for (const size_t i : takers)
    highest = std::max(highest, rank(*listeners[i]));
  for (const size_t i : takers)
    if (rank(*listeners[i]) == highest) chosen->insert(i);
}

// Adds the sockets that may take a packet for `address` that arrives by
// `device`; none is bound to the device "".
void AddChosen(absl::Span<const ListenerFacts* const> listeners,
               const IpAddress& address, absl::string_view device,
               std::set<size_t>* chosen) {
  for (const auto takes : {TakesExactly, TakesAsWildcard}) {
    Places takers;
    bool is_udp = false;
    for (size_t i = 0; i < listeners.size(); ++i) {
      const ListenerFacts& facts = *listeners[i];
      if (!takes(facts, address)) continue;
      if (!facts.device.empty() && facts.device != device) continue;
      takers.push_back(i);
      is_udp = facts.socket.transport == Transport::kUdp;
    }
    if (is_udp && IsForMany(address)) {
      chosen->insert(takers.begin(), takers.end());
      continue;
    }
    AddHighest(listeners, takers, ListRank, chosen);
    if (is_udp) AddHighest(listeners, takers, ScoreRank, chosen);
    if (!takers.empty()) return;
  }
}

}  // namespace

std::vector<size_t> SelectListener(
    absl::Span<const ListenerFacts* const> listeners, const IpAddress& address,
    const Arrival& arrival) {
  std::set<std::string> devices;
  if (!address.zone().empty()) {
    devices.emplace(address.zone());
  } else if (!arrival.by.empty()) {
    devices.insert(arrival.by);
  } else {
    for (const ListenerFacts* listener : listeners)
      devices.insert(listener->device);
    if (!arrival.not_by.empty() && devices.erase(arrival.not_by) > 0)
      devices.emplace();
  }
  std::set<size_t> chosen;
  for (const std::string& device : devices)
    AddChosen(listeners, address, device, &chosen);
  return {chosen.begin(), chosen.end()};
}

}  // namespace connreg
