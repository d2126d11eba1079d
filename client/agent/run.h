#ifndef CONNREG_CLIENT_AGENT_RUN_H_
#define CONNREG_CLIENT_AGENT_RUN_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/agent/collector.h"
#include "client/agent/exit_code.h"
#include "client/agent/flags.h"
#include "client/agent/reporter.h"

namespace connreg {

// What the agent is called that reports on and on: the same from one run to the
// next, so that a run finds what the one before has reported. `own_netns` is
// Kernel::NetnsName(); it makes no difference to one that reports all network
// namespaces.
std::string AgentName(const Flags& flags, absl::string_view own_netns);

// What is wrong and what to do about it, in one line without its line break.
//
// REQUIRES: !status.ok()
std::string ErrorLine(const absl::Status& status);

// REQUIRES: !status.ok()
ExitCode ExitCodeOf(const absl::Status& status);

// The agent called `name` of the host and network that `flags` say.
Reporter ReporterOf(const Flags& flags, absl::string_view name);

// Takes one snapshot and reports it as the agent called `reporter_name`: one
// that no other run has, so that it does not prolong what an earlier run
// reported and this one no longer sees. Tells people on `out` what was reported
// and what could not be seen, and on `err` what went wrong.
//
// If an agent that reports on and on for the same network namespace has a
// lease, nothing is reported: what this run saw would outlive its sockets
// beside what that sees.
ExitCode RunOnce(const Flags& flags, absl::string_view reporter_name,
                 const Collector& collector, ServiceCalls& service,
                 std::ostream& out, std::ostream& err);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_RUN_H_
