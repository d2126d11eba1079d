#include "client/agent/summary.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "client/agent/holder_sets.h"
#include "service/model/owner.h"

namespace connreg {
namespace {

using ReasonCounts = std::map<OwnerUnknownReason, size_t>;

template <typename Rows>
void CountUnknownOwners(const Rows& rows, ReasonCounts* counts) {
  for (const auto& row : rows) {
    const Owners& owners = row.socket.owners;
    if (!owners.known()) ++(*counts)[owners.unknown_reason()];
  }
}

std::string NotPermittedText(size_t unreadable_process_count) {
  const std::string which =
      unreadable_process_count == 0
          ? "some processes are hidden"
          : absl::StrCat("no permission to look into ",
                         CountText(unreadable_process_count, "process"));
  return absl::StrCat(which,
                      "; that takes root, in a container with CAP_SYS_PTRACE "
                      "and CAP_DAC_READ_SEARCH");
}

std::string ReasonText(OwnerUnknownReason reason, const Snapshot& snapshot) {
  switch (reason) {
    case OwnerUnknownReason::kNotReported:
      return "the processes could not be read";
    case OwnerUnknownReason::kNotPermitted:
      return NotPermittedText(snapshot.unreadable_process_count);
    case OwnerUnknownReason::kNotAccepted:
      return "not accepted yet";
    case OwnerUnknownReason::kKernelOrphan:
      return "closed by its process; the kernel finishes the conversation";
    case OwnerUnknownReason::kNoHolder:
      return "no process seen here holds it; the kernel does, or one in "
             "another PID namespace";
    case OwnerUnknownReason::kEndedBeforeScan:
      return "ended before its process was looked for";
  }
  return "unknown reason";
}

}  // namespace

std::string CountText(size_t count, absl::string_view noun) {
  if (count == 1) return absl::StrCat("1 ", noun);
  return absl::StrCat(count, " ", noun, noun == "process" ? "es" : "s");
}

std::vector<std::string> UnseenLines(const Snapshot& snapshot) {
  ReasonCounts counts;
  for (const NetnsSnapshot& netns : snapshot.namespaces) {
    CountUnknownOwners(netns.listeners, &counts);
    CountUnknownOwners(netns.connections, &counts);
  }
  std::vector<std::string> lines;
  for (const auto& [reason, count] : counts) {
    lines.push_back(absl::StrCat("owner unknown of ",
                                 CountText(count, "socket"), ": ",
                                 ReasonText(reason, snapshot)));
  }
  if (snapshot.crowded_count > 0) {
    lines.push_back(absl::StrCat(CountText(snapshot.crowded_count, "socket"),
                                 " with many owners: of each at most ",
                                 kMaxOwners, " are reported, and ",
                                 kMaxOwnersTextSize >> 10, " KiB of text"));
  }
  if (snapshot.inexpressible_count > 0) {
    lines.push_back(
        absl::StrCat(CountText(snapshot.inexpressible_count, "socket"),
                     " left out: ", snapshot.inexpressible_reason));
  }
  return lines;
}

}  // namespace connreg
