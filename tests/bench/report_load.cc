// The agents of many hosts in one process, each with a Report stream of its
// own, and somebody who asks about their connections all the while.
//
//   report_load --server unix:/run/connreg.sock --hosts 1000 --rows 1000
//
// It says when all hosts are in step, and when they no longer are. For each
// line on its standard input it says how lookups were answered since the line
// before, and it ends with its standard input.

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "client/lib/client.h"
#include "client/lib/report_stream.h"
#include "service/base/clock.h"
#include "service/base/status_macros.h"
#include "tests/bench/load_agent.h"
#include "tests/bench/lookup_load.h"
#include "tests/bench/ring_fleet.h"

namespace connreg {
namespace {

struct Options {
  std::string server;
  size_t hosts = 1'000;
  size_t rows = 1'000;
};

// Drives all agents from one thread.
class Load {
 public:
  explicit Load(const RingFleet& fleet)
      : fleet_(fleet), clock_(Clock::System()), start_(clock_.Monotonic()) {
    waited_for_.push_back({.fd = STDIN_FILENO, .events = POLLIN, .revents = 0});
  }

  // One more host of the fleet.
  void Add(std::unique_ptr<ReportStream> stream) {
    const size_t host = agents_.size();
    waited_for_.insert(
        waited_for_.end() - 1,
        {.fd = stream->descriptor(), .events = POLLIN, .revents = 0});
    agents_.push_back(std::make_unique<LoadAgent>(
        RingFleet::NameOf(host), fleet_.SnapshotOf(host), std::move(stream),
        clock_,
        [this] { return std::uniform_real_distribution<double>()(random_); }));
    due_.push_back(start_);
  }

  // Until something stands on the standard input, or that has ended.
  void RunUntilInput() {
    while (waited_for_.back().revents == 0) {
      const absl::Duration now = clock_.Monotonic();
      for (size_t i = 0; i < agents_.size(); ++i) {
        if (due_[i] > now && waited_for_[i].revents == 0) continue;
        due_[i] = now + agents_[i]->Round();
      }
      TellWhoIsInStep();
      Wait();
    }
    waited_for_.back().revents = 0;
  }

 private:
  void Wait() {
    const absl::Duration next = *std::min_element(due_.begin(), due_.end());
    const absl::Duration wait = std::clamp(
        next - clock_.Monotonic(), absl::ZeroDuration(), absl::Seconds(1));
    poll(waited_for_.data(), waited_for_.size(),
         static_cast<int>(absl::ToInt64Milliseconds(
             absl::Ceil(wait, absl::Milliseconds(1)))));
  }

  void TellWhoIsInStep() {
    const bool all =
        std::all_of(agents_.begin(), agents_.end(),
                    [](const auto& agent) { return agent->in_step(); });
    if (all == all_in_step_) return;
    all_in_step_ = all;
    const absl::Duration now = clock_.Monotonic();
    if (!all) {
      start_ = now;
      std::cout << "not all hosts are in step" << std::endl;
      return;
    }
    std::cout << absl::StreamFormat("all hosts are in step after %.1f s",
                                    absl::ToDoubleSeconds(now - start_))
              << std::endl;
  }

  const RingFleet& fleet_;
  const Clock& clock_;
  std::mt19937_64 random_{std::random_device()()};
  std::vector<std::unique_ptr<LoadAgent>> agents_;
  // When each agent's next round is, on the monotonic clock.
  std::vector<absl::Duration> due_;
  // The agents' descriptors, then the standard input.
  std::vector<pollfd> waited_for_;
  bool all_in_step_ = false;
  // Since when not all have been.
  absl::Duration start_;
};

absl::Status Run(const Options& options) {
  const RingFleet fleet(options.hosts, options.rows);
  Load load(fleet);
  for (size_t host = 0; host < fleet.hosts(); ++host) {
    ASSIGN_OR_RETURN(std::unique_ptr<ReportStream> stream,
                     ReportStream::Create(options.server, absl::Seconds(10)));
    load.Add(std::move(stream));
  }
  ASSIGN_OR_RETURN(
      std::unique_ptr<Client> client,
      Client::Create(options.server, {.timeout = absl::Seconds(10),
                                      .wait = absl::ZeroDuration()}));
  LookupLoad lookups(fleet, std::move(client));
  std::string line;
  while (true) {
    load.RunUntilInput();
    if (!std::getline(std::cin, line)) return absl::OkStatus();
    std::cout << lookups.Tell() << std::endl;
  }
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  CLI::App app("The agents of many hosts in one process");
  connreg::Options options;
  app.add_option("--server", options.server, "Where the service is")
      ->required();
  app.add_option("--hosts", options.hosts, "How many hosts")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--rows", options.rows, "How many rows of each")
      ->check(CLI::Range(3, 40'000));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = connreg::Run(options);
  if (!status.ok()) std::cerr << "report_load: " << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
