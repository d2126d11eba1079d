#ifndef CONNREG_CLIENT_AGENT_NETNS_SEARCH_H_
#define CONNREG_CLIENT_AGENT_NETNS_SEARCH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/agent/files.h"
#include "client/agent/netns_table.h"

namespace connreg {

// Where `ip netns` keeps a name for each network namespace, as this process
// sees it and as the host does.
inline constexpr absl::string_view kNetnsFolders[] = {"/run/netns",
                                                      "/proc/1/root/run/netns"};

// A network namespace, and its file, which keeps it from ending; or why it
// cannot be opened.
struct HeldNetns {
  FoundNetns found;
  absl::StatusOr<Descriptor> file;
};

struct NetnsFindings {
  // That of the calling thread.
  FoundNetns own;
  // By inode.
  std::vector<HeldNetns> others;
  // As NetnsVisit has them.
  size_t hidden_processes = 0;
  absl::Status listing;
};

// Looks for network namespaces: at those of the processes that `proc`, a
// mounted proc(5), shows, and at what lies in `folders` under their names.
//
// That of process 1 is the host's own, and has no container's name.
NetnsFindings FindNetns(const std::string& proc,
                        absl::Span<const absl::string_view> folders);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NETNS_SEARCH_H_
