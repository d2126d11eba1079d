#ifndef CONNREG_SERVICE_SERVER_REPORT_MONITOR_H_
#define CONNREG_SERVICE_SERVER_REPORT_MONITOR_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/model/host.h"
#include "service/rpc/call_meter.h"
#include "service/rpc/report_observer.h"

namespace connreg {

// ReportMonitor counts what agents say in their sessions, and logs what people
// have to look into: agents that are refused a session, once a minute for each
// host, and rows that diverge.
//
// Thread-safe.
class ReportMonitor final : public ReportObserver {
 public:
  // Both outlive the monitor.
  ReportMonitor(const Clock& clock, CallMeter& calls);

  // What Prometheus collects.
  std::shared_ptr<prometheus::Collectable> collectable() const {
    return registry_;
  }

  void Opened(const SessionOpening& opening,
              const SessionWelcome& welcome) override;
  void Refused(const SessionOpening& opening,
               const absl::Status& status) override;
  void Superseded(Epoch epoch) override;
  void Took(const Reporter& reporter, const DecodedBatch& batch,
            const Ack& ack) override;
  void Took(const Reporter& reporter, const KeepAlive& keep_alive,
            const Ack& ack) override;
  void Took(const Reporter& reporter, const Goodbye& goodbye) override;
  void Ended(grpc::StatusCode code) override;

 private:
  prometheus::Counter& AddCounter(const std::string& name,
                                  const std::string& help);
  // Whether that of the host was not told within the last minute.
  bool IsToBeTold(const HostKey& host);

  const Clock& clock_;
  CallMeter& calls_;
  const std::shared_ptr<prometheus::Registry> registry_;
  // They belong to the registry.
  prometheus::Counter& opened_;
  prometheus::Counter& superseded_;
  prometheus::Family<prometheus::Counter>& refused_;
  prometheus::Counter& snapshots_;
  prometheus::Family<prometheus::Counter>& messages_;
  prometheus::Counter& rows_;
  prometheus::Counter& malformed_rows_;

  Mutex mutex_;
  // When it was told, on the monotonic clock. Of the last minute.
  std::map<HostKey, absl::Duration> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_REPORT_MONITOR_H_
