#include "client/agent/flags.h"

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/lib/server_address.h"
#include "service/flags/duration.h"
#include "service/flags/flag.h"
#include "service/flags/log_flags.h"
#include "service/flags/program.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  connreg-agent\n"
    "  connreg-agent --server registry.example.com:7878 --interval 1s\n"
    "  connreg-agent --once --ttl 10m\n"
    "\n"
    "Exit codes:\n"
    "  0  stopped by SIGTERM, SIGINT or SIGHUP; with --once: all is reported\n"
    "  1  with --once: not all could be read, or was taken\n"
    "  2  wrong usage\n"
    "  3  with --once: the service does not answer\n";

// What the service takes.
constexpr flags::DurationRange kTtls = {absl::Seconds(1), absl::Hours(24)};

constexpr flags::DurationRange kIntervals = {absl::Milliseconds(100),
                                             absl::Hours(1)};

constexpr flags::DurationRange kPatiences = {absl::Milliseconds(100),
                                             absl::Hours(1)};

absl::Status CheckName(const std::string& text) {
  return CheckRequiredText("name", text);
}

absl::Status CheckServer(const std::string& text) {
  return GrpcTarget(text).status();
}

void AddServiceFlags(CLI::App* app, Flags* flags) {
  flags::AddDuration(app,
                     {.name = "--ack-timeout",
                      .help = "How long the service may take to answer before "
                              "another connection is tried"},
                     kPatiences, &flags->ack_timeout);
  flags::AddDuration(app,
                     {.name = "--max-backoff",
                      .help = "The longest time between two tries to reach the "
                              "service; connregd's --reconnect-window counts "
                              "where that is longer"},
                     kPatiences, &flags->max_backoff);
  flags::AddDuration(app,
                     {.name = "--digest-interval",
                      .help = "How often the service is asked whether it has "
                              "what was reported"},
                     kTtls, &flags->digest_interval);
  flags::AddSwitch(app,
                   {.name = "--remove-on-exit",
                    .help = "Take back what was reported when the agent is "
                            "stopped: it will not come back"},
                   &flags->remove_on_exit);
}

void AddFlags(CLI::App* app, Flags* flags) {
  flags::AddSwitch(app,
                   {.name = "--once",
                    .help = "Report what is there now, and exit",
                    .command_line_only = true},
                   &flags->once);
  flags::AddText(app,
                 {.name = "--server",
                  .help = "The service: HOST:PORT, [IPV6]:PORT or unix:PATH",
                  .type = "ADDRESS"},
                 CheckServer, &flags->server);
  flags::AddDuration(app,
                     {.name = "--interval",
                      .help = "How long to wait between two looks at the "
                              "sockets"},
                     kIntervals, &flags->interval);
  flags::AddCount(app,
                  {.name = "--max-cpu",
                   .help = "How much of one processor the looks may take, of "
                           "100: where they take more, the interval grows"},
                  {1, 100}, &flags->max_cpu_percent);
  flags::AddDuration(app,
                     {.name = "--ttl",
                      .help = "How long the host counts as live while the "
                              "service hears nothing of it; with --once, how "
                              "long a report is believed"},
                     kTtls, &flags->ttl);
  flags::AddText(app,
                 {.name = "--host",
                  .help = "The name of this host, unique in the fleet",
                  .type = "NAME"},
                 CheckName, &flags->host);
  flags::AddText(app,
                 {.name = "--network",
                  .help = "The address space that the host's addresses are "
                          "unique in",
                  .type = "NAME"},
                 CheckName, &flags->network);
  flags::AddChoice(app,
                   {.name = "--netns",
                    .help = "Report all network namespaces of the host, which "
                            "takes CAP_SYS_ADMIN, or the agent's own alone"},
                   {"all", "own"}, &flags->netns);
  AddServiceFlags(app, flags);
  flags::AddSwitch(app,
                   {.name = "--report-arguments",
                    .help = "Report the arguments of processes too, which can "
                            "hold secrets"},
                   &flags->report_arguments);
}

}  // namespace

std::variant<Flags, ExitCode> ParseFlags(int argc, const char* const* argv,
                                         const std::string& host_name,
                                         std::ostream& out, std::ostream& err) {
  Flags flags;
  flags.host = host_name;
  flags::Program program(
      {.name = "connreg-agent",
       .version = CONNREG_VERSION,
       .summary = "connreg-agent reports the TCP and UDP sockets of this host "
                  "to connregd, until it is stopped. It sees what its user may "
                  "see; run it as root to see the processes and the network "
                  "namespaces of all users.",
       .footer = kFooter});
  AddFlags(program.app(), &flags);
  flags::LogFlags log;
  flags::AddLogFlags(program.app(), &log);
  const absl::StatusOr<std::optional<std::string>> printed =
      program.Parse(argc, argv);
  if (printed.ok() && *printed) {
    out << **printed;
    return ExitCode::kReported;
  }
  if (!printed.ok()) {
    err << "connreg-agent: " << printed.status().message() << "\n";
    return ExitCode::kUsage;
  }
  flags.log = log.options();
  return flags;
}

}  // namespace connreg
