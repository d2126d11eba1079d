#ifndef CONNREG_SERVICE_RPC_UNARY_CALL_H_
#define CONNREG_SERVICE_RPC_UNARY_CALL_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/arena.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/base/clock.h"
#include "service/rpc/call_event.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/call_meter.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/unary_method.h"

namespace connreg {

// UnaryCall answers one call of a method after another, each as soon as the one
// before has been answered, and deletes itself when the server takes no more.
//
// Requests that are short are answered on the thread of the loop, the others
// aside, and read there too where they are large.
class UnaryCall final {
 public:
  // What the calls have in common, all of which outlives them.
  struct Surroundings {
    CallLoop& loop;
    RawMethods& service;
    const UnaryMethod& method;
    const Clock& clock;
    CallMeter& meter;
  };

  // Answers up to `count` calls at a time from now on.
  static void Serve(const Surroundings& surroundings, size_t count);

 private:
  explicit UnaryCall(const Surroundings& surroundings);

  void Await();
  void Arrive(bool ok);
  // Makes the messages, and reads the request.
  absl::Status Read();
  void AnswerRead();
  void Finish(const absl::Status& status);
  // As the function says, from a thread that may take its time.
  void Aside(void (UnaryCall::*then)());
  void ReadAside();

  const Surroundings surroundings_;
  const int index_;
  CallEvent arrived_;
  CallEvent finished_;

  // Of the call that there is.
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer bytes_;
  absl::Duration start_;
  // Holds the messages. Short ones fit into the block that it begins with.
  std::array<char, 4096> block_;
  google::protobuf::Arena arena_;
  google::protobuf::MessageLite* request_ = nullptr;
  google::protobuf::MessageLite* response_ = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_UNARY_CALL_H_
