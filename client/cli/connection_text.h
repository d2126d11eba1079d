#ifndef CONNREG_CLIENT_CLI_CONNECTION_TEXT_H_
#define CONNREG_CLIENT_CLI_CONNECTION_TEXT_H_

#include <string>
#include <vector>

#include "client/cli/ends.h"
#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

// The parts of a connection in words for people, both ends together.
namespace connreg::cli {

// Stands for an end of which a thing is not known.
inline constexpr char kNotKnown[] = "?";

// "ESTAB", "FIN-WAIT-2/CLOSE-WAIT"; of one that has ended "CLOSED".
std::string StatesText(const Ends& ends, const v1::Closure* closure);

// "web1 > db1", "web1 > (unmanaged)"; of both ends on one host "web1".
std::string HostsText(const Ends& ends, v1::OneSidedReason reason);

// The network namespaces; once if they are one.
std::string NetnsesText(const Ends& ends);

// Whether both ends initiated it (RFC 9293 §3.5).
bool IsSimultaneous(const v1::Connection& connection);

// What a user should know of it: how it ended, which hosts are silent, what its
// ends disagree in. Each in brackets: "[half-closed]".
std::vector<std::string> NotesOf(const v1::Connection& connection,
                                 const Style& style);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_CONNECTION_TEXT_H_
