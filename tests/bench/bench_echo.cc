// The least that a gRPC server can do: answers every Lookup with as many bytes
// as it is told, whatever was asked, from one thread that serves one completion
// queue. It is what the stack allows at most.
//
//   bench_echo --listen 127.0.0.1:0 --response-bytes 300
//
// It prints its port, and ends with its standard input.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connreg/v1/registry_service.grpc.pb.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"

namespace connreg {
namespace {

using Service =
    v1::RegistryService::WithRawMethod_Lookup<v1::RegistryService::Service>;

// How many calls wait to be taken.
constexpr size_t kPosted = 128;

// One call after another.
class Call {
 public:
  Call(Service& service, grpc::ServerCompletionQueue& queue,
       const grpc::ByteBuffer& response)
      : service_(service), queue_(queue), response_(response) {
    Post();
  }

  // What it was waiting for has come to pass. No other call is taken once it
  // `ends`.
  void Advance(bool ends) {
    if (answers_ && ends) return;
    if (answers_) return Post();
    answers_ = true;
    responder_->Finish(response_, grpc::Status::OK, this);
  }

 private:
  void Post() {
    answers_ = false;
    responder_.reset();
    context_.emplace();
    responder_.emplace(&*context_);
    service_.RequestLookup(&*context_, &request_, &*responder_, &queue_,
                           &queue_, this);
  }

  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  const grpc::ByteBuffer& response_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> responder_;
  grpc::ByteBuffer request_;
  bool answers_ = false;
};

// Until the queue is shut down.
void Serve(Service& service, grpc::ServerCompletionQueue& queue,
           const std::string& answer, const std::atomic<bool>& ends) {
  const grpc::Slice slice(answer);
  const grpc::ByteBuffer response(&slice, 1);
  std::vector<std::unique_ptr<Call>> calls;
  for (size_t i = 0; i < kPosted; ++i)
    calls.push_back(std::make_unique<Call>(service, queue, response));
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok))
    if (ok) static_cast<Call*>(tag)->Advance(ends);
}

int Run(const std::string& listen, size_t response_bytes) {
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 3;
  const std::string answer(response_bytes, 'x');
  std::atomic<bool> ends = false;
  std::thread thread([&] { Serve(service, *queue, answer, ends); });
  std::cout << port << std::endl;
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  ends = true;
  server->Shutdown();
  queue->Shutdown();
  thread.join();
  return 0;
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  CLI::App app("A gRPC server that does nothing but answer");
  std::string listen = "127.0.0.1:0";
  size_t response_bytes = 0;
  app.add_option("--listen", listen, "Where to serve");
  app.add_option("--response-bytes", response_bytes, "How long answers are");
  CLI11_PARSE(app, argc, argv);
  return connreg::Run(listen, response_bytes);
}
