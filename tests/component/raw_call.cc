#include "tests/component/raw_call.h"

#include <vector>

#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

grpc::ByteBuffer Buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

RawCall::RawCall(const std::shared_ptr<grpc::Channel>& channel,
                 const std::string& method, const std::string& request)
    : stub_(channel) {
  context_.set_deadline(Deadline());
  stream_ = stub_.PrepareCall(&context_, method, &queue_);
  stream_->StartCall(this);
  if (!Wait()) return;
  stream_->WriteLast(Buffer(request), grpc::WriteOptions(), this);
  Wait();
}

RawCall::~RawCall() {
  if (!finished_) {
    context_.TryCancel();
    Finish();
  }
  queue_.Shutdown();
}

std::optional<std::string> RawCall::Read() {
  grpc::ByteBuffer buffer;
  stream_->Read(&buffer, this);
  if (!Wait()) return std::nullopt;
  return Bytes(buffer);
}

grpc::Status RawCall::Finish() {
  grpc::Status status;
  stream_->Finish(&status, this);
  Wait();
  finished_ = true;
  return status;
}

bool RawCall::Wait() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace connreg
