#ifndef CONNREG_SERVICE_RPC_REPORT_CALL_H_
#define CONNREG_SERVICE_RPC_REPORT_CALL_H_

#include <deque>
#include <optional>

#include "absl/status/status.h"
#include "connreg/v1/report.pb.h"
#include "grpcpp/support/server_callback.h"
#include "service/base/mutex.h"
#include "service/core/registry.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/report_session.h"
#include "service/rpc/report_streams.h"

namespace connreg {

// ReportCall is one stream of Report: it reads, hands on and answers one
// message after another, and deletes itself at the end.
//
// An agent that does not take its answers is not read from, so that few of them
// wait. What is answered before the stream is ended is sent first, unless it is
// cut off.
class ReportCall final
    : public grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportResponse>,
      public EndableStream {
 public:
  // All outlive the call.
  ReportCall(const grpc::CallbackServerContext& context, Registry& registry,
             ReportStreams& streams, ReportObserver& observer);

  void End(const absl::Status& status) override;
  void CutOff() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  // Ends it for what it saw itself.
  void EndItself(const absl::Status& status);
  // Takes the message that was read, and ends the stream if it was the last.
  void Take();
  // Does what can be done next: writes, reads, or finishes.
  void AdvanceLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const grpc::CallbackServerContext& context_;
  ReportStreams& streams_;
  ReportObserver& observer_;
  // Touched between a read and the next, and after the end.
  ReportSession session_;
  v1::ReportRequest request_;

  Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  // The first is being written.
  std::deque<v1::ReportResponse> answers_ ABSL_GUARDED_BY(mutex_);
  // With which the stream ends, once that is known.
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_CALL_H_
