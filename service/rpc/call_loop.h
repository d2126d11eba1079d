#ifndef CONNREG_SERVICE_RPC_CALL_LOOP_H_
#define CONNREG_SERVICE_RPC_CALL_LOOP_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"
#include "service/rpc/workers.h"

namespace connreg {

// CallLoop takes what happens to the calls of a server out of a completion
// queue, on one thread, which also answers what takes little time. Workers do
// the rest, so that it holds up nobody.
//
// It is one thread since those that wait for gRPC share one epoll set: whenever
// one of them has something to do it wakes another to wait in its place, and
// that costs more than a short call does. So no other thread of the process is
// to wait for gRPC: no call is synchronous, and none uses gRPC's callbacks.
// Reflection, which gRPC serves itself, is one that does where it is served.
class CallLoop {
 public:
  // Of the server that `builder` is to build. `workers` is how many threads
  // they have.
  CallLoop(grpc::ServerBuilder* builder, size_t workers);
  CallLoop(const CallLoop&) = delete;
  CallLoop& operator=(const CallLoop&) = delete;
  // REQUIRES: the server takes no more calls, so that those that there are
  //   leave.
  ~CallLoop();

  // Takes what happens from now on.
  void Start();

  // What gRPC is asked with, along with the tag of a CallEvent.
  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  // Does `task` on a thread on which it may take its time. Thread-safe.
  void DoAside(std::function<void()> task) { workers_.Do(std::move(task)); }

  // A call is there that waits for what happens, and has left, so that nothing
  // will happen to it. Thread-safe.
  void Join() { ++calls_; }
  void Leave();

 private:
  void Run();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  // How many calls there are, to wait on.
  std::atomic<size_t> calls_{0};
  Workers workers_;
  std::thread thread_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_CALL_LOOP_H_
