#include "tests/component/raw_call.h"

#include <vector>

#include "google/protobuf/wrappers.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

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

// HealthCheckRequest has the wire format of a StringValue, and
// HealthCheckResponse that of an Int32Value.
std::string HealthRequest(const std::string& service) {
  google::protobuf::StringValue request;
  request.set_value(service);
  return request.SerializeAsString();
}

Health HealthFrom(const std::string& bytes) {
  google::protobuf::Int32Value response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return static_cast<Health>(response.value());
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

Health HealthOf(const std::shared_ptr<grpc::Channel>& channel,
                const std::string& service) {
  RawCall call(channel, kHealthCheck, HealthRequest(service));
  const std::optional<std::string> response = call.Read();
  if (response) return HealthFrom(*response);
  return call.Finish().error_code() == grpc::StatusCode::NOT_FOUND
             ? Health::kNoSuchService
             : Health::kUnknown;
}

HealthWatch::HealthWatch(const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& service)
    : call_(channel, kHealthWatch, HealthRequest(service)) {}

Health HealthWatch::Next() {
  const std::optional<Health> before = last_;
  while (last_ == before) {
    const std::optional<std::string> response = call_.Read();
    if (!response) return Health::kUnknown;
    last_ = HealthFrom(*response);
  }
  return *last_;
}

}  // namespace connreg
