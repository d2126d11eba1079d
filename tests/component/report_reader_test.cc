// Agents that do not read what they are answered.

#include <future>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "service/wire/report.h"
#include "tests/component/report_client.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

class ReportReaderTest : public ServiceTest {
 protected:
  // A session whose agent has left two answers unread. Neither of them, nor
  // anything after them, can be sent until it reads.
  std::unique_ptr<ReportClient> SessionThatDoesNotRead() {
    auto client = std::make_unique<ReportClient>(*narrow_);
    client->Open(Opening("web-1"));
    v1::ReportRequest request;
    for (const uint64_t seq : {1, 2}) {
      ToProto(AgentMessage(Delta(
                  seq, {ListenerAt(absl::StrCat("10.0.0.5:", seq))},
                  std::vector<ConnectionFacts>(
                      1000, ConnectionOf("10.0.0.5:80", "10.0.0.9:51000")))),
              &request);
      // Each answer says what is wrong with each row: 90 KB.
      for (int row = 0; row < 1000; ++row)
        request.mutable_rows()->mutable_connections()->set_remote_ports(row, 0);
      EXPECT_TRUE(client->Send(request));
      request.Clear();
    }
    EXPECT_TRUE(
        Eventually([&] { return ListListeners().listeners_size() == 2; }));
    return client;
  }

 private:
  // Its peer may send no more than 64 KiB that is not read.
  std::unique_ptr<Reporting> NewNarrow() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1 << 16);
    return v1::ReportingService::NewStub(grpc::CreateCustomChannel(
        server_->addresses()[0], grpc::InsecureChannelCredentials(),
        arguments));
  }

  const std::unique_ptr<Reporting> narrow_ = NewNarrow();
};

TEST_F(ReportReaderTest, WhoDoesNotReadIsCutOffAfterTheEnd) {
  const auto client = SessionThatDoesNotRead();
  ReportClient next(*reporting_);
  next.Open(Opening("web-1"));
  clock_.Advance(absl::Seconds(10));
  // Nothing is read before the stream is gone.
  while (client->Send(KeepAlive())) {
  }
  EXPECT_EQ(client->End().code, grpc::StatusCode::CANCELLED);
  EXPECT_EQ(next.Tell(KeepAlive()).seq(), 0u);
}

TEST_F(ReportReaderTest, WhoReadsInTimeLearnsWhyItEnds) {
  const auto client = SessionThatDoesNotRead();
  ReportClient next(*reporting_);
  next.Open(Opening("web-1"));
  EXPECT_EQ(client->ReadAck().seq(), 1u);
  EXPECT_EQ(client->End().code, grpc::StatusCode::ABORTED);
}

TEST_F(ReportReaderTest, WhoDoesNotReadDoesNotKeepTheServiceFromStopping) {
  const auto client = SessionThatDoesNotRead();
  auto drained = std::async(std::launch::async,
                            [this] { server_->Drain(absl::Hours(1)); });
  const bool stops = Eventually([&] {
    clock_.Advance(absl::Seconds(1));
    return drained.wait_for(std::chrono::milliseconds(10)) ==
           std::future_status::ready;
  });
  EXPECT_TRUE(stops);
  client->Cancel();
}

}  // namespace
}  // namespace connreg
