#include "client/agent/local_addresses.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

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
absl::StatusOr<std::optional<Prefix>> ParseOne(const NetlinkMessage& message,
                                               InterfaceNames names) {
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
  return PrefixOf(address, route.rtm_dst_len, interface, names);
}

absl::StatusOr<std::vector<Prefix>> DumpOf(uint8_t family,
                                           InterfaceNames names) {
  rtmsg request{};
  request.rtm_family = family;
  request.rtm_table = RT_TABLE_LOCAL;
  request.rtm_type = RTN_LOCAL;
  const absl::StatusOr<std::vector<uint8_t>> messages =
      NetlinkDump(NETLINK_ROUTE, RTM_GETROUTE, BytesOf(request));
  // The table is made with its first route: there is none while no interface is
  // up.
  if (absl::IsNotFound(messages.status())) return std::vector<Prefix>();
  RETURN_IF_ERROR(messages.status());
  return ParseLocalRoutes(*messages, names);
}

}  // namespace

absl::StatusOr<std::vector<Prefix>> ParseLocalRoutes(Bytes messages,
                                                     InterfaceNames names) {
  std::set<Prefix> prefixes;
  size_t index = 0;
  RETURN_IF_ERROR(VisitMessages(
      messages, [&](const NetlinkMessage& message) -> absl::Status {
        const absl::StatusOr<std::optional<Prefix>> prefix =
            ParseOne(message, names);
        if (!prefix.ok()) {
          return absl::DataLossError(absl::StrCat(
              "route ", index, " of the dump: ", prefix.status().message()));
        }
        if (prefix->has_value()) prefixes.insert(**prefix);
        ++index;
        return absl::OkStatus();
      }));
  return std::vector<Prefix>(prefixes.begin(), prefixes.end());
}

absl::StatusOr<std::vector<Prefix>> DumpLocalPrefixes(InterfaceNames names) {
  std::set<Prefix> prefixes;
  // A kernel without IPv6 answers a question about it with the routes of IPv4.
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    ASSIGN_OR_RETURN(const std::vector<Prefix> some, DumpOf(family, names));
    prefixes.insert(some.begin(), some.end());
  }
  return std::vector<Prefix>(prefixes.begin(), prefixes.end());
}

}  // namespace connreg
