#ifndef CONNREG_TESTS_BENCH_REPORT_CALL_H_
#define CONNREG_TESTS_BENCH_REPORT_CALL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "connreg/v1/report.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace connreg {

// ReportCall is one Report stream, on which messages are sent that were made
// ready before. As an agent it has at most a few of them on the way that are
// not acknowledged.
//
// Whoever serves the completion queue calls Take() of the tags that it returns.
//
// Not thread-safe.
class ReportCall {
 public:
  // What the completion queue returns.
  struct Tag {
    enum class Kind : uint8_t { kStarted, kWritten, kRead, kFinished };
    ReportCall* call;
    Kind kind;
  };

  // Opens the stream with `open`. `stub` and `queue` are to outlive it.
  ReportCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue,
             grpc::ByteBuffer open);
  // REQUIRES: has_ended()
  ~ReportCall() = default;
  // gRPC knows it by its address.
  ReportCall(const ReportCall&) = delete;
  ReportCall& operator=(const ReportCall&) = delete;

  // Sends `messages`, each of which is answered.
  //
  // REQUIRES: is_idle()
  void Send(std::vector<grpc::ByteBuffer> messages);
  // Sends the last message, which is answered by the end of the stream.
  //
  // REQUIRES: is_idle()
  void SendGoodbye(grpc::ByteBuffer goodbye);
  // Gives the stream up.
  void Cancel() { context_.TryCancel(); }

  // What a tag says has come to pass.
  void Take(Tag::Kind kind, bool ok);

  // Whether all that was sent is answered, or nothing will be any more.
  bool is_idle() const {
    return has_ended_ || (is_welcomed_ && answered_ == messages_.size());
  }
  // Whether it is over, on whosever side.
  bool has_ended() const { return has_ended_; }
  // DATA_LOSS: not all that was sent was taken.
  // UNAVAILABLE: the other side has ended the stream, and why.
  const absl::Status& status() const { return status_; }

 private:
  void WriteNext();
  void TakeAnswer();
  void NoteEnd();
  // The other side has not done what it should.
  void Fail(absl::Status status);

  Tag started_{this, Tag::Kind::kStarted};
  Tag written_{this, Tag::Kind::kWritten};
  Tag read_{this, Tag::Kind::kRead};
  Tag finished_{this, Tag::Kind::kFinished};

  grpc::ClientContext context_;
  const grpc::ByteBuffer open_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer answer_;
  grpc::Status end_;

  std::vector<grpc::ByteBuffer> messages_;
  size_t sent_ = 0;
  size_t answered_ = 0;
  bool is_welcomed_ = false;
  bool is_writing_ = true;
  bool said_goodbye_ = false;
  bool has_ended_ = false;
  absl::Status status_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_REPORT_CALL_H_
