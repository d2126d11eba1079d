#include "client/lib/report_stream.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "service/base/error.h"
#include "service/wire/status.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::HasSubstr;
using testing::Not;

// Acknowledges each Rows by its number, until the agent finishes; refuses an
// Open without a boot id.
class AckingService final : public v1::ReportingService::Service {
 public:
  grpc::Status Report(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::ReportResponse, v1::ReportRequest>* stream)
      override {
    ++streams;
    v1::ReportRequest request;
    while (stream->Read(&request)) {
      if (request.has_open() && request.open().boot_id().empty()) {
        return ToGrpcStatus(
            InField("open.boot_id", InvalidArgument("TEXT_EMPTY", "empty")));
      }
      if (request.has_goodbye()) goodbyes += 1;
      v1::ReportResponse response;
      response.mutable_ack()->set_seq(request.rows().seq());
      for (int i = 0; i < answers_each; ++i) stream->Write(response);
    }
    if (context->IsCancelled()) ++cancelled;
    return grpc::Status::OK;
  }

  int answers_each = 1;
  std::atomic<int> streams = 0;
  std::atomic<int> goodbyes = 0;
  std::atomic<int> cancelled = 0;
};

v1::ReportRequest Rows(uint64_t seq) {
  v1::ReportRequest request;
  request.mutable_rows()->set_seq(seq);
  return request;
}

class ReportStreamTest : public testing::Test {
 protected:
  ReportStreamTest() {
    StartServer(0);
    stream_ = *ReportStream::Create(absl::StrCat("127.0.0.1:", port_),
                                    absl::Seconds(10));
  }
  ~ReportStreamTest() override { StopServer(); }

  void StartServer(int port) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                             grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  void StopServer() {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
    server_ = nullptr;
  }

  // Waits until `happened` says so, whenever the stream wakes.
  template <typename Happened>
  void Await(const Happened& happened) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (!happened()) {
      ASSERT_LT(absl::Now(), end);
      pollfd event{.fd = stream_->descriptor(), .events = POLLIN, .revents = 0};
      poll(&event, 1, 1000);
    }
  }
  ReportStream::Event Next() {
    std::optional<ReportStream::Event> event;
    Await([&] { return (event = stream_->Take()).has_value(); });
    return event.value_or(absl::UnknownError("nothing"));
  }
  uint64_t NextAck() {
    const ReportStream::Event event = Next();
    const auto* response = std::get_if<v1::ReportResponse>(&event);
    return response == nullptr ? 0 : response->ack().seq();
  }
  absl::Status End() {
    while (true) {
      const ReportStream::Event event = Next();
      if (const auto* status = std::get_if<absl::Status>(&event))
        return *status;
    }
  }
  void Send(v1::ReportRequest request) {
    Await([&] { return stream_->can_send(); });
    stream_->Send(std::move(request));
  }

  AckingService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ReportStream> stream_;
};

TEST_F(ReportStreamTest, MessagesAndAnswersKeepTheirOrder) {
  stream_->Open();
  for (uint64_t seq = 1; seq <= 5; ++seq) Send(Rows(seq));
  for (uint64_t seq = 1; seq <= 5; ++seq) EXPECT_EQ(NextAck(), seq);
}

TEST_F(ReportStreamTest, OneMessageIsSentAtATime) {
  EXPECT_FALSE(stream_->can_send());
  stream_->Open();
  EXPECT_TRUE(stream_->can_send());
  stream_->Send(Rows(1));
  Await([&] { return stream_->can_send(); });
}

TEST_F(ReportStreamTest, FinishedStreamEndsAfterWhatWasSent) {
  stream_->Open();
  v1::ReportRequest goodbye;
  goodbye.mutable_goodbye();
  stream_->Send(goodbye);
  stream_->Finish();
  EXPECT_FALSE(stream_->can_send());
  EXPECT_THAT(End(), IsOk());
  EXPECT_FALSE(stream_->is_open());
  EXPECT_EQ(service_.goodbyes, 1);
}

TEST_F(ReportStreamTest, CancelledStreamEnds) {
  stream_->Open();
  stream_->Send(Rows(1));
  NextAck();
  stream_->Cancel();
  EXPECT_THAT(End(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ReportStreamTest, RefusalArrivesWithItsDetail) {
  stream_->Open();
  v1::ReportRequest open;
  open.mutable_open();
  stream_->Send(open);
  const absl::Status status = End();
  EXPECT_THAT(status, IsInvalid("TEXT_EMPTY"));
  EXPECT_EQ(DetailOf(status)->field, "open.boot_id");
}

TEST_F(ReportStreamTest, WhereNobodyAnswersItEndsAtOnceAndSaysWhere) {
  StopServer();
  // However often it is tried: the pauses are its user's.
  for (int i = 0; i < 10; ++i) {
    stream_->Open();
    const absl::Status status = End();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(
        std::string(status.message()),
        HasSubstr(absl::StrCat("no connregd answers at 127.0.0.1:", port_)));
  }
}

TEST_F(ReportStreamTest, ServerThatIsBackIsFoundByTheNextStream) {
  const int port = port_;
  StopServer();
  stream_->Open();
  EXPECT_THAT(End(), Not(IsOk()));
  StartServer(port);
  stream_->Open();
  Send(Rows(7));
  EXPECT_EQ(NextAck(), 7u);
}

TEST_F(ReportStreamTest, ManyAnswersAllArrive) {
  service_.answers_each = 1000;
  stream_->Open();
  Send(Rows(1));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(NextAck(), 1u);
}

TEST_F(ReportStreamTest, StreamThatIsOpenEndsWithIt) {
  stream_->Open();
  stream_->Send(Rows(1));
  NextAck();
  stream_.reset();
  StopServer();
  EXPECT_EQ(service_.cancelled, 1);
}

// Takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener_, 8);
  }
  ~SilentServer() {
    close(connection_);
    close(listener_);
  }

  std::string address() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  }

  // Waits for a connection.
  void Accept() { connection_ = accept(listener_, nullptr, nullptr); }
  // Whether it ends within that time.
  bool SeesItsEnd(absl::Duration patience) const {
    pollfd event{.fd = connection_, .events = POLLRDHUP, .revents = 0};
    const int64_t ms = absl::ToInt64Milliseconds(patience);
    return poll(&event, 1, static_cast<int>(ms)) == 1;
  }

 private:
  int listener_ = -1;
  int connection_ = -1;
};

TEST(ReportStreamPatienceTest, ConnectionOfAStreamThatWasGivenUpEndsSoon) {
  SilentServer server;
  auto stream =
      *ReportStream::Create(server.address(), absl::Milliseconds(200));
  stream->Open();
  server.Accept();
  stream.reset();
  // gRPC alone would wait for 20.
  EXPECT_TRUE(server.SeesItsEnd(absl::Seconds(10)));
}

TEST(ReportStreamAddressTest, WhatIsNoAddressIsRefused) {
  EXPECT_THAT(ReportStream::Create("nowhere", absl::Seconds(10)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace connreg
