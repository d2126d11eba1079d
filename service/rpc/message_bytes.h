#ifndef CONNREG_SERVICE_RPC_MESSAGE_BYTES_H_
#define CONNREG_SERVICE_RPC_MESSAGE_BYTES_H_

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"

namespace connreg {

// Parses a message that gRPC has received.
//
// INTERNAL: the bytes are no such message. It is the code that gRPC gives that.
absl::Status ParseBytes(const grpc::ByteBuffer& bytes,
                        google::protobuf::MessageLite* message);

// A message for gRPC to send.
grpc::ByteBuffer BytesOf(const google::protobuf::MessageLite& message);

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_MESSAGE_BYTES_H_
