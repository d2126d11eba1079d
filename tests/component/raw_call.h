#ifndef CONNREG_TESTS_COMPONENT_RAW_CALL_H_
#define CONNREG_TESTS_COMPONENT_RAW_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"

namespace connreg {

// One call of any method, unary or streaming, in bytes: for services whose
// messages are not generated here.
class RawCall {
 public:
  // Sends `request`, and ends the client's half.
  RawCall(const std::shared_ptr<grpc::Channel>& channel,
          const std::string& method, const std::string& request);
  // Cancels the call if it has not ended.
  ~RawCall();

  // Waits for the next message; nothing if there is none.
  std::optional<std::string> Read();
  // Waits for the end.
  grpc::Status Finish();

 private:
  // Waits for the one operation under way.
  bool Wait();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool finished_ = false;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_RAW_CALL_H_
