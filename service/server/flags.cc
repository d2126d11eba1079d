#include "service/server/flags.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/flags/duration.h"
#include "service/flags/flag.h"
#include "service/flags/log_flags.h"
#include "service/flags/program.h"

namespace connreg {
namespace {

constexpr char kFooter[] =
    "Exit codes:\n"
    "  0  stopped by SIGTERM, SIGINT or SIGHUP, after the calls in flight\n"
    "  2  wrong usage\n"
    "  3  it could not listen\n";

// Longer than anybody waits, and short enough to be added to any time.
constexpr flags::DurationRange kUpToAYear = {absl::ZeroDuration(),
                                             absl::Hours(365 * 24)};

constexpr flags::DurationRange kUpToADay = {absl::ZeroDuration(),
                                            absl::Hours(24)};

// More than any machine holds.
constexpr uint64_t kMostRows = 1'000'000'000;
constexpr uint64_t kMostReporters = 10'000'000;

// Not less than agents count on.
constexpr flags::SizeRange kRequestSizes = {4 << 20, 64 << 20};

absl::Status CheckListenAddress(const std::string& text) {
  return ListenAddress::Parse(text).status();
}

// What --metrics-listen says; unset for "none".
absl::StatusOr<std::optional<ListenAddress>> MetricsListenAddress(
    const std::string& text) {
  constexpr char kAdvice[] = "HOST:PORT, [IPV6]:PORT or none";
  if (text == "none") return std::nullopt;
  ASSIGN_OR_RETURN(ListenAddress address, ListenAddress::Parse(text, kAdvice));
  if (address.is_unix) {
    return InvalidArgument(
        "LISTEN_ADDRESS_MALFORMED",
        absl::StrCat("listen address \"", text,
                     "\": metrics are served over TCP alone; write ", kAdvice));
  }
  return address;
}

absl::Status CheckMetricsListenAddress(const std::string& text) {
  return MetricsListenAddress(text).status();
}

// The flags that are texts until all are known.
struct Texts {
  std::vector<std::string> listen = {"127.0.0.1:7878"};
  std::string metrics_listen = "127.0.0.1:7879";
};

void AddServing(CLI::App* app, Texts* texts, ServerFlags* server_flags) {
  flags::AddList(app,
                 {.name = "--listen",
                  .help = "Where to serve: HOST:PORT, [IPV6]:PORT or "
                          "unix:PATH. Repeat it, or separate addresses by "
                          "commas, for several",
                  .type = "ADDRESS"},
                 CheckListenAddress, &texts->listen);
  flags::AddText(app,
                 {.name = "--metrics-listen",
                  .help = "Where to serve Prometheus' /metrics: HOST:PORT, "
                          "[IPV6]:PORT or none",
                  .type = "ADDRESS"},
                 CheckMetricsListenAddress, &texts->metrics_listen);
  flags::AddSwitch(app,
                   {.name = "--reflection",
                    .help = "Serve gRPC reflection, for tools that ask for the "
                            "API"},
                   &server_flags->reflection);
  flags::AddSize(
      app,
      {.name = "--max-request-size", .help = "The largest request to take"},
      kRequestSizes, &server_flags->max_request_bytes);
}

void AddTimes(CLI::App* app, Registry::Options* options) {
  flags::AddDuration(app,
                     {.name = "--grace",
                      .help = "How long a host keeps its rows, marked stale, "
                              "after its agent's lease has lapsed"},
                     kUpToAYear, &options->grace);
  flags::AddDuration(
      app,
      {.name = "--sync-time",
       .help =
           "For how long from the start answers say that hosts may not have "
           "come back yet: as long as agents take to, and one lease; up to "
           "twice as long while one is amid its first snapshot; 0s: they "
           "never say so"},
      kUpToAYear, &options->sync_time);
  flags::AddDuration(
      app,
      {.name = "--reconnect-window",
       .help = "Over how long a time agents spread when they come back after "
               "they have lost their streams, at most --sync-time, which is "
               "to be longer by one lease"},
      kUpToADay, &options->reconnect_window);
  flags::AddCount(
      app,
      {.name = "--expect-hosts",
       .help = "How many hosts there should be, 0 if that is not "
               "known; once as many have reported, if only in part, "
               "--sync-time is over"},
      {.max = kMostReporters}, &options->expected_hosts);
  flags::AddDuration(app,
                     {.name = "--closed-age",
                      .help = "How long closed connections and expired hosts "
                              "are remembered"},
                     kUpToAYear, &options->closed_age);
  flags::AddSwitch(
      app,
      {.name = "--hold-expiry",
       .help = "Keep the rows of stale hosts for longer while very "
               "many have gone silent at once: more than 20, and "
               "30 % of those with an agent"},
      &options->hold_expiry);
}

void AddLimits(CLI::App* app, Registry::Options* options) {
  flags::AddCount(app,
                  {.name = "--closed-rows",
                   .help = "How many rows of closed connections are "
                           "remembered: two of one that both ends reported"},
                  {.max = kMostRows}, &options->closed_rows);
  flags::AddCount(app,
                  {.name = "--max-rows",
                   .help = "The most listeners and connections to hold"},
                  {.min = 1, .max = kMostRows}, &options->limits.rows);
  flags::AddCount(app,
                  {.name = "--max-rows-per-reporter",
                   .help = "The most of them to hold of one reporter"},
                  {.min = 1, .max = kMostRows},
                  &options->limits.rows_per_reporter);
  flags::AddCount(app,
                  {.name = "--max-reporters",
                   .help = "The most reporters to have at a time"},
                  {.min = 1, .max = kMostReporters},
                  &options->limits.reporters);
}

// Else answers would be complete while agents are still to stay away.
absl::Status CheckTimes(const Registry::Options& options) {
  const bool syncs = options.sync_time > absl::ZeroDuration();
  if (!syncs || options.reconnect_window <= options.sync_time)
    return absl::OkStatus();
  return InvalidArgument(
      "RECONNECT_WINDOW_TOO_LONG",
      absl::StrCat(
          "--reconnect-window: ", flags::DurationText(options.reconnect_window),
          " is longer than --sync-time, ",
          flags::DurationText(options.sync_time),
          ": answers would be complete before agents are back; write "
          "a --sync-time that is longer by one lease"));
}

absl::StatusOr<std::vector<ListenAddress>> ListenAddresses(
    const std::vector<std::string>& texts) {
  std::vector<ListenAddress> addresses;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(ListenAddress address, ListenAddress::Parse(text));
    const bool repeated = std::find(addresses.begin(), addresses.end(),
                                    address) != addresses.end();
    if (repeated && address.port != "0") {
      return InvalidArgument(
          "LISTEN_ADDRESS_REPEATED",
          absl::StrCat("listen address \"", text, "\": given twice"));
    }
    addresses.push_back(std::move(address));
  }
  return addresses;
}

}  // namespace

absl::StatusOr<std::variant<ServerFlags, std::string>> ParseServerFlags(
    int argc, const char* const* argv) {
  flags::Program program(
      {.name = "connregd",
       .version = CONNREG_VERSION,
       .summary = "connregd keeps the registry of every listener and "
                  "connection in a fleet, and answers for it over gRPC.",
       .footer = kFooter});
  ServerFlags server_flags;
  Texts texts;
  AddServing(program.app(), &texts, &server_flags);
  AddTimes(program.app(), &server_flags.registry);
  AddLimits(program.app(), &server_flags.registry);
  flags::LogFlags log;
  flags::AddLogFlags(program.app(), &log);
  ASSIGN_OR_RETURN(std::optional<std::string> printed,
                   program.Parse(argc, argv));
  if (printed) return *std::move(printed);
  RETURN_IF_ERROR(CheckTimes(server_flags.registry));
  ASSIGN_OR_RETURN(server_flags.listen, ListenAddresses(texts.listen));
  ASSIGN_OR_RETURN(server_flags.metrics_listen,
                   MetricsListenAddress(texts.metrics_listen));
  server_flags.registry.max_message_bytes = server_flags.max_request_bytes;
  server_flags.log = log.options();
  return server_flags;
}

}  // namespace connreg
