#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/health.h"
#include "tests/component/held_clock.h"
#include "tests/component/raw_call.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

constexpr char kLookup[] = "/connreg.v1.RegistryService/Lookup";
constexpr char kReport[] = "/connreg.v1.ReportingService/Report";
constexpr char kGetStatus[] = "/connreg.v1.RegistryService/GetStatus";
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";
// A field whose bytes are missing.
constexpr char kUnreadable[] = "\x0A\x7F";

class CallsTest : public ServiceTest {
 protected:
  grpc::StatusCode CodeOf(const std::string& method,
                          const std::string& request) {
    return RawCall(channel_, method, request).Finish().error_code();
  }
};

TEST_F(CallsTest, RequestThatCannotBeReadIsAnInternalError) {
  for (const char* method : {kLookup, kGetStatus, kHealthCheck, kHealthWatch})
    EXPECT_EQ(CodeOf(method, kUnreadable), grpc::StatusCode::INTERNAL)
        << method;
}

TEST_F(CallsTest, LargeRequestThatCannotBeReadIsAnInternalError) {
  EXPECT_EQ(CodeOf(kLookup, kUnreadable + std::string(100'000, 'x')),
            grpc::StatusCode::INTERNAL);
}

TEST_F(CallsTest, StreamedMessageThatCannotBeReadIsRefused) {
  EXPECT_EQ(CodeOf(kReport, kUnreadable), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallsTest, EmptyRequestIsOne) {
  RawCall call(channel_, kGetStatus, "");
  EXPECT_NE(call.Read(), std::nullopt);
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(CallsTest, MethodsAndServicesThatAreNotThereAreUnimplemented) {
  for (const char* method :
       {"/connreg.v1.RegistryService/Look", "/connreg.v1.NoService/Lookup",
        "/grpc.health.v1.Health/List", "/none"})
    EXPECT_EQ(CodeOf(method, ""), grpc::StatusCode::UNIMPLEMENTED) << method;
}

TEST_F(CallsTest, MoreAtATimeThanAreTakenAreAllAnswered) {
  std::vector<std::unique_ptr<RawCall>> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back(std::make_unique<RawCall>(
        i % 3 == 0 ? channel_ : NewChannel(server_->addresses()[0]),
        i % 2 == 0 ? kGetStatus : kHealthCheck, ""));
  }
  for (const auto& call : calls) {
    EXPECT_NE(call->Read(), std::nullopt);
    EXPECT_TRUE(call->Finish().ok());
  }
}

// Asks a service whose time of day is held, so that none of many long calls is
// answered.
class HeldCallsTest : public testing::Test {
 protected:
  HeldCallsTest()
      : server_(Server::Start(Serving({"127.0.0.1:0"}), clock_).value()),
        channel_(NewChannel(server_->addresses()[0])) {
    clock_.Hold();
    for (size_t i = 0; i < callers_.size(); ++i)
      callers_[i] = std::thread([this, i] { Register(i); });
    EXPECT_TRUE(clock_.AwaitAsker());
  }
  ~HeldCallsTest() override {
    clock_.Release();
    for (std::thread& caller : callers_) caller.join();
    for (const grpc::Status& status : answered_)
      EXPECT_TRUE(status.ok()) << status.error_message();
  }

  void Register(size_t i) {
    v1::RegisterResponse response;
    answered_[i] = Call(*v1::ReportingService::NewStub(channel_),
                        &v1::ReportingService::Stub::Register,
                        Report(Agent(absl::StrCat("web-", i))), &response);
  }

  HeldClock clock_;
  const std::unique_ptr<Server> server_;
  const std::shared_ptr<grpc::Channel> channel_;
  // More than the service has threads for, on most machines.
  std::array<std::thread, 40> callers_;
  std::array<grpc::Status, 40> answered_;
};

TEST_F(HeldCallsTest, LongOnesHoldUpNoShortOnes) {
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(HealthOf(channel_, ""), Health::SERVING);
}

TEST_F(HeldCallsTest, LongOnesHoldUpNoWatch) {
  HealthWatch watch(channel_, "");
  EXPECT_EQ(watch.Next(), Health::SERVING);
}

}  // namespace
}  // namespace connreg
