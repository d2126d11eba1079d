#include "tests/bench/report_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace connreg {
namespace {

// How many messages an agent sends before the first is acknowledged.
constexpr size_t kWindow = 4;

}  // namespace

ReportCall::ReportCall(grpc::GenericStub& stub, grpc::CompletionQueue& queue,
                       grpc::ByteBuffer open)
    : open_(std::move(open)),
      stream_(stub.PrepareCall(&context_, "/connreg.v1.ReportingService/Report",
                               &queue)) {
  stream_->StartCall(&started_);
}

void ReportCall::Send(std::vector<grpc::ByteBuffer> messages) {
  messages_ = std::move(messages);
  sent_ = 0;
  answered_ = 0;
  WriteNext();
}

void ReportCall::SendGoodbye(grpc::ByteBuffer goodbye) {
  said_goodbye_ = true;
  is_writing_ = true;
  stream_->WriteLast(goodbye, grpc::WriteOptions(), &written_);
}

void ReportCall::Take(Tag::Kind kind, bool ok) {
  switch (kind) {
    case Tag::Kind::kStarted:
      // If it did not start, reading tells.
      if (ok) stream_->Write(open_, &written_);
      stream_->Read(&answer_, &read_);
      break;
    case Tag::Kind::kWritten:
      is_writing_ = false;
      if (ok) WriteNext();
      break;
    case Tag::Kind::kRead:
      if (ok)
        TakeAnswer();
      else
        stream_->Finish(&end_, &finished_);
      break;
    case Tag::Kind::kFinished:
      NoteEnd();
      break;
  }
}

void ReportCall::WriteNext() {
  if (is_writing_ || sent_ == messages_.size() || sent_ == answered_ + kWindow)
    return;
  is_writing_ = true;
  stream_->Write(messages_[sent_++], &written_);
}

void ReportCall::TakeAnswer() {
  grpc::ProtoBufferReader reader(&answer_);
  v1::ReportResponse answer;
  if (!answer.ParseFromZeroCopyStream(&reader))
    return Fail(absl::DataLossError("an answer that does not parse"));
  if (answer.has_welcome()) {
    is_welcomed_ = true;
    if (!answer.welcome().snapshot_wanted())
      return Fail(absl::DataLossError("the service wants no snapshot"));
  } else {
    const v1::Ack& ack = answer.ack();
    ++answered_;
    if (ack.seq() != answered_ || ack.refused_listeners_size() > 0 ||
        ack.refused_connections_size() > 0 || ack.refusals_size() > 0 ||
        ack.limits_size() > 0 || ack.snapshot_wanted())
      return Fail(absl::DataLossError(
          absl::StrCat("not taken: ", ack.ShortDebugString())));
    WriteNext();
  }
  stream_->Read(&answer_, &read_);
}

void ReportCall::NoteEnd() {
  has_ended_ = true;
  if (status_.ok() && !(said_goodbye_ && end_.ok())) {
    status_ = absl::UnavailableError(
        absl::StrCat("a Report stream has ended: ", end_.error_code(), ": ",
                     end_.error_message()));
  }
}

void ReportCall::Fail(absl::Status status) {
  status_ = std::move(status);
  Cancel();
  stream_->Read(&answer_, &read_);
}

}  // namespace connreg
