#ifndef CONNREG_SERVICE_RPC_REPORT_OBSERVER_H_
#define CONNREG_SERVICE_RPC_REPORT_OBSERVER_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "service/wire/report.h"

namespace connreg {

// ReportObserver is told how the streams of Report go.
//
// Thread-safe.
class ReportObserver {
 public:
  virtual ~ReportObserver() = default;

  // A session was opened, or the agent was refused one.
  virtual void Opened(const SessionOpening& opening,
                      const SessionWelcome& welcome) = 0;
  virtual void Refused(const SessionOpening& opening,
                       const absl::Status& status) = 0;
  // A session was ended by another one of its reporter.
  virtual void Superseded(Epoch epoch) = 0;
  // An agent said something, and it was applied.
  virtual void Took(const Reporter& reporter, const DecodedBatch& batch,
                    const Ack& ack) = 0;
  virtual void Took(const Reporter& reporter, const KeepAlive& keep_alive,
                    const Ack& ack) = 0;
  virtual void Took(const Reporter& reporter, const Goodbye& goodbye) = 0;
  // A stream ended with `code`.
  virtual void Ended(grpc::StatusCode code) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_OBSERVER_H_
