#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/lib/client.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

// Longer than any test takes.
constexpr absl::Duration kLong = absl::Minutes(5);
// Long enough for an answer.
constexpr absl::Duration kShort = absl::Seconds(2);

// What whoever watches is told, one after the other, and how their call ends:
// unset, when they give up.
struct Watched {
  std::vector<HealthCheckResponse::ServingStatus> statuses;
  std::optional<grpc::Status> end;
};

class ScriptedHealth final : public grpc::health::v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext*, const HealthCheckRequest* request,
                     HealthCheckResponse* response) override {
    if (request->service() == "no.such.Service")
      return {grpc::StatusCode::NOT_FOUND, "service name unknown"};
    response->set_status(request->service().empty()
                             ? HealthCheckResponse::SERVING
                             : HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  }

  grpc::Status Watch(grpc::ServerContext* context, const HealthCheckRequest*,
                     grpc::ServerWriter<HealthCheckResponse>* writer) override {
    const Watched& call = calls[std::min(call_count++, calls.size() - 1)];
    for (const HealthCheckResponse::ServingStatus status : call.statuses) {
      HealthCheckResponse response;
      response.set_status(status);
      writer->Write(response);
    }
    if (call.end) return *call.end;
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  }

  // The last is for all calls that follow too.
  std::vector<Watched> calls;
  std::atomic<size_t> call_count = 0;
};

// A server of `service` alone, and a client of it.
class Serving {
 public:
  explicit Serving(grpc::Service* service) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    client_ = *Client::Create(address_, {});
  }
  ~Serving() { server_->Shutdown(); }

  const std::string& address() const { return address_; }
  Client& client() { return *client_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::unique_ptr<Client> client_;
};

class HealthCallsTest : public testing::Test {
 protected:
  absl::StatusOr<HealthCheckResponse::ServingStatus> Check(
      const std::string& service) {
    return StatusIn(serving_.client().CheckHealth(service));
  }

  absl::StatusOr<HealthCheckResponse::ServingStatus> Await(
      absl::Duration patience) {
    return StatusIn(serving_.client().AwaitServing("a.Service", patience));
  }

  std::string NotServedText(const std::string& service) const {
    return absl::StrCat("what answers at ", serving_.address(),
                        " does not serve ", service);
  }

  ScriptedHealth health_;
  Serving serving_ = Serving(&health_);

 private:
  static absl::StatusOr<HealthCheckResponse::ServingStatus> StatusIn(
      const absl::StatusOr<HealthCheckResponse>& response) {
    if (!response.ok()) return response.status();
    return response->status();
  }
};

TEST_F(HealthCallsTest, ACheckIsWhatTheServiceSaysNow) {
  EXPECT_THAT(Check(""), IsOkAndHolds(HealthCheckResponse::SERVING));
  EXPECT_THAT(Check("a.Service"),
              IsOkAndHolds(HealthCheckResponse::NOT_SERVING));
}

TEST_F(HealthCallsTest, ACheckOfWhatIsNotServedNamesIt) {
  const absl::Status status = Check("no.such.Service").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), NotServedText("no.such.Service"));
}

TEST_F(HealthCallsTest, AServiceIsFollowedUntilItServes) {
  health_.calls = {
      {{HealthCheckResponse::SERVICE_UNKNOWN, HealthCheckResponse::NOT_SERVING,
        HealthCheckResponse::SERVING}}};

  EXPECT_THAT(Await(kLong), IsOkAndHolds(HealthCheckResponse::SERVING));
  EXPECT_EQ(health_.call_count, 1u);
}

TEST_F(HealthCallsTest, AServiceThatDoesNotServeInTimeIsAsItWasLast) {
  health_.calls = {
      {{HealthCheckResponse::UNKNOWN, HealthCheckResponse::NOT_SERVING}}};

  EXPECT_THAT(Await(kShort), IsOkAndHolds(HealthCheckResponse::NOT_SERVING));
}

TEST_F(HealthCallsTest, AServiceThatDoesNotComeInTimeIsNotServed) {
  health_.calls = {{{HealthCheckResponse::SERVICE_UNKNOWN}}};

  const absl::Status status = Await(kShort).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), NotServedText("a.Service"));
}

TEST_F(HealthCallsTest, ALostWatchGoesOnInAnotherCallAfterAWhile) {
  health_.calls = {
      {{HealthCheckResponse::NOT_SERVING}, grpc::Status::OK},
      {{}, grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping")},
      {{HealthCheckResponse::SERVING}}};
  const absl::Time start = absl::Now();

  EXPECT_THAT(Await(kLong), IsOkAndHolds(HealthCheckResponse::SERVING));
  EXPECT_EQ(health_.call_count, 3u);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(400));
}

TEST_F(HealthCallsTest, WhatWasSaidBeforeAWatchWasLostCountsNoMore) {
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "stopping");
  health_.calls = {{{HealthCheckResponse::NOT_SERVING}, lost}, {{}, lost}};

  const absl::Status status = Await(kShort).status();

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat("no connregd answers at ", serving_.address(),
                         ": stopping (tried for 2s)"));
}

TEST_F(HealthCallsTest, AServiceThatSaysNothingIsNoAnswer) {
  health_.calls = {{{}}};

  const absl::Status status = Await(absl::Milliseconds(300)).status();

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("(tried for 300ms)"));
}

TEST_F(HealthCallsTest, ARefusedWatchIsNotTriedAgain) {
  health_.calls = {
      {{}, grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "not you")}};

  EXPECT_THAT(Await(kLong), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(health_.call_count, 1u);
}

TEST(HealthOfAnotherServerTest, ServerThatDoesNotTellOfItsHealthIsNamed) {
  v1::ReportingService::Service other;
  Serving serving(&other);

  for (const auto& response :
       {serving.client().CheckHealth(""),
        serving.client().AwaitServing("a.Service", kLong)}) {
    EXPECT_THAT(response, StatusIs(absl::StatusCode::kUnimplemented));
    EXPECT_EQ(response.status().message(),
              absl::StrCat("what answers at ", serving.address(),
                           " does not tell of its health (grpc.health.v1); it "
                           "is no connregd"));
  }
}

}  // namespace
}  // namespace connreg
