// What a look of the agent costs beside what it cannot do without, and beside
// ss(8).
//
//   agent_scan [--sockets 28000] [--processes 100] [--pairs 15]
//     [--only dump|ss]
//   agent_scan --sockets 10000 -- COMMAND...
//
// Opens TCP connections over loopback in a network namespace of its own, and
// measures in turns
//   dump   the kernel's dump of all sockets, read and thrown away,
//   diff   a look without processes, and its difference from the look before,
//   ss     `ss -tanp`,
//   look   a look with processes, and its difference from the look before,
// and prints a line of JSON: the medians, and the medians of the ratios of the
// pairs. With a COMMAND it becomes that, once the connections are open.
//
// It takes root.

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/agent/collector.h"
#include "client/agent/kernel.h"
#include "client/agent/ledger.h"
#include "client/agent/netlink_socket.h"
#include "client/agent/netns_table.h"
#include "client/agent/proc.h"
#include "tests/bench/loopback_holders.h"

extern char** environ;

namespace connreg {
namespace {

struct Options {
  int sockets = 28'000;
  int processes = 100;
  int pairs = 15;
  // Empty: all.
  std::string only;
  std::vector<std::string> command;
};

struct Cost {
  double wall_ms = 0;
  double cpu_ms = 0;
};

double CpuMs(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return absl::ToDoubleMilliseconds(absl::DurationFromTimeval(usage.ru_utime) +
                                    absl::DurationFromTimeval(usage.ru_stime));
}

// What `work` costs, of which the processors are used by `who`.
template <typename Work>
Cost Measure(int who, Work work) {
  const double cpu = CpuMs(who);
  const absl::Time begin = absl::Now();
  work();
  return {absl::ToDoubleMilliseconds(absl::Now() - begin), CpuMs(who) - cpu};
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "agent_scan: " << status.message() << "\n";
  std::exit(1);
}

// Reads a dump as the agent asks for it, and throws it away.
void Dump(uint8_t family, uint8_t protocol, uint32_t states) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = protocol;
  request.idiag_states = states;
  const auto socket = NetlinkSocket::Open(NETLINK_SOCK_DIAG);
  Require(socket.status());
  Require(socket->Send(
      PackRequest(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, 1, BytesOf(request))));
  std::vector<uint8_t> buffer(64 * 1024);
  while (true) {
    const auto datagram = socket->Receive(absl::MakeSpan(buffer));
    Require(datagram.status());
    if (LoadAs<nlmsghdr>(*datagram).nlmsg_type == NLMSG_DONE) return;
  }
}

// Of all tables, and all states that the agent asks for.
void DumpAll() {
  constexpr uint32_t kTcpStates = 0xfff & ~(1u << 6) & ~(1u << 7);
  constexpr uint32_t kUdpStates = 1u << 1 | 1u << 7;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    Dump(family, IPPROTO_TCP, kTcpStates | 1u << 12);
    Dump(family, IPPROTO_UDP, kUdpStates);
  }
}

void RunSs() {
  const char* const arguments[] = {"ss", "-tanp", nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                   0);
  pid_t pid = 0;
  int status = 0;
  if (posix_spawnp(&pid, "ss", &files, nullptr,
                   const_cast<char* const*>(arguments), environ) != 0 ||
      waitpid(pid, &status, 0) != pid || status != 0)
    Require(absl::UnavailableError("cannot run ss"));
  posix_spawn_file_actions_destroy(&files);
}

// Processes that nobody looks for.
class NoProcesses final : public ProcessTable {
 public:
  absl::StatusOr<std::shared_ptr<const SocketHolders>> FindSocketHolders(
      absl::Span<const uint64_t>) const override {
    return nobody_;
  }

 private:
  const std::shared_ptr<const SocketHolders> nobody_ =
      std::make_shared<SocketHolders>();
};

// An agent that looks, and is in step with its registry.
class Looker {
 public:
  Looker(const ProcessTable& processes, const std::string& netns)
      : collector_(netns_, processes, netns) {
    Look();
    ledger_.BeginSession();
  }

  void Look() { ledger_.Take(collector_.Collect()); }
  // How many sockets there are, if nothing has changed.
  size_t sockets() const {
    if (!ledger_.in_step()) Require(absl::InternalError("something changed"));
    return ledger_.listener_count() + ledger_.connection_count();
  }

 private:
  const OwnNetns netns_;
  const Collector collector_;
  Ledger ledger_;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double Median(const std::vector<Cost>& costs, double Cost::*of) {
  std::vector<double> values;
  for (const Cost& cost : costs) values.push_back(cost.*of);
  return Median(std::move(values));
}

// The median of the ratios of the pairs.
double Ratio(const std::vector<Cost>& ours, const std::vector<Cost>& theirs,
             double Cost::*of) {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.size(); ++i)
    ratios.push_back(ours[i].*of / theirs[i].*of);
  return Median(std::move(ratios));
}

double Mean(const std::vector<Cost>& costs, double Cost::*of) {
  double sum = 0;
  for (const Cost& cost : costs) sum += cost.*of;
  return sum / static_cast<double>(costs.size());
}

// A line of JSON of `name`d ratios, of `ours` by `theirs`.
void Print(const std::string& name, size_t sockets,
           const std::vector<Cost>& ours, const std::vector<Cost>& theirs) {
  absl::PrintF(
      "{\"name\": \"%s\", \"sockets\": %d, \"ratio\": %.3f, \"cpu_ratio\": "
      "%.3f, \"ours_ms\": %.2f, \"theirs_ms\": %.2f, \"ours_cpu_ms\": %.2f, "
      "\"theirs_cpu_ms\": %.2f, \"ours_mean_cpu_ms\": %.2f}\n",
      name, sockets, Ratio(ours, theirs, &Cost::wall_ms),
      Ratio(ours, theirs, &Cost::cpu_ms), Median(ours, &Cost::wall_ms),
      Median(theirs, &Cost::wall_ms), Median(ours, &Cost::cpu_ms),
      Median(theirs, &Cost::cpu_ms), Mean(ours, &Cost::cpu_ms));
}

void MeasurePairs(const Options& options, const std::string& netns) {
  const NoProcesses no_processes;
  const ProcFs all_processes("/proc");
  Looker without(no_processes, netns);
  Looker with(all_processes, netns);
  std::vector<Cost> dumps, diffs, listings, looks;
  for (int i = 0; i < options.pairs; ++i) {
    if (options.only != "ss") {
      dumps.push_back(Measure(RUSAGE_SELF, DumpAll));
      diffs.push_back(Measure(RUSAGE_SELF, [&] { without.Look(); }));
    }
    if (options.only != "dump") {
      listings.push_back(Measure(RUSAGE_CHILDREN, RunSs));
      looks.push_back(Measure(RUSAGE_SELF, [&] { with.Look(); }));
    }
  }
  if (!dumps.empty())
    Print("agent_scan_by_dump", without.sockets(), diffs, dumps);
  if (!looks.empty())
    Print("agent_look_by_ss", with.sockets(), looks, listings);
}

void Become(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::perror(arguments[0]);
}

int Run(const Options& options) {
  const LoopbackHolders holders(options.sockets / 2, options.processes);
  if (!options.command.empty()) {
    Become(options.command);
    return 1;
  }
  const absl::StatusOr<std::string> netns = LinuxKernel().NetnsName();
  Require(netns.status());
  MeasurePairs(options, *netns);
  return 0;
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  connreg::Options options;
  CLI::App app("What a look of the agent costs");
  app.add_option("--sockets", options.sockets, "Ends of connections");
  app.add_option("--processes", options.processes, "That hold them");
  app.add_option("--pairs", options.pairs, "Measurements");
  app.add_option("--only", options.only, "Measure only by this one")
      ->check(CLI::IsMember({"dump", "ss"}));
  app.add_option("command", options.command, "What to become instead");
  CLI11_PARSE(app, argc, argv);
  return connreg::Run(options);
}
