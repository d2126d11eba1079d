#include "client/cli/side_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/connection_text.h"
#include "client/cli/origins.h"
#include "client/cli/process_text.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

// More processes of one socket are counted.
constexpr int kMaxHolders = 3;

std::string NoHolderText(v1::OwnerUnknownReason reason) {
  switch (reason) {
    case v1::OWNER_UNKNOWN_REASON_UNSPECIFIED:
    case v1::OWNER_UNKNOWN_REASON_NOT_REPORTED:
      return "not known: its reporter did not say";
    case v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED:
      return "not known: the agent may not look into every process";
    case v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED:
      return "none yet: it waits in its listener's queue for accept(2)";
    case v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN:
      return "none: the process has closed it, and the kernel finishes the "
             "conversation alone";
    case v1::OWNER_UNKNOWN_REASON_NO_HOLDER:
      return "none that the agent sees: the kernel holds it, or a process in "
             "another PID namespace";
    case v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN:
      return "not known: it ended before the agent looked for its processes";
    default:
      return kNotKnown;
  }
}

std::string RoleName(v1::Role role) {
  switch (role) {
    case v1::ROLE_UNSPECIFIED:
      return "not known";
    case v1::ROLE_CLIENT:
      return "client";
    case v1::ROLE_SERVER:
      return "server";
    case v1::ROLE_BOTH:
      return "client and server";
    default:
      return kNotKnown;
  }
}

// Whether `side` was accepted from `listener`.
bool IsFrom(const v1::Observation& side, const v1::Listener& listener) {
  const v1::Reporter& reporter = side.provenance().reporter();
  const v1::Reporter& its = listener.provenance().reporter();
  return side.listener_cookie() == listener.socket().cookie() &&
         side.socket().netns() == listener.socket().netns() &&
         reporter.host() == its.host() && reporter.network() == its.network();
}

std::string AcceptedText(const v1::Observation& side,
                         const Listeners* waiting) {
  if (waiting == nullptr || side.listener_cookie() == 0)
    return "accepted from a listener";
  const auto listener =
      std::find_if(waiting->begin(), waiting->end(),
                   [&](const v1::Listener& one) { return IsFrom(side, one); });
  if (listener == waiting->end())
    return "accepted from a listener that is gone";
  return absl::StrCat("accepted from the listener ", ListenerText(*listener),
                      ", which still waits");
}

std::string EvidenceText(const v1::Observation& side, bool is_known_otherwise,
                         const Listeners* waiting) {
  switch (side.role_evidence()) {
    case v1::ROLE_EVIDENCE_UNSPECIFIED:
      return is_known_otherwise ? "known by the other end" : "no evidence";
    case v1::ROLE_EVIDENCE_LISTENER:
      return AcceptedText(side, waiting);
    case v1::ROLE_EVIDENCE_INITIATED:
      return "seen in SYN-SENT";
    case v1::ROLE_EVIDENCE_SELF:
      return "the socket is connected to itself";
    case v1::ROLE_EVIDENCE_SIMULTANEOUS:
      return "both ends initiated it (simultaneous open)";
    case v1::ROLE_EVIDENCE_DECLARED:
      return "declared by its reporter";
    default:
      return kNotKnown;
  }
}

}  // namespace

std::string PlaceText(const v1::Observation& side) {
  const bool has_netns =
      !side.socket().netns().empty() || !side.socket().netns_name().empty();
  // A zone is the device already.
  const bool has_device =
      !side.device().empty() && !absl::StrContains(side.local().address(), '%');
  return absl::StrCat(
      EndpointText(side.local()), " on ",
      Displayable(side.provenance().reporter().host()),
      has_netns ? absl::StrCat(", netns ", NetnsText(side.socket())) : "",
      has_device ? absl::StrCat(", interface ", Displayable(side.device()))
                 : "");
}

std::vector<std::string> HolderTexts(const v1::Owners& owners) {
  if (owners.processes().empty())
    return {NoHolderText(owners.unknown_reason())};
  const int shown = std::min(owners.processes_size(), kMaxHolders);
  std::vector<std::string> texts;
  for (int i = 0; i < shown; ++i)
    texts.push_back(FullProcessText(owners.processes(i)));
  if (shown < owners.processes_size()) {
    texts.push_back(absl::StrCat("and ", owners.processes_size() - shown,
                                 " more (--output wide names them)"));
  }
  return texts;
}

std::string RoleText(const v1::Observation& side, bool is_known_otherwise,
                     const Listeners* waiting) {
  const std::string evidence = EvidenceText(side, is_known_otherwise, waiting);
  return side.role() == v1::ROLE_UNSPECIFIED && is_known_otherwise
             ? evidence
             : absl::StrCat(RoleName(side.role()), ": ", evidence);
}

std::string SeenText(const v1::Observation& side, const Style& style) {
  const v1::Provenance& provenance = side.provenance();
  const std::string first = TimeText(provenance.first_seen_time(), style);
  const std::string changed = TimeText(provenance.change_time(), style);
  std::string text = first;
  if (changed != first) absl::StrAppend(&text, ", changed ", changed);
  if (side.has_closure()) {
    absl::StrAppend(&text, ", closed ",
                    TimeText(side.closure().close_time(), style), " (",
                    CloseReasonText(side.closure().reason()), ")");
  }
  return text;
}

std::string MissingText(const v1::Endpoint& missing, v1::OneSidedReason reason,
                        bool has_ended) {
  const std::string address = Displayable(missing.address());
  switch (reason) {
    case v1::ONE_SIDED_REASON_UNMANAGED:
      return absl::StrCat("not managed: no host that reports owns ", address);
    case v1::ONE_SIDED_REASON_NOT_REPORTED:
      return absl::StrCat(
          "not reported: a host that reports owns ", address,
          " and does not show ",
          has_ended ? "that this connection has ended" : "this connection");
    case v1::ONE_SIDED_REASON_AMBIGUOUS:
      return absl::StrCat(
          "ambiguous: nothing tells which socket it is, since ",
          absl::StrContains(address, '%')
              ? absl::StrCat(address, " means another thing on each link")
              : absl::StrCat("several network namespaces own ", address,
                             ", or a host did not tell its addresses"));
    case v1::ONE_SIDED_REASON_STALE:
      return absl::StrCat("stale: the host that owns ", address,
                          " has gone silent, and had not shown this "
                          "connection before");
    case v1::ONE_SIDED_REASON_NAT_SUSPECTED:
      return absl::StrCat(
          "NAT suspected: ", address,
          " seems to be translated on the way, since another connection of the "
          "same client lacks its other end too");
    default:
      return kNotKnown;
  }
}

}  // namespace connreg::cli
