#include "service/rpc/unary_call.h"

#include "service/rpc/message_bytes.h"
#include "service/wire/status.h"

namespace connreg {
namespace {

// A request that is larger is read aside.
constexpr size_t kMaxShortBytes = 4096;

google::protobuf::ArenaOptions StartingWith(std::array<char, 4096>& block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  options.max_block_size = 64 << 10;
  return options;
}

}  // namespace

void UnaryCall::Serve(const Surroundings& surroundings, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    surroundings.loop.Join();
    // It deletes itself.
    (new UnaryCall(surroundings))->Await();
  }
}

UnaryCall::UnaryCall(const Surroundings& surroundings)
    : surroundings_(surroundings),
      index_(IndexOf(surroundings.method.method)),
      arrived_([this](bool ok) { Arrive(ok); }),
      finished_([this](bool) { Await(); }),
      arena_(StartingWith(block_)) {}

void UnaryCall::Await() {
  writer_.reset();
  bytes_.Clear();
  writer_.emplace(&context_.emplace());
  surroundings_.service.Await(index_, &*context_, &bytes_, &*writer_,
                              surroundings_.loop, arrived_);
}

void UnaryCall::Arrive(bool ok) {
  if (!ok) {
    surroundings_.loop.Leave();
    delete this;
    return;
  }
  start_ = surroundings_.clock.Monotonic();
  const auto& is_short = surroundings_.method.is_short;
  if (!is_short || bytes_.Length() > kMaxShortBytes) {
    Aside(&UnaryCall::ReadAside);
  } else if (const absl::Status status = Read(); !status.ok()) {
    Finish(status);
  } else if (is_short(*request_)) {
    AnswerRead();
  } else {
    Aside(&UnaryCall::AnswerRead);
  }
}

absl::Status UnaryCall::Read() {
  request_ = surroundings_.method.request->New(&arena_);
  response_ = surroundings_.method.response->New(&arena_);
  const absl::Status status = ParseBytes(bytes_, request_);
  // One large request does not hold its memory twice.
  bytes_.Clear();
  return status;
}

void UnaryCall::AnswerRead() {
  Finish(surroundings_.method.answer(*request_, response_));
}

void UnaryCall::Finish(const absl::Status& status) {
  if (status.ok()) BytesOf(*response_).Swap(&bytes_);
  // Nor does a large response while it is sent.
  arena_.Reset();
  const grpc::Status answer = ToGrpcStatus(status);
  // Before the client can know, so that what it then reads counts this call.
  surroundings_.meter.Answered(surroundings_.method.method, answer.error_code(),
                               surroundings_.clock.Monotonic() - start_);
  // From here on the loop may take this object for the next call.
  writer_->Finish(bytes_, answer, finished_.tag());
}

void UnaryCall::Aside(void (UnaryCall::*then)()) {
  surroundings_.loop.DoAside([this, then] { (this->*then)(); });
}

void UnaryCall::ReadAside() {
  const absl::Status status = Read();
  if (status.ok())
    AnswerRead();
  else
    Finish(status);
}

}  // namespace connreg
