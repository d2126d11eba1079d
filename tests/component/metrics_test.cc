#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "prometheus/collectable.h"
#include "service/rpc/method.h"
#include "service/server/call_metrics.h"
#include "service/server/metrics_server.h"
#include "service/server/process_metrics.h"
#include "service/server/registry_metrics.h"
#include "tests/component/service_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using prometheus::ClientMetric;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Gt;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

// The metrics of a family that have a label of this name, by its value; all by
// "" if none has.
std::map<std::string, ClientMetric> Metrics(
    const prometheus::Collectable& collectable, const std::string& family,
    const std::string& label = "") {
  std::map<std::string, ClientMetric> metrics;
  for (const auto& collected : collectable.Collect()) {
    if (collected.name != family) continue;
    for (const ClientMetric& metric : collected.metric) {
      std::string value;
      for (const auto& each : metric.label)
        if (each.name == label) value = each.value;
      metrics[value] = metric;
    }
  }
  return metrics;
}

std::map<std::string, double> Gauges(const prometheus::Collectable& collectable,
                                     const std::string& family,
                                     const std::string& label = "") {
  std::map<std::string, double> values;
  for (const auto& [value, metric] : Metrics(collectable, family, label))
    values[value] = metric.gauge.value;
  return values;
}

std::map<std::string, double> Counters(
    const prometheus::Collectable& collectable, const std::string& family,
    const std::string& label = "") {
  std::map<std::string, double> values;
  for (const auto& [value, metric] : Metrics(collectable, family, label))
    values[value] = metric.counter.value;
  return values;
}

// ---- Calls ----

TEST(MethodTest, EveryCallOfTheServicesHasOne) {
  std::set<std::string> named;
  for (size_t i = 0; i < kMethods; ++i) {
    const MethodName name = NameOf(static_cast<Method>(i));
    named.insert(absl::StrCat(name.service, ".", name.method));
  }
  std::set<std::string> declared;
  for (const char* service :
       {"connreg.v1.ReportingService", "connreg.v1.RegistryService",
        "grpc.health.v1.Health"}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            service);
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i)
      declared.insert(descriptor->method(i)->full_name());
  }
  EXPECT_EQ(named, declared);
}

TEST(CallMetricsTest, AMethodWithoutACallIsThereWithZero) {
  const CallMetrics calls;
  const auto handled = Counters(*calls.collectable(),
                                "grpc_server_handled_total", "grpc_method");
  EXPECT_THAT(handled, SizeIs(kMethods));
  EXPECT_THAT(handled, Each(Pair(testing::_, 0)));
}

TEST(CallMetricsTest, CallsAreCountedByCode) {
  CallMetrics calls;
  calls.Answered(Method::kLookup, grpc::StatusCode::INVALID_ARGUMENT, {});
  calls.Answered(Method::kLookup, grpc::StatusCode::INVALID_ARGUMENT, {});
  calls.Answered(Method::kListHosts, grpc::StatusCode::ABORTED, {});
  std::map<std::string, double> by_code;
  for (const auto& family : calls.collectable()->Collect()) {
    if (family.name != "grpc_server_handled_total") continue;
    for (const ClientMetric& metric : family.metric)
      for (const auto& label : metric.label)
        if (label.name == "grpc_code")
          by_code[label.value] += metric.counter.value;
  }
  EXPECT_THAT(by_code, IsSupersetOf({Pair("InvalidArgument", 2.0),
                                     Pair("Aborted", 1.0), Pair("OK", 0.0)}));
}

TEST(CallMetricsTest, AStreamIsCountedWhenItEnds) {
  CallMetrics calls;
  calls.Ended(Method::kReport, grpc::StatusCode::OK);
  const auto handled =
      Counters(*calls.collectable(), "grpc_server_handled_total", "grpc_type");
  EXPECT_THAT(handled, testing::Contains(Key("bidi_stream")));
}

TEST(CallMetricsTest, EachMethodHasItsKind) {
  const CallMetrics calls;
  std::map<std::string, std::string> kinds;
  for (const auto& family : calls.collectable()->Collect()) {
    for (const ClientMetric& metric : family.metric) {
      std::map<std::string, std::string> labels;
      for (const auto& label : metric.label) labels[label.name] = label.value;
      kinds[labels["grpc_method"]] = labels["grpc_type"];
    }
  }
  EXPECT_THAT(kinds,
              IsSupersetOf({Pair("Lookup", "unary"), Pair("Check", "unary"),
                            Pair("Report", "bidi_stream"),
                            Pair("Watch", "server_stream")}));
}

TEST(CallMetricsTest, EachCodeHasANameOfItsOwn) {
  CallMetrics calls;
  for (int code = 0; code <= 16; ++code)
    calls.Answered(Method::kLookup, static_cast<grpc::StatusCode>(code), {});
  EXPECT_THAT(
      Metrics(*calls.collectable(), "grpc_server_handled_total", "grpc_code"),
      SizeIs(17));
}

TEST(CallMetricsTest, TimesAreInSecondsAndInTheBucketsAboveThem) {
  CallMetrics calls;
  calls.Answered(Method::kLookup, grpc::StatusCode::OK, absl::Milliseconds(2));
  calls.Answered(Method::kLookup, grpc::StatusCode::OK, absl::Seconds(3));
  const auto times = Metrics(*calls.collectable(),
                             "grpc_server_handling_seconds", "grpc_method");
  ASSERT_THAT(times, Contains(Key("Lookup")));
  const ClientMetric::Histogram& lookup = times.at("Lookup").histogram;
  EXPECT_EQ(lookup.sample_count, 2u);
  EXPECT_DOUBLE_EQ(lookup.sample_sum, 3.002);
  std::map<double, uint64_t> buckets;
  for (const auto& bucket : lookup.bucket)
    buckets[bucket.upper_bound] = bucket.cumulative_count;
  EXPECT_EQ(buckets.at(0.001), 0u);
  EXPECT_EQ(buckets.at(0.005), 1u);
  EXPECT_EQ(buckets.at(1), 1u);
  EXPECT_EQ(buckets.at(5), 2u);
  EXPECT_EQ(buckets.at(INFINITY), 2u);
  EXPECT_EQ(times.at("ListHosts").histogram.sample_count, 0u);
  // Streams last as long as they do.
  EXPECT_THAT(times, Not(Contains(Key("Report"))));
  EXPECT_THAT(times, Not(Contains(Key("Watch"))));
}

// ---- The registry ----

class RegistryMetricsTest : public testing::Test {
 protected:
  void Register(const std::string& host, ReporterKind kind,
                absl::Duration ttl) {
    Registration registration{
        .reporter = {.kind = kind, .name = "r", .host = host}, .ttl = ttl};
    EXPECT_THAT(registry_.Register(registration), IsOk());
  }

  FakeClock clock_;
  Registry registry_{{.limits = {.reporters = 3},
                      .grace = absl::Minutes(1),
                      .closed_age = absl::Minutes(5),
                      .sync_time = absl::Seconds(30)},
                     clock_};
  RegistryMetrics metrics_{registry_};
};

TEST_F(RegistryMetricsTest, HostsAreCountedByState) {
  Register("live", ReporterKind::kAgent, absl::Hours(1));
  Register("silent", ReporterKind::kAgent, absl::Seconds(10));
  Register("script", ReporterKind::kProgram, absl::Hours(1));
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state"),
            (std::map<std::string, double>{{"live", 2},
                                           {"stale", 0},
                                           {"expired", 0},
                                           {"no_agent", 1},
                                           {"syncing", 0}}));
  clock_.Advance(absl::Seconds(11));
  registry_.Advance();
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state"),
            (std::map<std::string, double>{{"live", 1},
                                           {"stale", 1},
                                           {"expired", 0},
                                           {"no_agent", 1},
                                           {"syncing", 0}}));
  clock_.Advance(absl::Minutes(1));
  registry_.Advance();
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state"),
            (std::map<std::string, double>{{"live", 1},
                                           {"stale", 0},
                                           {"expired", 1},
                                           {"no_agent", 1},
                                           {"syncing", 0}}));
  clock_.Advance(absl::Minutes(5));
  registry_.Advance();
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state")["expired"], 0);
}

TEST_F(RegistryMetricsTest, AHostThatComesBackIsNoLongerExpired) {
  Register("web1", ReporterKind::kAgent, absl::Seconds(10));
  for (const absl::Duration pass : {absl::Seconds(11), absl::Minutes(2)}) {
    clock_.Advance(pass);
    registry_.Advance();
  }
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state")["expired"], 1);
  Register("web1", ReporterKind::kAgent, absl::Seconds(10));
  EXPECT_EQ(Gauges(metrics_, "connreg_hosts", "state"),
            (std::map<std::string, double>{{"live", 1},
                                           {"stale", 0},
                                           {"expired", 0},
                                           {"no_agent", 0},
                                           {"syncing", 0}}));
}

TEST_F(RegistryMetricsTest, SyncingEnds) {
  EXPECT_EQ(Gauges(metrics_, "connreg_syncing")[""], 1);
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(Gauges(metrics_, "connreg_syncing")[""], 0);
}

TEST_F(RegistryMetricsTest, RefusalsAreCountedByLimit) {
  for (const char* host : {"a", "b", "c"})
    Register(host, ReporterKind::kAgent, absl::Hours(1));
  EXPECT_EQ(Gauges(metrics_, "connreg_limit", "limit")["reporters"], 3);
  EXPECT_EQ(Counters(metrics_, "connreg_refused_total", "limit")["reporters"],
            0);
  EXPECT_TRUE(absl::IsResourceExhausted(
      registry_
          .Register(
              {.reporter = {.name = "r", .host = "d"}, .ttl = absl::Hours(1)})
          .status()));
  const auto refused = Counters(metrics_, "connreg_refused_total", "limit");
  EXPECT_THAT(refused, SizeIs(kRowLimits));
  EXPECT_THAT(refused, AllOf(Contains(Pair("reporters", 1.0)),
                             Not(Contains(Key("unknown")))));
}

// ---- The process ----

TEST(ProcessMetricsTest, AreOfThisProcess) {
  const ProcessMetrics process("1.2.3");
  EXPECT_THAT(Gauges(process, "process_resident_memory_bytes"),
              Contains(Pair("", Gt(1e6))));
  EXPECT_THAT(Gauges(process, "process_open_fds"), Contains(Pair("", Gt(2))));
  EXPECT_THAT(Counters(process, "process_cpu_seconds_total"),
              Contains(Pair("", Gt(0))));
  EXPECT_NEAR(Gauges(process, "process_start_time_seconds")[""],
              absl::ToUnixSeconds(absl::Now()), 3600);
  EXPECT_THAT(Gauges(process, "connreg_build_info", "version"),
              Contains(Pair("1.2.3", 1)));
}

// ---- A whole service ----

ServerFlags Measured() {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.metrics_listen = ListenAddress::Parse("127.0.0.1:0").value();
  return flags;
}

TEST(MetricsServerTest, AddressIsOnlyForOne) {
  const FakeClock clock;
  const auto first = Server::Start(Measured(), clock);
  ASSERT_THAT(first, IsOk());
  ServerFlags same = Measured();
  same.metrics_listen =
      ListenAddress::Parse((*first)->metrics_address()).value();
  const auto second = Server::Start(same, clock);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr((*first)->metrics_address()),
                    HasSubstr("Address already in use"),
                    HasSubstr("--metrics-listen")));
}

TEST(MetricsServerTest, ServesNothingUnlessToldWhere) {
  const FakeClock clock;
  const auto server = Server::Start(Serving({"127.0.0.1:0"}), clock);
  ASSERT_THAT(server, IsOk());
  EXPECT_EQ((*server)->metrics_address(), "");
}

TEST(MetricsServerTest, AddressIsFreeAgainWhenItIsDestroyed) {
  const FakeClock clock;
  auto server = Server::Start(Measured(), clock);
  ASSERT_THAT(server, IsOk());
  ServerFlags same = Measured();
  same.metrics_listen =
      ListenAddress::Parse((*server)->metrics_address()).value();
  server->reset();
  EXPECT_THAT(Server::Start(same, clock), IsOk());
}

}  // namespace
}  // namespace connreg
