#include "client/cli/connection_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/origins.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kClosed[] = "CLOSED";

std::string StateOf(const v1::Observation& side) {
  return StateText(side.state());
}

std::string HostOf(const v1::Observation& side) {
  return Displayable(side.provenance().reporter().host());
}

std::string NetnsOf(const v1::Observation& side) {
  return NetnsText(side.socket());
}

std::string ReasonText(v1::OneSidedReason reason) {
  switch (reason) {
    case v1::ONE_SIDED_REASON_UNMANAGED:
      return "(unmanaged)";
    case v1::ONE_SIDED_REASON_NOT_REPORTED:
      return "(not reported)";
    case v1::ONE_SIDED_REASON_AMBIGUOUS:
      return "(ambiguous)";
    case v1::ONE_SIDED_REASON_STALE:
      return "(stale)";
    case v1::ONE_SIDED_REASON_NAT_SUSPECTED:
      return "(nat suspected)";
    default:
      return kNotKnown;
  }
}

std::string ConflictText(int conflict) {
  switch (conflict) {
    case v1::CONNECTION_CONFLICT_HALF_CLOSED:
      return "half-closed";
    case v1::CONNECTION_CONFLICT_ROLES_DISAGREE:
      return "roles disagree";
    case v1::CONNECTION_CONFLICT_ONE_END_STALE:
      return "one end stale";
    default:
      return kNotKnown;
  }
}

bool IsStale(const v1::Observation& side) {
  return side.derived().has_stale_since_time();
}

// Which of the hosts are silent; empty if none is.
std::string StaleText(const v1::Connection& connection) {
  const auto& sides = connection.observations();
  const auto stale = std::find_if(sides.begin(), sides.end(), IsStale);
  if (stale == sides.end()) return "";
  return std::all_of(sides.begin(), sides.end(), IsStale)
             ? "stale"
             : absl::StrCat(HostOf(*stale), " stale");
}

std::string ClosureText(const v1::Closure& closure, const Style& style) {
  return absl::StrCat("closed ", TimeText(closure.close_time(), style), ": ",
                      CloseReasonText(closure.reason()));
}

}  // namespace

std::string StatesText(const Ends& ends, const v1::Closure* closure) {
  if (closure) return kClosed;
  if (ends.first_side && ends.second_side && !ends.Agree(StateOf)) {
    return absl::StrCat(StateOf(*ends.first_side), "/",
                        StateOf(*ends.second_side));
  }
  const v1::Observation* known = ends.only         ? ends.only
                                 : ends.first_side ? ends.first_side
                                                   : ends.second_side;
  return StateOf(*known);
}

std::string HostsText(const Ends& ends, v1::OneSidedReason reason) {
  return ends.Agree(HostOf) ? HostOf(*ends.first_side)
                            : ends.Both(HostOf, ReasonText(reason));
}

std::string NetnsesText(const Ends& ends) {
  return ends.Agree(HostOf) && ends.Agree(NetnsOf)
             ? NetnsOf(*ends.first_side)
             : ends.Both(NetnsOf, kNotKnown);
}

bool IsSimultaneous(const v1::Connection& connection) {
  return connection.derived().role_evidence() == v1::ROLE_EVIDENCE_SIMULTANEOUS;
}

std::vector<std::string> NotesOf(const v1::Connection& connection,
                                 const Style& style) {
  std::vector<std::string> notes;
  const auto note = [&](const std::string& text) {
    notes.push_back(absl::StrCat("[", text, "]"));
  };
  const v1::Closure* const closure = ClosureOf(connection);
  const std::string stale = StaleText(connection);
  if (closure) note(ClosureText(*closure, style));
  if (!stale.empty()) note(stale);
  if (IsSimultaneous(connection)) note("simultaneous open");
  for (const int conflict : connection.derived().conflicts()) {
    const bool is_said =
        (conflict == v1::CONNECTION_CONFLICT_ONE_END_STALE && !stale.empty()) ||
        (conflict == v1::CONNECTION_CONFLICT_HALF_CLOSED && closure != nullptr);
    if (!is_said) note(ConflictText(conflict));
  }
  return notes;
}

}  // namespace connreg::cli
