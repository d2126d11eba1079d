// Asks a service as fast as gRPC allows, or tells it of a fleet, and prints
// what came of it as one line of JSON.
//
//   bench_load calls --server 127.0.0.1:7878 --kind lookup --hosts 100
//   bench_load walk --server 127.0.0.1:7878
//   bench_load fleet --server 127.0.0.1:7878 --hosts 100
//
// `fleet` takes one command from each line of its standard input: "add FIRST
// COUNT" or "remove FIRST COUNT", which name hosts; each has its line in the
// output, which is to be awaited before the next. It ends with its standard
// input, and its sessions with it.

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/lib/channel.h"
#include "client/lib/client.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/base/status_macros.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/call_load.h"
#include "tests/bench/control_thread.h"
#include "tests/bench/fleet_load.h"
#include "tests/bench/questions.h"

namespace connreg {
namespace {

struct Options {
  std::string server;
  size_t hosts = 1;
  bool ipv6 = false;
  bool two_sided = false;
  std::string kind = "lookup";
  size_t in_flight = 64;
  // As many as the kind of question has.
  size_t questions = SIZE_MAX;
  double seconds = 1;
  double warm_up = 0.2;
  pid_t server_pid = 0;
  bool echo = false;
};

AcceptingFleet FleetOf(const Options& options) {
  return AcceptingFleet(
      options.hosts,
      {.family = options.ipv6 ? SocketFamily::kIpv6 : SocketFamily::kIpv4,
       .two_sided = options.two_sided});
}

// How many answers are looked at before any is timed.
constexpr size_t kChecked = 20;

// Asks the first questions one by one, and returns the length of the shortest
// answer.
absl::StatusOr<size_t> Check(const std::shared_ptr<grpc::Channel>& channel,
                             const Questions& questions) {
  size_t shortest = SIZE_MAX;
  for (size_t i = 0; i < std::min(kChecked, questions.count()); ++i) {
    grpc::ByteBuffer answer;
    CallLoad load(channel, {BufferOf(questions.Request(i))},
                  {.path = questions.path(), .answer = &answer});
    RETURN_IF_ERROR(load.Run().status());
    ASSIGN_OR_RETURN(const std::string bytes, BytesOf(answer));
    RETURN_IF_ERROR(questions.Check(i, bytes));
    shortest = std::min(shortest, bytes.size());
  }
  return shortest;
}

void Print(const Questions& questions, size_t request_bytes,
           const CallLoad::Tally& tally, const Latencies& control) {
  const Latencies& latencies = tally.latencies;
  const auto calls = static_cast<double>(latencies.count());
  const auto micros = [](absl::Duration duration) {
    return absl::ToDoubleMicroseconds(duration);
  };
  std::cout << absl::StreamFormat(
                   "{\"calls\": %.0f, \"rows\": %.0f, \"seconds\": %.6f, "
                   "\"request_bytes\": %d, \"response_bytes\": %.0f, "
                   "\"server_cpu_us\": %.3f, \"p50_us\": %.1f, "
                   "\"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, "
                   "\"control_p999_us\": %.1f, \"control_max_us\": %.1f}",
                   calls, calls * static_cast<double>(questions.rows()),
                   absl::ToDoubleSeconds(tally.elapsed), request_bytes,
                   static_cast<double>(tally.response_bytes) / calls,
                   micros(tally.server_cpu) / calls, micros(latencies.At(0.5)),
                   micros(latencies.At(0.99)), micros(latencies.At(0.999)),
                   micros(latencies.longest()), micros(control.At(0.999)),
                   micros(control.longest()))
            << std::endl;
}

absl::Status MakeCalls(const Options& options) {
  const AcceptingFleet fleet = FleetOf(options);
  ASSIGN_OR_RETURN(const std::unique_ptr<Questions> questions,
                   Questions::Create(options.kind, fleet));
  const auto channel = ChannelTo(options.server, OurChannelArguments());
  size_t shortest = 0;
  if (!options.echo) {
    ASSIGN_OR_RETURN(shortest, Check(channel, *questions));
  }
  std::vector<grpc::ByteBuffer> requests;
  for (size_t i = 0; i < std::min(options.questions, questions->count()); ++i)
    requests.push_back(BufferOf(questions->Request(i)));
  const size_t request_bytes = requests.front().Length();
  CallLoad load(channel, std::move(requests),
                {.path = questions->path(),
                 .in_flight = options.in_flight,
                 .warm_up = absl::Seconds(options.warm_up),
                 .measured = absl::Seconds(options.seconds),
                 .least_response_bytes = shortest / 2,
                 .server = options.server_pid});
  ControlThread control;
  ASSIGN_OR_RETURN(const CallLoad::Tally tally, load.Run());
  Print(*questions, request_bytes, tally, control.Stop());
  return absl::OkStatus();
}

// Lists all connections, page by page, again and again for so long.
absl::Status Walk(const Options& options) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Client> client,
      Client::Create(options.server, {.timeout = absl::Seconds(10),
                                      .wait = absl::ZeroDuration()}));
  const absl::Time start = absl::Now();
  size_t rows = 0;
  bool is_over = false;
  v1::ListConnectionsRequest request;
  request.set_page_size(1'000);
  const auto take = [&](const v1::ListConnectionsResponse& page) {
    rows += static_cast<size_t>(page.connections_size());
    is_over = absl::Now() >= start + absl::Seconds(options.seconds);
    return is_over ? absl::CancelledError("enough") : absl::OkStatus();
  };
  while (!is_over) {
    const absl::Status status = client->ListConnections(request, take);
    if (!status.ok() && !is_over) return status;
  }
  std::cout << absl::StreamFormat("{\"rows\": %d, \"seconds\": %.6f}", rows,
                                  absl::ToDoubleSeconds(absl::Now() - start))
            << std::endl;
  return absl::OkStatus();
}

// A line of the standard input.
absl::StatusOr<FleetLoad::Timing> Obey(const std::string& line,
                                       const AcceptingFleet& fleet,
                                       FleetLoad* load) {
  std::istringstream words(line);
  std::string verb;
  size_t first = 0;
  size_t count = 0;
  words >> verb >> first >> count;
  if (words && count > 0 && first + count <= fleet.hosts()) {
    if (verb == "add") return load->Add(first, count);
    if (verb == "remove") return load->Remove(first, count);
  }
  return absl::InvalidArgumentError(absl::StrCat("no command is: ", line));
}

bool HasInput() {
  pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

absl::Status ReportFleet(const Options& options) {
  const AcceptingFleet fleet = FleetOf(options);
  FleetLoad load(options.server, fleet);
  while (true) {
    while (!HasInput()) load.Serve(absl::Milliseconds(20));
    std::string line;
    if (!std::getline(std::cin, line)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const FleetLoad::Timing timing, Obey(line, fleet, &load));
    std::cout << absl::StreamFormat("{\"rows\": %d, \"seconds\": %.6f}",
                                    timing.rows,
                                    absl::ToDoubleSeconds(timing.elapsed))
              << std::endl;
  }
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  CLI::App app("Loads a service, and prints what came of it");
  connreg::Options options;
  app.add_option("--server", options.server, "Where the service is")
      ->required();
  app.add_option("--hosts", options.hosts, "How many hosts the fleet has");
  app.add_flag("--ipv6", options.ipv6, "Its addresses are IPv6");
  app.add_flag("--two-sided", options.two_sided,
               "Its hosts report the clients of their neighbours, too");
  app.fallthrough();
  app.require_subcommand(1);
  CLI::App* const calls = app.add_subcommand("calls", "Asks about a fleet");
  calls->add_option("--kind", options.kind, "lookup, batch, list or health");
  calls->add_option("--in-flight", options.in_flight, "How many at a time");
  calls
      ->add_option("--questions", options.questions,
                   "How many different ones at most")
      ->check(CLI::PositiveNumber);
  calls->add_option("--seconds", options.seconds, "For how long");
  calls->add_option("--warm-up", options.warm_up, "For how long before that");
  calls->add_option("--server-pid", options.server_pid,
                    "Measure the processor time of this process");
  calls->add_flag("--echo", options.echo,
                  "Any answer is right: bench_echo answers");
  CLI::App* const walk = app.add_subcommand("walk", "Lists all connections");
  walk->add_option("--seconds", options.seconds, "For how long");
  CLI::App* const fleet = app.add_subcommand("fleet", "Reports a fleet");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = fleet->parsed()  ? connreg::ReportFleet(options)
                              : walk->parsed() ? connreg::Walk(options)
                                               : connreg::MakeCalls(options);
  if (!status.ok()) std::cerr << "bench_load: " << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
