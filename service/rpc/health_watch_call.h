#ifndef CONNREG_SERVICE_RPC_HEALTH_WATCH_CALL_H_
#define CONNREG_SERVICE_RPC_HEALTH_WATCH_CALL_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/base/mutex.h"
#include "service/rpc/call_event.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/call_meter.h"
#include "service/rpc/health_states.h"
#include "service/rpc/raw_service.h"

namespace connreg {

// HealthWatchCall is one call of grpc.health.v1 that watches a service: it
// sends how that is, and whenever it changes, and deletes itself at the end.
// One who reads slowly hears of the latest state, not of each.
class HealthWatchCall final : public HealthStates::Watcher {
 public:
  // What the watches have in common, all of which outlives them.
  struct Surroundings {
    CallLoop& loop;
    RawMethods& service;
    HealthStates& states;
    CallMeter& meter;
  };

  // Serves the watches to come.
  static void Serve(const Surroundings& surroundings);

  void Tell(HealthStates::State state) override;

 private:
  explicit HealthWatchCall(const Surroundings& surroundings);

  // What happens to it.
  void Arrive(bool ok);
  void WriteDone();
  void StreamDone();
  void FinishDone();

  // Does what can be done next: sends, or finishes.
  void AdvanceLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Nothing will happen to it any more.
  void Leave();

  const Surroundings surroundings_;
  CallEvent arrived_;
  CallEvent written_;
  CallEvent finished_;
  // The stream is no longer there, whoever ended it.
  CallEvent done_;
  grpc::ServerContext context_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  grpc::ByteBuffer request_;
  // What is watched; nothing if the request cannot be read.
  std::optional<std::string> watched_;

  // Taken after the lock of the states.
  Mutex mutex_;
  // What is to be sent next.
  std::optional<HealthStates::State> next_ ABSL_GUARDED_BY(mutex_);
  // With which it ends. It has no end of its own.
  absl::Status status_ ABSL_GUARDED_BY(mutex_) =
      absl::CancelledError("nobody watches any more");
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_done_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_HEALTH_WATCH_CALL_H_
