#include "service/rpc/call_loop.h"

#include "service/rpc/call_event.h"

namespace connreg {

CallLoop::CallLoop(grpc::ServerBuilder* builder, size_t workers)
    : queue_(builder->AddCompletionQueue()), workers_(workers) {}

CallLoop::~CallLoop() {
  // A queue that is shut down takes no call that would wait again.
  for (size_t calls = calls_; calls > 0; calls = calls_) calls_.wait(calls);
  queue_->Shutdown();
  if (thread_.joinable())
    thread_.join();
  else
    Run();
}

void CallLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CallLoop::Leave() {
  if (--calls_ == 0) calls_.notify_all();
}

void CallLoop::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) CallEvent::OfTag(tag).Happen(ok);
}

}  // namespace connreg
