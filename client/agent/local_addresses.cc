#include "client/agent/local_addresses.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// Each prefix with its device, by the first route to it.
using Devices = std::map<Prefix, std::string>;

bool IsLocalRoute(const rtmsg& route) {
  return route.rtm_type == RTN_LOCAL && route.rtm_table == RT_TABLE_LOCAL &&
         (route.rtm_family == AF_INET || route.rtm_family == AF_INET6);
}

// An empty destination is the unspecified address.
absl::StatusOr<IpAddress> AddressOf(uint8_t family, Bytes destination) {
  const size_t size = family == AF_INET ? 4 : 16;
  if (!destination.empty() && destination.size() != size) {
    return absl::DataLossError(absl::StrCat(
        "an address of ", destination.size(), " bytes where ", size, " fit"));
  }
  std::array<uint8_t, 16> bytes{};
  std::copy(destination.begin(), destination.end(), bytes.begin());
  if (family == AF_INET6) return IpAddress::V6(bytes);
  return IpAddress::V4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

absl::StatusOr<Prefix> PrefixOf(const IpAddress& address, int length,
                                uint32_t interface, InterfaceNames names) {
  const absl::StatusOr<Prefix> zoned =
      Prefix::Create(InZone(address, interface, names), length);
  if (zoned.ok()) return zoned;
  // A block so wide that it reaches beyond link-local addresses has no zone.
  const absl::StatusOr<Prefix> plain = Prefix::Create(address, length);
  if (plain.ok()) return plain;
  return absl::DataLossError(plain.status().message());
}

// Nothing if the message is of another kind of route.
absl::StatusOr<std::optional<LocalPrefix>> ParseOne(
    const NetlinkMessage& message, InterfaceNames names) {
  if (message.type != RTM_NEWROUTE) {
    return absl::DataLossError(
        absl::StrCat("message type ", message.type, " is not a route's"));
  }
  if (message.payload.size() < sizeof(rtmsg)) {
    return absl::DataLossError(absl::StrCat("a route takes ", sizeof(rtmsg),
                                            " bytes, this has ",
                                            message.payload.size()));
  }
  const auto route = LoadAs<rtmsg>(message.payload);
  if (!IsLocalRoute(route)) return std::nullopt;
  Bytes destination;
  uint32_t interface = 0;
  RETURN_IF_ERROR(
      VisitAttributes(message.payload.subspan(NLMSG_ALIGN(sizeof route)),
                      [&](uint16_t type, Bytes value) {
                        if (type == RTA_DST) destination = value;
                        if (type == RTA_OIF && value.size() == sizeof interface)
                          interface = LoadAs<uint32_t>(value);
                      }));
  ASSIGN_OR_RETURN(const IpAddress address,
                   AddressOf(route.rtm_family, destination));
  // An IPv4-mapped address in the table of IPv6 takes no packet of either.
  if (address.is_v4() != (route.rtm_family == AF_INET)) return std::nullopt;
  ASSIGN_OR_RETURN(const Prefix prefix,
                   PrefixOf(address, route.rtm_dst_len, interface, names));
  return LocalPrefix{prefix,
                     interface == 0 ? "" : InterfaceText(interface, names)};
}

std::vector<LocalPrefix> PrefixesOf(const Devices& devices) {
  std::vector<LocalPrefix> prefixes;
  prefixes.reserve(devices.size());
  for (const auto& [prefix, device] : devices)
    prefixes.push_back({prefix, device});
  return prefixes;
}

absl::StatusOr<std::vector<LocalPrefix>> DumpOf(uint8_t family,
                                                InterfaceNames names) {
  rtmsg request{};
  request.rtm_family = family;
  request.rtm_table = RT_TABLE_LOCAL;
  request.rtm_type = RTN_LOCAL;
  const absl::StatusOr<std::vector<uint8_t>> messages =
      NetlinkDump(NETLINK_ROUTE, RTM_GETROUTE, BytesOf(request));
  // The table is made with its first route: there is none while no interface is
  // up.
  if (absl::IsNotFound(messages.status())) return std::vector<LocalPrefix>();
  RETURN_IF_ERROR(messages.status());
  return ParseLocalRoutes(*messages, names);
}

}  // namespace

absl::StatusOr<std::vector<LocalPrefix>> ParseLocalRoutes(
    Bytes messages, InterfaceNames names) {
  Devices devices;
  size_t index = 0;
  RETURN_IF_ERROR(VisitMessages(
      messages, [&](const NetlinkMessage& message) -> absl::Status {
        const absl::StatusOr<std::optional<LocalPrefix>> route =
            ParseOne(message, names);
        if (!route.ok()) {
          return absl::DataLossError(absl::StrCat(
              "route ", index, " of the dump: ", route.status().message()));
        }
        if (route->has_value())
          devices.try_emplace((*route)->prefix, (*route)->device);
        ++index;
        return absl::OkStatus();
      }));
  return PrefixesOf(devices);
}

absl::StatusOr<std::vector<LocalPrefix>> DumpLocalPrefixes(
    InterfaceNames names) {
  Devices devices;
  // A kernel without IPv6 answers a question about it with the routes of IPv4.
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    ASSIGN_OR_RETURN(const std::vector<LocalPrefix> some,
                     DumpOf(family, names));
    for (const LocalPrefix& local : some)
      devices.try_emplace(local.prefix, local.device);
  }
  return PrefixesOf(devices);
}

}  // namespace connreg
