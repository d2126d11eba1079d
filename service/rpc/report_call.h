#ifndef CONNREG_SERVICE_RPC_REPORT_CALL_H_
#define CONNREG_SERVICE_RPC_REPORT_CALL_H_

#include <deque>
#include <optional>

#include "absl/status/status.h"
#include "connreg/v1/report.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/base/mutex.h"
#include "service/core/registry.h"
#include "service/rpc/call_event.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/report_session.h"
#include "service/rpc/report_streams.h"

namespace connreg {

// ReportCall is one stream of Report: it reads, hands on and answers one
// message after another, and deletes itself at the end. What a message says is
// taken aside of the loop.
//
// An agent that does not take its answers is not read from, so that few of them
// wait. What is answered before the stream is ended is sent first, unless it is
// cut off.
class ReportCall final : public EndableStream {
 public:
  // What the streams have in common, all of which outlives them.
  struct Surroundings {
    CallLoop& loop;
    RawMethods& service;
    Registry& registry;
    ReportStreams& streams;
    ReportObserver& observer;
  };

  // Serves the streams to come.
  static void Serve(const Surroundings& surroundings);

  void End(const absl::Status& status) override;
  void CutOff() override;

 private:
  explicit ReportCall(const Surroundings& surroundings);

  // What happens to it.
  void Arrive(bool ok);
  void ReadDone(bool ok);
  void WriteDone(bool ok);
  void FinishDone();
  void StreamDone();

  // Takes the message that was read, or that there is none.
  void TakeRead(bool ok);
  // Ends it for what it saw itself.
  void EndItself(const absl::Status& status);
  // Takes the message that was read, and ends the stream if it was the last.
  absl::Status Take();
  // Does what can be done next: writes, reads, or finishes.
  void AdvanceLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether nothing will happen to it any more.
  bool IsOverLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Leave();

  const Surroundings surroundings_;
  CallEvent arrived_;
  CallEvent read_;
  CallEvent written_;
  CallEvent finished_;
  // The stream is no longer there, whoever ended it.
  CallEvent done_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
  // Touched between a read and the next, and after the end.
  ReportSession session_;
  grpc::ByteBuffer request_;

  Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_done_ ABSL_GUARDED_BY(mutex_) = false;
  // Whether its end was that there is nothing more to read.
  bool read_to_end_ ABSL_GUARDED_BY(mutex_) = false;
  // The first is being written.
  std::deque<grpc::ByteBuffer> answers_ ABSL_GUARDED_BY(mutex_);
  // With which the stream ends, once that is known.
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_CALL_H_
