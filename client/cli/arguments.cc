#include "client/cli/arguments.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "service/base/error.h"
#include "service/net/endpoint.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"
#include "service/wire/community_id.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

struct NamedState {
  absl::string_view name;
  v1::ConnectionState state;
};

constexpr NamedState kStates[] = {
    {"SYN-SENT", v1::CONNECTION_STATE_SYN_SENT},
    {"SYN-RECV", v1::CONNECTION_STATE_SYN_RECEIVED},
    {"SYN-RECEIVED", v1::CONNECTION_STATE_SYN_RECEIVED},
    {"ESTAB", v1::CONNECTION_STATE_ESTABLISHED},
    {"ESTABLISHED", v1::CONNECTION_STATE_ESTABLISHED},
    {"FIN-WAIT-1", v1::CONNECTION_STATE_FIN_WAIT_1},
    {"FIN-WAIT-2", v1::CONNECTION_STATE_FIN_WAIT_2},
    {"CLOSE-WAIT", v1::CONNECTION_STATE_CLOSE_WAIT},
    {"CLOSING", v1::CONNECTION_STATE_CLOSING},
    {"LAST-ACK", v1::CONNECTION_STATE_LAST_ACK},
};

absl::Status Refused(absl::string_view argument, absl::string_view reason,
                     absl::string_view text, absl::string_view why) {
  return InField(
      argument,
      InvalidArgument(reason,
                      absl::StrCat("\"", absl::CHexEscape(text), "\" ", why)));
}

}  // namespace

absl::StatusOr<v1::Endpoint> ParseEndpoint(absl::string_view argument,
                                           absl::string_view text) {
  const absl::StatusOr<Endpoint> endpoint = Endpoint::Parse(text);
  if (!endpoint.ok()) return InField(argument, endpoint.status());
  v1::Endpoint proto;
  ToProto(*endpoint, &proto);
  return proto;
}

bool LooksLikeCommunityId(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == absl::string_view::npos) return false;
  const auto is_number = [](absl::string_view part) {
    return std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  };
  const absl::string_view rest = text.substr(colon + 1);
  return is_number(text.substr(0, colon)) && !is_number(rest) &&
         !absl::StrContains(rest, ':');
}

absl::StatusOr<std::string> CheckedCommunityId(absl::string_view argument,
                                               absl::string_view text) {
  const absl::Status status = ParseCommunityId(text).status();
  if (!status.ok()) return InField(argument, status);
  return std::string(text);
}

absl::StatusOr<std::string> ParsePrefix(absl::string_view argument,
                                        absl::string_view text) {
  const absl::StatusOr<Prefix> prefix = Prefix::Parse(text);
  if (!prefix.ok()) return InField(argument, prefix.status());
  return prefix->ToString();
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view argument,
                                             absl::string_view text) {
  absl::Duration duration;
  const bool parsed = absl::ParseDuration(text, &duration);
  if (parsed && duration > absl::ZeroDuration() &&
      duration < absl::InfiniteDuration())
    return duration;
  return Refused(argument, "DURATION_MALFORMED", text,
                 "is not a duration above 0; write 90s, 5m or 1h30m");
}

absl::StatusOr<v1::ConnectionState> ParseState(absl::string_view argument,
                                               absl::string_view text) {
  if (text.empty()) return v1::CONNECTION_STATE_UNSPECIFIED;
  const std::string name =
      absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"_", "-"}});
  for (const NamedState& known : kStates) {
    if (known.name == name) return known.state;
  }
  return Refused(argument, "STATE_UNKNOWN", text,
                 "is not the state of a connection; write ESTABLISHED, "
                 "SYN-SENT, SYN-RECV, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, "
                 "CLOSING or LAST-ACK");
}

std::string StateNames() {
  std::vector<absl::string_view> names;
  v1::ConnectionState last = v1::CONNECTION_STATE_UNSPECIFIED;
  for (const NamedState& known : kStates) {
    if (known.state != last) names.push_back(known.name);
    last = known.state;
  }
  return absl::StrCat("{", absl::StrJoin(names, ","), "}");
}

absl::StatusOr<v1::LocalPrefix> ParseOwned(absl::string_view argument,
                                           absl::string_view owned) {
  const size_t at = owned.find('@');
  const absl::string_view text = owned.substr(0, at);
  v1::LocalPrefix local;
  if (at != absl::string_view::npos)
    local.set_device(std::string(owned.substr(at + 1)));
  if (at != absl::string_view::npos && local.device().empty()) {
    return Refused(argument, "DEVICE_EMPTY", owned,
                   absl::StrCat("names no interface; write ", text,
                                "@eth0, or ", text, " alone"));
  }
  const absl::StatusOr<Prefix> prefix = Prefix::Parse(text);
  if (!prefix.ok()) return InField(argument, prefix.status());
  const absl::string_view written = text.substr(0, text.find('/'));
  const absl::StatusOr<IpAddress> address = IpAddress::Parse(written);
  // A prefix that is canonical in another family than it was written in
  // (::ffff:0:0/96) has no host bits to lose.
  const bool lost_bits = address.ok() && *address != prefix->address() &&
                         address->is_v4() == prefix->address().is_v4();
  if (lost_bits) {
    return Refused(argument, "HOST_BITS_SET", text,
                   absl::StrCat("is an address within a prefix; write ",
                                address->ToString(), " for the address or ",
                                prefix->ToString(), " for all of the prefix"));
  }
  local.set_prefix(prefix->is_single_address() ? prefix->address().ToString()
                                               : prefix->ToString());
  return local;
}

std::string NotEmpty(const std::string& text) {
  return text.empty() ? "is empty; leave it out instead" : "";
}

std::string NameError(const std::string& text) {
  if (text.empty()) return "is an empty name; leave it out instead";
  return std::string(CheckText("name", text).message());
}

v1::Transport TransportOf(absl::string_view text) {
  if (text == "tcp") return v1::TRANSPORT_TCP;
  if (text == "udp") return v1::TRANSPORT_UDP;
  return v1::TRANSPORT_UNSPECIFIED;
}

}  // namespace connreg::cli
