#include "client/agent/netns_reading.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace connreg {

std::string NetnsReading::InterfaceName(uint32_t index) const {
  const auto known = interfaces.find(index);
  return known == interfaces.end() ? "" : known->second;
}

NetnsReading ReadNetns(std::string netns, const FoundNetns& found,
                       const Kernel& kernel) {
  NetnsReading reading{.netns = std::move(netns),
                       .found = found,
                       .sockets = ReadSockets(kernel),
                       .addresses = ReadAddresses(kernel)};
  for (const DiagSocket& socket : reading.sockets.sockets) {
    if (socket.interface == 0) continue;
    const auto [name, is_new] =
        reading.interfaces.try_emplace(socket.interface);
    if (is_new) name->second = kernel.InterfaceName(socket.interface);
  }
  return reading;
}

std::string TextOf(const FoundNetns& found) {
  return found.name.empty() ? absl::StrCat("inode ", found.inode) : found.name;
}

}  // namespace connreg
