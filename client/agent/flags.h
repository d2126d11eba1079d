#ifndef CONNREG_CLIENT_AGENT_FLAGS_H_
#define CONNREG_CLIENT_AGENT_FLAGS_H_

#include <ostream>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "client/agent/exit_code.h"
#include "service/base/logger.h"

namespace connreg {

// What the command line and the environment ask of connreg-agent.
struct Flags {
  // Report what is there now, and end.
  bool once = false;
  std::string server = "127.0.0.1:7878";
  absl::Duration interval = absl::Seconds(5);
  absl::Duration ttl = absl::Seconds(30);
  // How much of one processor the looks may take, of 100.
  int max_cpu_percent = 10;
  // The longest time between two tries to reach the service.
  absl::Duration max_backoff = absl::Seconds(10);
  // How long the service may take to answer.
  absl::Duration ack_timeout = absl::Seconds(10);
  // How often the service is asked whether it has what was reported.
  absl::Duration digest_interval = absl::Minutes(1);
  // Take back what was reported when the agent is stopped.
  bool remove_on_exit = false;
  std::string host;
  std::string network = "default";
  // "all" network namespaces of the host, or the agent's "own" alone.
  std::string netns = "all";
  // Tell what processes were started with.
  bool report_arguments = false;
  Logger::Options log;
};

// The flags; or, where nothing is left to do, the exit code: help and the
// version were written to `out`, or what is wrong, in one line, to `err`.
//
// `host_name` is what --host is if nothing says otherwise.
std::variant<Flags, ExitCode> ParseFlags(int argc, const char* const* argv,
                                         const std::string& host_name,
                                         std::ostream& out, std::ostream& err);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_FLAGS_H_
