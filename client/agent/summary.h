#ifndef CONNREG_CLIENT_AGENT_SUMMARY_H_
#define CONNREG_CLIENT_AGENT_SUMMARY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/agent/snapshot.h"

// What the agent tells people, each line without its line break.
namespace connreg {

// "1 socket", "3 sockets".
std::string CountText(size_t count, absl::string_view noun);

// What the sockets in `snapshot` lack, and what would help: for each reason,
// how many of them have an owner that is not known, and how many could not be
// put into words. Empty if they lack nothing.
std::vector<std::string> UnseenLines(const Snapshot& snapshot);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SUMMARY_H_
