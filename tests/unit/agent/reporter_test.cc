#include "client/agent/reporter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReporterTest : public testing::Test {
 protected:
  void AddListeners(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      snapshot_.listeners.push_back(
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
      snapshot_.connections.push_back(
          {.socket = {}, .tuple = FourTuple::Create(server, client).value()});
    }
  }

  absl::StatusOr<ReportOutcome> Send() {
    return Report(
        snapshot_, {ReporterKind::kAgent, "connreg-agent", "web1", "default"},
        absl::Seconds(60),
        [&](const v1::RegisterRequest& request)
            -> absl::StatusOr<v1::RegisterResponse> {
          requests_.push_back(request);
          if (answers_.empty()) return v1::RegisterResponse();
          const absl::StatusOr<v1::RegisterResponse> answer = answers_.front();
          answers_.erase(answers_.begin());
          return answer;
        });
  }

  Snapshot snapshot_;
  // What the service answers, one after another, and nothing special after
  // them.
  std::vector<absl::StatusOr<v1::RegisterResponse>> answers_;
  std::vector<v1::RegisterRequest> requests_;
};

TEST_F(ReporterTest, EmptyHostIsReportedToo) {
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(requests_, SizeIs(1));
  EXPECT_EQ(requests_[0].reporter().host(), "web1");
  EXPECT_EQ(requests_[0].reporter().kind(), v1::REPORTER_KIND_AGENT);
  EXPECT_EQ(requests_[0].ttl().seconds(), 60);
  EXPECT_THAT(requests_[0].addresses(), IsEmpty());
}

TEST_F(ReporterTest, NoRequestIsLargerThanTheServiceTakes) {
  std::vector<Process> processes;
  for (int32_t pid = 1; pid <= 1000; ++pid)
    processes.push_back({pid, absl::FromUnixNanos(1'700'000'000'123'456'789),
                         std::string(64, 'x')});
  AddConnections(100);
  for (ConnectionFacts& row : snapshot_.connections)
    row.socket.owners = Owners::Known(processes);
  ASSERT_THAT(Send(), IsOk());
  int rows = 0;
  for (const v1::RegisterRequest& request : requests_) {
    EXPECT_LT(request.ByteSizeLong(), size_t{4} << 20);
    rows += request.connections_size();
  }
  EXPECT_EQ(rows, 100);
}

TEST_F(ReporterTest, NoRequestIsAboveTheLimitAndAddressesComeFirst) {
  snapshot_.addresses = LocalAddresses{"4101", {}};
  AddListeners(1500);
  AddConnections(1000);
  const absl::StatusOr<ReportOutcome> outcome = Send();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->listener_count, 1500u);
  EXPECT_EQ(outcome->connection_count, 1000u);
  ASSERT_THAT(requests_, SizeIs(3));
  EXPECT_THAT(requests_[0].listeners(), SizeIs(1000));
  EXPECT_THAT(requests_[0].addresses(), SizeIs(1));
  EXPECT_THAT(requests_[1].listeners(), SizeIs(500));
  EXPECT_THAT(requests_[1].connections(), SizeIs(500));
  EXPECT_THAT(requests_[1].addresses(), IsEmpty());
  EXPECT_THAT(requests_[2].connections(), SizeIs(500));
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
  answers_ = {response};
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
  const auto answer = [](v1::RowLimit limit, uint64_t refused_count) {
    v1::RegisterResponse response;
    v1::LimitReached* const reached = response.add_limits();
    reached->set_limit(limit);
    reached->set_value(1000);
    reached->set_refused_count(refused_count);
    return response;
  };
  AddConnections(2500);
  answers_ = {answer(v1::ROW_LIMIT_PREFIXES_PER_REPORTER, 1),
              answer(v1::ROW_LIMIT_ROWS, 1000),
              answer(v1::ROW_LIMIT_ROWS, 500)};
  const absl::StatusOr<ReportOutcome> outcome = Send();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->connection_count, 2500u);
  EXPECT_EQ(outcome->limited_count, 1500u);
  ASSERT_THAT(outcome->limits, SizeIs(2));
  EXPECT_EQ(outcome->limits[0].limit(), v1::ROW_LIMIT_PREFIXES_PER_REPORTER);
  EXPECT_EQ(outcome->limits[1].limit(), v1::ROW_LIMIT_ROWS);
  EXPECT_EQ(outcome->limits[1].refused_count(), 1500u);
}

TEST_F(ReporterTest, LostLeaseIsReportedFromTheStart) {
  AddConnections(1500);
  answers_ = {v1::RegisterResponse(), absl::AbortedError("stalled")};
  const absl::StatusOr<ReportOutcome> outcome = Send();
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->connection_count, 1500u);
  EXPECT_THAT(requests_, SizeIs(4));
}

TEST_F(ReporterTest, LeaseLostAgainIsAnError) {
  answers_ = {absl::AbortedError("stalled"), absl::AbortedError("stalled")};
  EXPECT_THAT(Send(), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(requests_, SizeIs(2));
}

TEST_F(ReporterTest, ErrorOfTheServiceEndsTheReport) {
  AddConnections(1500);
  answers_ = {absl::UnavailableError("gone")};
  EXPECT_THAT(Send(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(requests_, SizeIs(1));
}

}  // namespace
}  // namespace connreg
