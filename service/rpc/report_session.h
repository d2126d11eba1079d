#ifndef CONNREG_SERVICE_RPC_REPORT_SESSION_H_
#define CONNREG_SERVICE_RPC_REPORT_SESSION_H_

#include <optional>

#include "absl/status/status.h"
#include "connreg/v1/report.pb.h"
#include "service/core/registry.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/report_streams.h"

namespace connreg {

// ReportSession hands what an agent says on one stream to the registry, and
// tells what that answers.
//
// Not thread-safe.
class ReportSession {
 public:
  // All outlive the session.
  ReportSession(Registry& registry, ReportStreams& streams,
                ReportObserver& observer, EndableStream& stream)
      : registry_(registry),
        streams_(streams),
        observer_(observer),
        stream_(stream) {}

  // Applies the next message, and puts the answer into the empty `response`; a
  // Goodbye has none, and is the last.
  //
  // What the registry says, or INVALID_ARGUMENT: the message is malformed, or
  //   the first is not Open (OPEN_MISSING), or another one is (OPEN_REPEATED).
  absl::Status Take(const v1::ReportRequest& request,
                    v1::ReportResponse* response);
  // Whether a Goodbye was taken.
  bool over() const { return over_; }

  // The stream was lost, or is given up. Does nothing the second time.
  void Lose();

 private:
  absl::Status Apply(const SessionOpening& opening,
                     v1::ReportResponse* response);
  absl::Status Apply(const DecodedBatch& decoded, v1::ReportResponse* response);
  absl::Status Apply(const KeepAlive& keep_alive, v1::ReportResponse* response);
  absl::Status Apply(const Goodbye& goodbye, v1::ReportResponse* response);

  Registry& registry_;
  ReportStreams& streams_;
  ReportObserver& observer_;
  EndableStream& stream_;
  Reporter reporter_;
  // Unset before it is welcomed, and after its end.
  std::optional<Epoch> epoch_;
  bool over_ = false;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_SESSION_H_
