#include "client/cli/wording.h"

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/facts.h"
#include "client/cli/process_text.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

constexpr char kNotKnown[] = "?";

struct Unit {
  absl::string_view name;
  absl::Duration length;
};

constexpr Unit kUnits[] = {{"d", absl::Hours(24)},
                           {"h", absl::Hours(1)},
                           {"m", absl::Minutes(1)},
                           {"s", absl::Seconds(1)}};

std::string ReasonText(v1::OwnerUnknownReason reason) {
  switch (reason) {
    case v1::OWNER_UNKNOWN_REASON_UNSPECIFIED:
    case v1::OWNER_UNKNOWN_REASON_NOT_REPORTED:
      return "(not reported)";
    case v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED:
      return "(not permitted)";
    case v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED:
      return "(not accepted)";
    case v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN:
      return "(kernel orphan)";
    case v1::OWNER_UNKNOWN_REASON_NO_HOLDER:
      return "(no holder)";
    case v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN:
      return "(ended before scan)";
    default:
      return kNotKnown;
  }
}

}  // namespace

std::string EndpointText(const v1::Endpoint& endpoint,
                         absl::string_view device) {
  const std::string address = Displayable(endpoint.address());
  const std::string on =
      device.empty() ? "" : absl::StrCat("%", Displayable(device));
  return absl::StrContains(address, ':')
             ? absl::StrCat("[", address, "]", on, ":", endpoint.port())
             : absl::StrCat(address, on, ":", endpoint.port());
}

v1::Endpoint AsListened(v1::Endpoint endpoint, bool v6_only) {
  if (endpoint.address() == "::" && !v6_only) endpoint.set_address("*");
  return endpoint;
}

std::string ListenerText(const v1::Listener& listener) {
  // A zone is the device already.
  const bool has_zone = absl::StrContains(listener.local().address(), '%');
  return EndpointText(AsListened(listener.local(), listener.v6_only()),
                      has_zone ? "" : listener.device());
}

std::string TransportText(v1::Transport transport) {
  switch (transport) {
    case v1::TRANSPORT_TCP:
      return "tcp";
    case v1::TRANSPORT_UDP:
      return "udp";
    default:
      return kNotKnown;
  }
}

std::string StateText(v1::ConnectionState state) {
  switch (state) {
    case v1::CONNECTION_STATE_SYN_SENT:
      return "SYN-SENT";
    case v1::CONNECTION_STATE_SYN_RECEIVED:
      return "SYN-RECV";
    case v1::CONNECTION_STATE_ESTABLISHED:
      return "ESTAB";
    case v1::CONNECTION_STATE_FIN_WAIT_1:
      return "FIN-WAIT-1";
    case v1::CONNECTION_STATE_FIN_WAIT_2:
      return "FIN-WAIT-2";
    case v1::CONNECTION_STATE_CLOSE_WAIT:
      return "CLOSE-WAIT";
    case v1::CONNECTION_STATE_CLOSING:
      return "CLOSING";
    case v1::CONNECTION_STATE_LAST_ACK:
      return "LAST-ACK";
    default:
      return kNotKnown;
  }
}

std::string OwnersText(const v1::Owners& owners) {
  if (owners.processes().empty()) return ReasonText(owners.unknown_reason());
  return absl::StrCat(ProcessText(owners.processes(0)),
                      MoreText(owners.processes_size(), 1));
}

std::string AllOwnersText(const v1::Owners& owners) {
  if (owners.processes().empty()) return ReasonText(owners.unknown_reason());
  return absl::StrJoin(owners.processes(), "; ",
                       [](std::string* text, const v1::Process& process) {
                         text->append(ProcessText(process));
                       });
}

std::string CloseReasonText(v1::CloseReason reason) {
  switch (reason) {
    case v1::CLOSE_REASON_DEREGISTERED:
      return "reported gone";
    case v1::CLOSE_REASON_REPLACED:
      return "replaced";
    case v1::CLOSE_REASON_LEASE_ENDED:
      return "lease ended";
    case v1::CLOSE_REASON_NOT_IN_SNAPSHOT:
      return "no longer there";
    case v1::CLOSE_REASON_HOST_RESTARTED:
      return "host restarted";
    default:
      return kNotKnown;
  }
}

std::string TimeText(const google::protobuf::Timestamp& time,
                     const Style& style) {
  if (style.format == OutputFormat::kTable) return AgoText(time, style.now);
  const std::string exact = TimeFact(time);
  return exact.empty() && IsForPeople(style.format) ? kNotKnown : exact;
}

std::string AgoText(const google::protobuf::Timestamp& time, absl::Time now) {
  const absl::StatusOr<absl::Time> value = TimeFromProto(time);
  if (!value.ok() || *value == absl::UnixEpoch()) return kNotKnown;
  const absl::Duration age = now - *value;
  return age < absl::Seconds(1) ? "now" : absl::StrCat(AgeText(age), " ago");
}

std::string AgeText(absl::Duration age) {
  std::string text;
  for (const Unit& unit : kUnits) {
    const int64_t count = absl::IDivDuration(age, unit.length, &age);
    const bool is_largest = text.empty();
    if (count > 0) absl::StrAppend(&text, count, unit.name);
    if (!is_largest || count > 9) break;
  }
  return text.empty() ? "0s" : text;
}

std::string MoreText(uint64_t count, uint64_t told) {
  return count > told ? absl::StrCat(" (+", count - told, ")") : "";
}

std::string CountText(uint64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace connreg::cli
