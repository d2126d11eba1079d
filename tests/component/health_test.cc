#include "tests/component/health.h"

#include <thread>

#include "gmock/gmock.h"
#include "tests/component/held_clock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

constexpr char kReporting[] = "connreg.v1.ReportingService";
constexpr char kRegistry[] = "connreg.v1.RegistryService";

class HealthTest : public ServiceTest {};

TEST_F(HealthTest, ServerAndBothServicesServeFromTheStartWithoutASyncTime) {
  for (const char* service : {"", kReporting, kRegistry})
    EXPECT_EQ(HealthOf(channel_, service), Health::SERVING) << service;
}

TEST_F(HealthTest, ServiceThatIsNotServedIsUnknown) {
  EXPECT_EQ(HealthOf(channel_, "connreg.v1.NoService"),
            Health::SERVICE_UNKNOWN);
}

TEST_F(HealthTest, WhoWatchesAnUnknownServiceIsTold) {
  EXPECT_EQ(HealthWatch(channel_, "connreg.v1.NoService").Next(),
            Health::SERVICE_UNKNOWN);
}

TEST_F(HealthTest, WatchesComeAndGo) {
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(HealthWatch(channel_, kRegistry).Next(), Health::SERVING);
}

TEST_F(HealthTest, DrainingSaysNotServingToWhoeverWatches) {
  std::thread drain;
  {
    HealthWatch all(channel_, "");
    HealthWatch registry(channel_, kRegistry);
    EXPECT_EQ(all.Next(), Health::SERVING);
    EXPECT_EQ(registry.Next(), Health::SERVING);
    drain = std::thread([&] { server_->Drain(absl::FromChrono(kPatience)); });
    EXPECT_EQ(all.Next(), Health::NOT_SERVING);
    EXPECT_EQ(registry.Next(), Health::NOT_SERVING);
    // The watches are calls in flight, and end here.
  }
  drain.join();
}

TEST_F(HealthTest, DrainedServerTakesNoMoreCalls) {
  GetStatus();
  server_->Drain(absl::ZeroDuration());
  v1::GetStatusResponse response;
  EXPECT_EQ(
      Call(*reading_, &Reading::GetStatus, v1::GetStatusRequest(), &response)
          .error_code(),
      grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthTest, DrainingTwiceIsNoMore) {
  server_->Drain(absl::ZeroDuration());
  server_->Drain(absl::ZeroDuration());
}

TEST(DrainTest, CallInFlightIsFinished) {
  HeldClock clock;
  const auto server = Server::Start(Serving({"127.0.0.1:0"}), clock).value();
  const std::string address = server->addresses()[0];
  clock.Hold();

  grpc::Status answered;
  v1::RegisterResponse response;
  std::thread caller([&] {
    const auto stub = v1::ReportingService::NewStub(NewChannel(address));
    answered = Call(*stub, &v1::ReportingService::Stub::Register,
                    Report(Agent("web-1")), &response);
  });
  ASSERT_TRUE(clock.AwaitAsker());
  std::thread drain;
  {
    HealthWatch watch(NewChannel(address), "");
    EXPECT_EQ(watch.Next(), Health::SERVING);
    drain = std::thread([&] { server->Drain(absl::FromChrono(kPatience)); });
    EXPECT_EQ(watch.Next(), Health::NOT_SERVING);
    // The watch is a call in flight too, and ends here.
  }
  clock.Release();
  caller.join();
  drain.join();
  EXPECT_TRUE(answered.ok()) << answered.error_message();
  EXPECT_EQ(response.ttl().seconds(), 3600);
}

}  // namespace
}  // namespace connreg
