#include <string>

#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

constexpr size_t kLimit = 4 << 20;

class MessageLimitsTest : public ServiceTest {
 protected:
  using ServiceTest::ServiceTest;

  // A report whose serialized bytes are `size`.
  static v1::RegisterRequest ReportOfSize(size_t size) {
    v1::RegisterRequest request = Report(Agent("web-1"), {.listeners = {{}}});
    std::string* netns =
        request.mutable_listeners(0)->mutable_socket()->mutable_netns();
    netns->assign(size / 2, 'x');
    netns->append(size - request.ByteSizeLong(), 'x');
    EXPECT_EQ(request.ByteSizeLong(), size);
    return request;
  }

  grpc::Status Send(const v1::RegisterRequest& request) {
    v1::RegisterResponse response;
    return Call(*reporting_, &Reporting::Register, request, &response);
  }
};

TEST_F(MessageLimitsTest, MessageOfFourMebibytesIsTaken) {
  EXPECT_TRUE(Send(ReportOfSize(kLimit)).ok());
}

TEST_F(MessageLimitsTest, LargerMessageIsRefused) {
  EXPECT_EQ(Send(ReportOfSize(kLimit + 1)).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(GetStatus().reporter_count(), 0u);
}

ServerFlags TakingUpTo(uint64_t bytes) {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.max_request_bytes = bytes;
  return flags;
}

class SmallerMessageLimitTest : public MessageLimitsTest {
 protected:
  SmallerMessageLimitTest() : MessageLimitsTest(TakingUpTo(64 << 10)) {}
};

TEST_F(SmallerMessageLimitTest, HoldsInsteadOfFourMebibytes) {
  EXPECT_TRUE(Send(ReportOfSize(64 << 10)).ok());
  EXPECT_EQ(Send(ReportOfSize((64 << 10) + 1)).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

class LargerMessageLimitTest : public MessageLimitsTest {
 protected:
  LargerMessageLimitTest() : MessageLimitsTest(TakingUpTo(64 << 20)) {}
};

TEST_F(LargerMessageLimitTest, HoldsInsteadOfFourMebibytes) {
  EXPECT_TRUE(Send(ReportOfSize(64 << 20)).ok());
  EXPECT_EQ(Send(ReportOfSize((64 << 20) + 1)).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(MessageLimitsTest, CompressedMessageIsRefused) {
  for (const grpc_compression_algorithm algorithm :
       {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_deadline(Deadline());
    context.set_compression_algorithm(algorithm);
    v1::RegisterResponse response;
    EXPECT_EQ(reporting_->Register(&context, ReportOfSize(100'000), &response)
                  .error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  EXPECT_EQ(GetStatus().reporter_count(), 0u);
}

}  // namespace
}  // namespace connreg
