#include "client/agent/reporter.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_service.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReporterTest : public testing::Test {
 protected:
  void AddListeners(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      netns().listeners.push_back(
          {.socket = {},
           .local = Endpoint::Create(IpAddress::V4({0, 0, 0, 0}),
                                     static_cast<uint32_t>(i + 1))
                        .value(),
           .device = ""});
    }
  }

  void AddConnections(size_t count) {
    const Endpoint server = Endpoint::Parse("10.0.0.5:22").value();
    for (size_t i = 0; i < count; ++i) {
      const Endpoint client = Endpoint::Create(IpAddress::V4({10, 0, 0, 9}),
                                               static_cast<uint32_t>(i + 1))
                                  .value();
      netns().connections.push_back(
          {.socket = {}, .tuple = FourTuple::Create(server, client).value()});
    }
  }

  absl::StatusOr<ReportOutcome> Send() {
    return Report(snapshot_,
                  {ReporterKind::kAgent, "connreg-agent", "web1", "default"},
                  absl::Seconds(60), service_);
  }

  NetnsSnapshot& netns() { return snapshot_.namespaces[0]; }
  // Adds a network namespace without sockets.
  void AddNamespace(NetworkNamespace addresses) {
    snapshot_.namespaces.push_back(
        {.netns = addresses.netns, .addresses = std::move(addresses)});
  }

  Snapshot snapshot_{.namespaces = {{.netns = "4101"}}};
  FakeService service_;
  const std::vector<v1::RegisterRequest>& requests_ = service_.registers;
};

TEST_F(ReporterTest, EmptyHostIsReportedToo) {
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(requests_, SizeIs(1));
  EXPECT_EQ(requests_[0].reporter().host(), "web1");
  EXPECT_EQ(requests_[0].reporter().kind(), v1::REPORTER_KIND_AGENT);
  EXPECT_EQ(requests_[0].ttl().seconds(), 60);
  EXPECT_THAT(requests_[0].namespaces(), IsEmpty());
}

TEST_F(ReporterTest, NoRequestIsLargerThanTheServiceTakes) {
  std::vector<Process> processes;
  for (int32_t pid = 1; pid <= 1000; ++pid)
    processes.push_back({pid, absl::FromUnixNanos(1'700'000'000'123'456'789),
                         std::string(64, 'x')});
  const Owners shared = Owners::Known(processes);
  AddConnections(100);
  for (ConnectionFacts& row : netns().connections) row.socket.owners = shared;
  ASSERT_THAT(Send(), IsOk());
  int rows = 0;
  for (const v1::RegisterRequest& request : requests_) {
    EXPECT_LT(request.ByteSizeLong(), size_t{4} << 20);
    rows += request.connections_size();
  }
  EXPECT_EQ(rows, 100);
}

TEST_F(ReporterTest, LongTextsMakeMoreRequestsAndNoneTooLarge) {
  const Process process{.pid = 7,
                        .executable = std::string(4096, 'e'),
                        .cgroup = std::string(4096, 'c'),
                        .arguments = {std::string(4095, 'a')}};
  AddListeners(500);
  AddConnections(1500);
  for (ListenerFacts& row : netns().listeners)
    row.socket.owners = Owners::Known({process});
  for (ConnectionFacts& row : netns().connections)
    row.socket.owners = Owners::Known({process});
  ASSERT_THAT(Send(), IsOk());
  int rows = 0;
  for (const v1::RegisterRequest& request : requests_) {
    EXPECT_LT(request.ByteSizeLong(), size_t{3} << 20);
    rows += request.listeners_size() + request.connections_size();
  }
  EXPECT_EQ(rows, 2000);
  // 2,000 rows of some more than 12 KiB, 2 MiB at a time.
  EXPECT_THAT(requests_, SizeIs(13));
}

TEST_F(ReporterTest, NoRequestIsAboveTheLimitAndAddressesComeFirst) {
  netns().addresses = {"4101", {}};
  AddListeners(1500);
  AddConnections(1000);
  const absl::StatusOr<ReportOutcome> outcome = Send();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->listener_count, 1500u);
  EXPECT_EQ(outcome->connection_count, 1000u);
  ASSERT_THAT(requests_, SizeIs(3));
  EXPECT_THAT(requests_[0].listeners(), SizeIs(1000));
  EXPECT_THAT(requests_[0].namespaces(), SizeIs(1));
  EXPECT_THAT(requests_[1].listeners(), SizeIs(500));
  EXPECT_THAT(requests_[1].connections(), SizeIs(500));
  EXPECT_THAT(requests_[1].namespaces(), IsEmpty());
  EXPECT_THAT(requests_[2].connections(), SizeIs(500));
}

TEST_F(ReporterTest, NamespacesComeInBoundedRequestsBeforeAllRows) {
  for (int i = 0; i < 5000; ++i) AddNamespace({absl::StrCat(i), {}});
  AddListeners(1);
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(requests_, SizeIs(2));
  EXPECT_THAT(requests_[0].namespaces(), SizeIs(4096));
  EXPECT_THAT(requests_[1].namespaces(), SizeIs(904));
}

TEST_F(ReporterTest, NoRequestHasMoreAddressesThanTheServiceTakes) {
  const Prefix longest =
      Prefix::Parse("fe80::1234:5678:9abc:def0%abcdefghijklmno").value();
  for (int i = 0; i < 10; ++i) {
    AddNamespace(
        {absl::StrCat(i),
         std::vector<LocalPrefix>(10'000, {longest, "abcdefghijklmno"}),
         std::string(255, 'x')});
  }
  ASSERT_THAT(Send(), IsOk());
  int namespaces = 0;
  for (const v1::RegisterRequest& request : requests_) {
    EXPECT_LT(request.ByteSizeLong(), size_t{4} << 20);
    namespaces += request.namespaces_size();
  }
  EXPECT_EQ(namespaces, 10);
}

TEST_F(ReporterTest, FullLastRequestIsTheLast) {
  AddConnections(kMaxRowsPerRequest);
  ASSERT_THAT(Send(), IsOk());
  EXPECT_THAT(requests_, SizeIs(1));
}

TEST_F(ReporterTest, RefusedRowsAreNamedByWhatTheyAre) {
  AddListeners(2);
  AddConnections(3);
  v1::RegisterResponse response;
  v1::RowRefusal* listener = response.add_refusals();
  listener->set_field("listeners[1].device");
  listener->set_index(1);
  listener->set_reason("TEXT_TOO_LONG");
  listener->set_description("too\nlong");
  v1::RowRefusal* connection = response.add_refusals();
  connection->set_field("connections[2]");
  connection->set_index(2);
  connection->set_reason("PORT_ZERO");
  connection->set_description("port 0");
  service_.next = response;
  const absl::StatusOr<ReportOutcome> outcome = Send();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->listener_count, 1u);
  EXPECT_EQ(outcome->connection_count, 2u);
  EXPECT_THAT(outcome->refusals,
              ElementsAre("listener tcp 0.0.0.0:2: too\\nlong (TEXT_TOO_LONG)",
                          "connection tcp 10.0.0.5:22 > 10.0.0.9:3: port 0 "
                          "(PORT_ZERO)"));
}

TEST_F(ReporterTest, WhatALimitKeptOutIsCountedOverAllRequests) {
  class TightService : public FakeService {
   public:
    absl::StatusOr<v1::RegisterResponse> Register(
        const v1::RegisterRequest& request) override {
      v1::LimitReached* const reached = next.add_limits();
      reached->set_limit(v1::ROW_LIMIT_ROWS);
      reached->set_value(1000);
      reached->set_refused_count(500);
      return FakeService::Register(request);
    }
  };
  TightService tight;
  v1::LimitReached* const prefixes = tight.next.add_limits();
  prefixes->set_limit(v1::ROW_LIMIT_PREFIXES_PER_REPORTER);
  prefixes->set_value(1000);
  prefixes->set_refused_count(1);
  AddConnections(2500);
  const absl::StatusOr<ReportOutcome> outcome = Report(
      snapshot_, {ReporterKind::kAgent, "connreg-agent", "web1", "default"},
      absl::Seconds(60), tight);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->connection_count, 2500u);
  EXPECT_EQ(outcome->limited_count, 1500u);
  ASSERT_THAT(outcome->limits, SizeIs(2));
  EXPECT_EQ(outcome->limits[0].limit(), v1::ROW_LIMIT_PREFIXES_PER_REPORTER);
  EXPECT_EQ(outcome->limits[1].limit(), v1::ROW_LIMIT_ROWS);
  EXPECT_EQ(outcome->limits[1].refused_count(), 1500u);
}

TEST_F(ReporterTest, GapsGoWithTheFirstRequest) {
  snapshot_.gaps = {{GapKind::kAddresses, "no netlink"}};
  AddConnections(1500);
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(requests_, SizeIs(2));
  EXPECT_THAT(requests_[0].coverage_gaps().gaps(), SizeIs(1));
  EXPECT_FALSE(requests_[1].has_coverage_gaps());
}

TEST_F(ReporterTest, LeaseLostInBetweenIsAnError) {
  AddConnections(1500);
  service_.lose_lease_before = 2;
  EXPECT_THAT(Send(), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(ReporterTest, ErrorOfTheServiceEndsTheReport) {
  AddConnections(1500);
  service_.failure = absl::UnavailableError("gone");
  EXPECT_THAT(Send(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(requests_, SizeIs(1));
}

}  // namespace
}  // namespace connreg
