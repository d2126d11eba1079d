#ifndef CONNREG_CLIENT_LIB_STREAM_CALL_H_
#define CONNREG_CLIENT_LIB_STREAM_CALL_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client/lib/wake_event.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"
#include "grpcpp/support/status.h"
#include "service/base/mutex.h"

namespace connreg {

// StreamCall is one stream of a ReportStream, and a connection of its own.
//
// Its user's calls come from one thread, and those that begin with "On" from
// gRPC's. A hold keeps gRPC from ending it while the user may still begin
// something. It is to be deleted after Take() has given its end.
class StreamCall final
    : public grpc::ClientBidiReactor<v1::ReportRequest, v1::ReportResponse> {
 public:
  // An answer, or the status at the end.
  using Event = std::variant<v1::ReportResponse, grpc::Status>;

  // Wakes `wake` whenever something has happened. `patience` is as that of
  // ReportStream.
  StreamCall(const std::string& target, absl::Duration patience,
             std::shared_ptr<WakeEvent> wake);

  // These are as those of ReportStream.
  bool can_send() const;
  void Send(v1::ReportRequest request);
  std::optional<Event> Take();
  void Finish();
  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::shared_ptr<WakeEvent> wake_;
  const std::unique_ptr<v1::ReportingService::Stub> stub_;
  grpc::ClientContext context_;
  // gRPC's while it writes, and while it reads.
  v1::ReportRequest request_;
  v1::ReportResponse answer_;
  // The user's.
  bool has_hold_ = true;

  mutable Mutex mutex_;
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  // As many answers wait as may, so that no more are read.
  bool is_full_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<v1::ReportResponse> answers_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_STREAM_CALL_H_
