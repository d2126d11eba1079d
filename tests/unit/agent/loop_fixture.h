#ifndef CONNREG_TESTS_UNIT_AGENT_LOOP_FIXTURE_H_
#define CONNREG_TESTS_UNIT_AGENT_LOOP_FIXTURE_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/agent/collector.h"
#include "client/agent/report_loop.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/agent/fake_host.h"
#include "tests/unit/agent/fake_registry.h"

namespace connreg {

// Looks that take as long, of the clock and of the processor, as a test says,
// and are done when that has passed.
class FakeLooks : public Looks {
 public:
  FakeLooks(const Collector& collector, EndsTable& ends, FakeClock& clock)
      : collector_(collector), ends_(ends), clock_(clock) {}

  void Begin() override {
    ++begun;
    EndsTable::Search search = ends_.Begin();
    found_ =
        collector_.Collect([&](const std::string& netns,
                               const FoundNetns& found, const Kernel& kernel) {
          return search.NoteNetns(netns, found, kernel);
        });
    search_ = std::move(search);
    done_at_ = clock_.Monotonic() + takes;
    cpu_time += takes;
  }
  int descriptor() const override { return -1; }
  std::optional<Snapshot> Take() override {
    if (!found_ || clock_.Monotonic() < done_at_) return std::nullopt;
    ends_.Take(std::move(search_));
    return std::exchange(found_, std::nullopt);
  }

  absl::Duration takes;
  int begun = 0;
  absl::Duration cpu_time;

 private:
  const Collector& collector_;
  EndsTable& ends_;
  FakeClock& clock_;
  std::optional<Snapshot> found_;
  EndsTable::Search search_;
  absl::Duration done_at_;
};

// A host with a listener and a connection, its agent and a registry.
class LoopFixture : public testing::Test {
 protected:
  static constexpr char kListener[] = "0.0.0.0:22 cookie 1";
  static constexpr char kConnection[] = "10.0.0.5:22 > 10.0.0.9:51000 cookie 2";

  LoopFixture() {
    kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                       ConnectionV4(Transport::kTcp, 22, 51000, 2)};
  }

  // Lets the agent do what there is to do; returns how long it waits then.
  absl::Duration Settle() {
    absl::Duration wait;
    for (int round = 0; round < 20; ++round) wait = loop_.Round();
    return wait;
  }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    Settle();
  }
  // Until the next look is taken.
  void Look() { Pass(absl::Seconds(5)); }

  void Write(absl::string_view message,
             std::initializer_list<LogField> fields) {
    std::string line(message);
    for (const LogField& field : fields)
      absl::StrAppend(&line, " ", field.key, "=", field.value);
    log_.push_back(line);
  }

  ReportLoop::Options Options() const {
    return {.session = {.reporter = {ReporterKind::kAgent, "connreg-agent",
                                     "web1", "default"},
                        .boot_id = "boot",
                        .instance = "run",
                        .version = "1",
                        .ttl = absl::Seconds(30),
                        .ack_timeout = absl::Seconds(10),
                        .max_backoff = absl::Seconds(10),
                        .digest_interval = absl::Hours(1)},
            .looks = {.interval = absl::Seconds(5), .max_cpu_percent = 10},
            .removes_at_end = false,
            .server = "registry:7878",
            .netns = "4101"};
  }

  FakeKernel kernel_;
  FakeProcesses processes_;
  FakeNamespaces namespaces_{kernel_};
  const Collector collector_{namespaces_, processes_, "4101"};
  FakeClock clock_;
  EndsTable ends_;
  FakeLooks looks_{collector_, ends_, clock_};
  FakeRegistry registry_;
  std::vector<std::string> log_;
  ReportLoop loop_{Options(),
                   {.looks = looks_,
                    .ends = ends_,
                    .stream = registry_,
                    .clock = clock_,
                    .cpu_time = [this] { return looks_.cpu_time; },
                    .random = [] { return 0.5; }},
                   [this](LogLevel, absl::string_view message,
                          std::initializer_list<LogField> fields) {
                     Write(message, fields);
                   }};
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_LOOP_FIXTURE_H_
