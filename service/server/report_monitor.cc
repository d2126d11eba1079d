#include "service/server/report_monitor.h"

#include "service/base/error.h"
#include "service/base/log.h"
#include "service/core/session_errors.h"
#include "service/rpc/method.h"

namespace connreg {
namespace {

constexpr absl::Duration kRefusalsToldEvery = absl::Minutes(1);

// For each of these, agents are refused a session.
constexpr const char* kReasons[] = {kHostNameTaken, kRunSuperseded,
                                    kTooManyReporters};

std::string ReasonOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (detail && !detail->reason.empty()) return detail->reason;
  return absl::StatusCodeToString(status.code());
}

constexpr char kMessages[] = "message";

}  // namespace

ReportMonitor::ReportMonitor(const Clock& clock, CallMeter& calls)
    : clock_(clock),
      calls_(calls),
      registry_(std::make_shared<prometheus::Registry>()),
      opened_(AddCounter("connreg_sessions_opened_total",
                         "Sessions that agents have opened.")),
      superseded_(AddCounter("connreg_sessions_superseded_total",
                             "Sessions that the next one of the same agent has "
                             "ended while their streams were there.")),
      refused_(prometheus::BuildCounter()
                   .Name("connreg_sessions_refused_total")
                   .Help("Sessions that agents were refused, by reason.")
                   .Register(*registry_)),
      snapshots_(AddCounter("connreg_snapshots_total",
                            "Snapshots that agents have said to their end.")),
      messages_(prometheus::BuildCounter()
                    .Name("connreg_report_messages_total")
                    .Help("Messages of agents that were applied, by kind.")
                    .Register(*registry_)),
      rows_(AddCounter("connreg_reported_rows_total",
                       "Rows in them, there, gone or ended.")),
      malformed_rows_(AddCounter("connreg_malformed_rows_total",
                                 "Rows in them that were malformed.")) {
  for (const char* reason : kReasons) refused_.Add({{"reason", reason}});
  for (const char* kind : {"open", "rows", "keep_alive", "goodbye"})
    messages_.Add({{kMessages, kind}});
}

void ReportMonitor::Opened(const SessionOpening&, const SessionWelcome&) {
  opened_.Increment();
  messages_.Add({{kMessages, "open"}}).Increment();
}

void ReportMonitor::Refused(const SessionOpening& opening,
                            const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  refused_.Add({{"reason", reason}}).Increment();
  if (!IsToBeTold(HostKeyOf(opening.reporter))) return;
  Log(LogLevel::kWarning, "session refused",
      {{"reason", reason},
       {"reporter", opening.reporter.name},
       {"host", opening.reporter.host},
       {"network", opening.reporter.network},
       {"boot", opening.boot_id}});
}

void ReportMonitor::Superseded(Epoch) { superseded_.Increment(); }

void ReportMonitor::Took(const Reporter&, const DecodedBatch& batch,
                         const Ack&) {
  messages_.Add({{kMessages, "rows"}}).Increment();
  rows_.Increment(static_cast<double>(RowCount(batch.batch)));
  malformed_rows_.Increment(static_cast<double>(
      batch.malformed_listeners.size() + batch.malformed_connections.size() +
      batch.malformed_ended));
  if (batch.batch.last) snapshots_.Increment();
}

void ReportMonitor::Took(const Reporter& reporter, const KeepAlive&,
                         const Ack& ack) {
  messages_.Add({{kMessages, "keep_alive"}}).Increment();
  if (!ack.diverges) return;
  Log(LogLevel::kError, "rows diverge",
      {{"reporter", reporter.name},
       {"host", reporter.host},
       {"network", reporter.network}});
}

void ReportMonitor::Took(const Reporter&, const Goodbye&) {
  messages_.Add({{kMessages, "goodbye"}}).Increment();
}

void ReportMonitor::Ended(grpc::StatusCode code) {
  calls_.Ended(Method::kReport, code);
}

prometheus::Counter& ReportMonitor::AddCounter(const std::string& name,
                                               const std::string& help) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(*registry_)
      .Add({});
}

bool ReportMonitor::IsToBeTold(const HostKey& host) {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mutex_);
  std::erase_if(told_, [now](const auto& entry) {
    return now - entry.second >= kRefusalsToldEvery;
  });
  return told_.emplace(host, now).second;
}

}  // namespace connreg
