#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "tests/component/health.h"
#include "tests/component/report_client.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";
constexpr char kReporting[] = "connreg.v1.ReportingService";
constexpr char kRegistry[] = "connreg.v1.RegistryService";

constexpr absl::Duration kSyncTime = absl::Seconds(40);

// A service that is to wait so long for its hosts. 0 hosts: not told.
ServerFlags Waiting(absl::Duration sync_time, uint32_t expected_hosts) {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.registry.sync_time = sync_time;
  flags.registry.expected_hosts = expected_hosts;
  return flags;
}

class SyncingTest : public ServiceTest {
 protected:
  explicit SyncingTest(uint32_t expected_hosts = 0)
      : ServiceTest(Waiting(kSyncTime, expected_hosts)) {}

  bool IsSyncing() { return GetStatus().coverage().syncing(); }
  v1::AbsentReason WhyAbsent() {
    return Lookup(Asking(kServer)).absent().reason();
  }
};

TEST_F(SyncingTest, LastsForTheSyncTime) {
  EXPECT_TRUE(IsSyncing());
  clock_.Advance(kSyncTime - absl::Milliseconds(1));
  EXPECT_TRUE(IsSyncing());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(IsSyncing());
}

TEST_F(SyncingTest, IsToldInEveryAnswer) {
  v1::BatchLookupRequest batch;
  batch.set_client_addresses(std::string(16, '\1'));
  batch.add_client_ports(1);
  batch.set_server_addresses(std::string(16, '\2'));
  batch.add_server_ports(2);
  v1::ListEndpointsRequest endpoints;
  endpoints.set_prefix("10.0.0.0/8");
  const auto expect_syncing = [&](bool syncing) {
    EXPECT_EQ(Lookup(Asking(kServer)).coverage().syncing(), syncing);
    EXPECT_EQ(BatchLookup(batch).coverage().syncing(), syncing);
    EXPECT_EQ(ListConnections().coverage().syncing(), syncing);
    EXPECT_EQ(ListListeners().coverage().syncing(), syncing);
    EXPECT_EQ(ListEndpoints(endpoints).coverage().syncing(), syncing);
    EXPECT_EQ(ListHosts().coverage().syncing(), syncing);
    EXPECT_EQ(GetStatus().coverage().syncing(), syncing);
  };
  expect_syncing(true);
  clock_.Advance(kSyncTime);
  expect_syncing(false);
}

TEST_F(SyncingTest, IsWhyNothingIsThere) {
  EXPECT_EQ(WhyAbsent(), v1::ABSENT_REASON_SYNCING);
  v1::LookupRequest of_host = Asking(kServer);
  of_host.set_host("web-1");
  EXPECT_EQ(Lookup(of_host).absent().reason(), v1::ABSENT_REASON_SYNCING);
  clock_.Advance(kSyncTime);
  EXPECT_EQ(WhyAbsent(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  EXPECT_EQ(Lookup(of_host).absent().reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
}

TEST_F(SyncingTest, WhatIsKnownIsAnsweredAllTheSame) {
  Register(Report(Agent("web-1"), {.listeners = {Listening(kServer)},
                                   .connections = {Accepted(kServer, kClient)},
                                   .addresses = {"10.0.0.5"}}));
  EXPECT_TRUE(Lookup(Asking(kClient, kServer)).has_connections());
  EXPECT_TRUE(Lookup(Asking("10.0.0.8:51000", kServer)).has_listeners());
  Deregister(WithdrawalOfAll(Agent("web-1")));
  EXPECT_EQ(WhyAbsent(), v1::ABSENT_REASON_CLOSED);
}

TEST_F(SyncingTest, LastsTwiceAsLongForAHostThatDoesNotSayWhatThereIs) {
  HealthWatch registry(channel_, kRegistry);
  EXPECT_EQ(registry.Next(), Health::NOT_SERVING);
  ReportClient client(*reporting_);
  SessionOpening opening = Opening("web-1", {.rows = 1, .sum = 7});
  opening.ttl = absl::Hours(1);
  EXPECT_TRUE(client.Open(opening).snapshot_wanted());
  clock_.Advance(kSyncTime);
  EXPECT_TRUE(IsSyncing());
  clock_.Advance(kSyncTime);
  EXPECT_EQ(registry.Next(), Health::SERVING);
  EXPECT_FALSE(IsSyncing());
  EXPECT_EQ(GetStatus().coverage().syncing_host_count(), 1u);
}

// ---- Expected hosts ----

class ExpectedHostsTest : public SyncingTest {
 protected:
  ExpectedHostsTest() : SyncingTest(/*expected_hosts=*/2) {}
};

TEST_F(ExpectedHostsTest, EndItWhenAsManyAreBack) {
  Register(Report(Agent("web-1")));
  Register(Report(Agent("web-1")));
  EXPECT_TRUE(IsSyncing());
  // In whatever network.
  Register(Report(Agent("web-2", "vpc-b")));
  EXPECT_FALSE(IsSyncing());
  EXPECT_EQ(WhyAbsent(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
}

TEST_F(ExpectedHostsTest, AreThoseWithAnAgent) {
  Register(Report(Agent("web-1")));
  Register(Report(Program("web-2")));
  EXPECT_TRUE(IsSyncing());
}

TEST_F(ExpectedHostsTest, DoNotBeginItAnewWhenTheyGo) {
  Register(Report(Agent("web-1")));
  Register(Report(Agent("web-2")));
  EXPECT_FALSE(IsSyncing());
  Deregister(WithdrawalOfAll(Agent("web-2")));
  EXPECT_FALSE(IsSyncing());
}

TEST_F(ExpectedHostsTest, AreNotWaitedForLongerThanTheSyncTime) {
  clock_.Advance(kSyncTime);
  EXPECT_FALSE(IsSyncing());
}

TEST_F(ExpectedHostsTest, AreToldInTheCoverage) {
  EXPECT_EQ(GetStatus().coverage().expected_host_count(), 2u);
  EXPECT_EQ(ListHosts().coverage().expected_host_count(), 2u);
  // In all networks, so they say nothing of one, or of one host.
  v1::ListHostsRequest request;
  request.set_network("default");
  EXPECT_EQ(ListHosts(request).coverage().expected_host_count(), 0u);
  request.Clear();
  request.set_host("web-1");
  EXPECT_EQ(ListHosts(request).coverage().expected_host_count(), 0u);
}

// ---- Health ----

TEST_F(SyncingTest, LeavesTheServerAndReportingServiceServing) {
  for (const char* service : {"", kReporting})
    EXPECT_EQ(HealthOf(channel_, service), Health::SERVING) << service;
}

TEST_F(SyncingTest, KeepsTheRegistryServiceFromServingUntilItsEnd) {
  HealthWatch registry(channel_, kRegistry);
  EXPECT_EQ(registry.Next(), Health::NOT_SERVING);
  clock_.Advance(kSyncTime);
  EXPECT_EQ(registry.Next(), Health::SERVING);
  EXPECT_EQ(HealthOf(channel_, kRegistry), Health::SERVING);
}

TEST_F(ExpectedHostsTest, LetTheRegistryServiceServeWhenTheyAreBack) {
  HealthWatch registry(channel_, kRegistry);
  EXPECT_EQ(registry.Next(), Health::NOT_SERVING);
  Register(Report(Agent("web-1")));
  Register(Report(Agent("web-2")));
  EXPECT_EQ(registry.Next(), Health::SERVING);
}

TEST_F(SyncingTest, AnswersQuestionsThoughItIsNotServing) {
  EXPECT_EQ(HealthOf(channel_, kRegistry), Health::NOT_SERVING);
  Register(Report(Agent("web-1"), {.listeners = {Listening(kServer)}}));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(SyncingTest, DrainedServiceDoesNotServeAfterwards) {
  HealthWatch registry(channel_, kRegistry);
  EXPECT_EQ(registry.Next(), Health::NOT_SERVING);
  server_->Drain(absl::ZeroDuration());
  clock_.Advance(kSyncTime);
  EXPECT_NE(registry.Next(), Health::SERVING);
}

}  // namespace
}  // namespace connreg
