#include "service/rpc/message_bytes.h"

#include <cstdint>

#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"

namespace connreg {
namespace {

bool Parse(const grpc::ByteBuffer& bytes,
           google::protobuf::MessageLite* message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok())
    return message->ParseFromArray(slice.begin(),
                                   static_cast<int>(slice.size()));
  grpc::ByteBuffer copy = bytes;
  grpc::ProtoBufferReader reader(&copy);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

}  // namespace

absl::Status ParseBytes(const grpc::ByteBuffer& bytes,
                        google::protobuf::MessageLite* message) {
  if (Parse(bytes, message)) return absl::OkStatus();
  return absl::InternalError("the message cannot be read");
}

grpc::ByteBuffer BytesOf(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  const grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace connreg
