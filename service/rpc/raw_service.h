#ifndef CONNREG_SERVICE_RPC_RAW_SERVICE_H_
#define CONNREG_SERVICE_RPC_RAW_SERVICE_H_

#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/rpc/call_event.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/method.h"

namespace connreg {

// RawMethods waits for the calls of a service, whose messages come and go as
// bytes. Each Await is for one call of a method of that kind, told by its place
// in the service (see IndexOf); what it is given outlives the call. `arrived`
// happens when the call and its request, if it has but one, are there; not ok:
// there will be none.
class RawMethods {
 public:
  using Bytes = grpc::ByteBuffer;

  virtual void Await(int method, grpc::ServerContext* context, Bytes* request,
                     grpc::ServerAsyncResponseWriter<Bytes>*, CallLoop& loop,
                     CallEvent& arrived) = 0;
  virtual void Await(int method, grpc::ServerContext* context, Bytes* request,
                     grpc::ServerAsyncWriter<Bytes>*, CallLoop& loop,
                     CallEvent& arrived) = 0;
  virtual void Await(int method, grpc::ServerContext* context,
                     grpc::ServerAsyncReaderWriter<Bytes, Bytes>*,
                     CallLoop& loop, CallEvent& arrived) = 0;

 protected:
  ~RawMethods() = default;
};

// RawService is the service that gRPC has generated as `Generated`, to register
// with a server.
template <typename Generated>
class RawService final : public Generated::Service, public RawMethods {
 public:
  RawService() {
    for (int i = 0; i < MethodCount(Generated::service_full_name()); ++i)
      this->MarkMethodRaw(i);
  }

  void Await(int method, grpc::ServerContext* context, Bytes* request,
             grpc::ServerAsyncResponseWriter<Bytes>* writer, CallLoop& loop,
             CallEvent& arrived) override {
    this->RequestAsyncUnary(method, context, request, writer, loop.queue(),
                            loop.queue(), arrived.tag());
  }
  void Await(int method, grpc::ServerContext* context, Bytes* request,
             grpc::ServerAsyncWriter<Bytes>* writer, CallLoop& loop,
             CallEvent& arrived) override {
    this->RequestAsyncServerStreaming(method, context, request, writer,
                                      loop.queue(), loop.queue(),
                                      arrived.tag());
  }
  void Await(int method, grpc::ServerContext* context,
             grpc::ServerAsyncReaderWriter<Bytes, Bytes>* stream,
             CallLoop& loop, CallEvent& arrived) override {
    this->RequestAsyncBidiStreaming(method, context, stream, loop.queue(),
                                    loop.queue(), arrived.tag());
  }
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_RAW_SERVICE_H_
