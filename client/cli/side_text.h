#ifndef CONNREG_CLIENT_CLI_SIDE_TEXT_H_
#define CONNREG_CLIENT_CLI_SIDE_TEXT_H_

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/render.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"

// One end of a connection in sentences for people, where tables have a word.
namespace connreg::cli {

// "10.0.0.5:6379 on db1, netns blue (4026531841)".
std::string PlaceText(const v1::Observation& side);

// A line for each of the first processes, and one that counts the others; of
// none, the one that says why.
std::vector<std::string> HolderTexts(const v1::Owners& owners);

// "server: accepted from the listener 0.0.0.0:6379, which still waits". Where
// the end itself does not show its role, that of the connection does, if
// `is_known_otherwise`. `waiting` is null if nobody looked for the listener.
std::string RoleText(const v1::Observation& side, bool is_known_otherwise,
                     const Listeners* waiting);

// "4m12s ago, changed 2m ago", "2h ago, closed 4m12s ago (reported gone)".
std::string SeenText(const v1::Observation& side, const Style& style);

// Why the end at `missing` is not reported, of a connection that is there, or
// that has ended.
std::string MissingText(const v1::Endpoint& missing, v1::OneSidedReason reason,
                        bool has_ended);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_SIDE_TEXT_H_
