#include "client/agent/run.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/agent/summary.h"
#include "client/lib/limit_text.h"
#include "service/base/error.h"
#include "service/flags/duration.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

constexpr char kProgram[] = "connreg-agent: ";
constexpr size_t kMaxRefusalsShown = 5;

// The one that reports all network namespaces of a host.
constexpr char kAgentOfAll[] = "connreg-agent";

// The one that reports this one alone.
std::string AgentOf(absl::string_view netns) {
  return absl::StrCat(kAgentOfAll, "-", netns);
}

void TellFailures(const Snapshot& snapshot, std::ostream& err) {
  for (const CoverageGap& gap : snapshot.gaps)
    if (MakesPartial(gap.kind)) err << kProgram << gap.description << "\n";
  for (const std::string& failure : snapshot.failures)
    err << kProgram << failure << "\n";
}

// "1 listener, 3 connections", "2 of 4 sockets".
std::string ReportedText(const ReportOutcome& outcome) {
  if (outcome.limited_count > 0) {
    const size_t offered = outcome.listener_count + outcome.connection_count;
    return absl::StrCat(offered - std::min(offered, outcome.limited_count),
                        " of ", CountText(offered, "socket"));
  }
  return absl::StrCat(CountText(outcome.listener_count, "listener"), ", ",
                      CountText(outcome.connection_count, "connection"));
}

void TellReported(const Flags& flags, const Snapshot& snapshot,
                  const ReportOutcome& outcome, std::ostream& out) {
  out << "reported " << ReportedText(outcome) << " of " << flags.host
      << " (network " << flags.network << ", "
      << CountText(snapshot.namespaces.size(), "network namespace")
      << "); they live for " << flags::DurationText(flags.ttl) << "\n";
  for (const std::string& line : UnseenLines(snapshot)) out << line << "\n";
}

void TellRefusals(const ReportOutcome& outcome, std::ostream& err) {
  const size_t shown = std::min(outcome.refusals.size(), kMaxRefusalsShown);
  for (size_t i = 0; i < shown; ++i)
    err << kProgram << "refused: " << outcome.refusals[i] << "\n";
  if (shown < outcome.refusals.size()) {
    err << kProgram
        << "refused: " << CountText(outcome.refusals.size() - shown, "more row")
        << "\n";
  }
}

void TellLimits(const ReportOutcome& outcome, std::ostream& err) {
  for (const v1::LimitReached& reached : outcome.limits) {
    const absl::string_view noun =
        KeepsOutRows(reached.limit()) ? "row" : "address list";
    err << kProgram << "refused: " << CountText(reached.refused_count(), noun)
        << ": " << LimitText(reached) << "\n";
  }
}

// The agent that reports on and on for the network namespace `own_netns`; empty
// if there is none, or the service does not say.
std::string ResidentOf(const Reporter& reporter, absl::string_view own_netns,
                       ServiceCalls& service) {
  const absl::StatusOr<std::vector<v1::Reporter>> others =
      service.ReportersOf(reporter.host, reporter.network);
  if (!others.ok()) return "";
  for (const v1::Reporter& other : *others) {
    if (other.kind() == v1::REPORTER_KIND_AGENT &&
        (other.name() == kAgentOfAll || other.name() == AgentOf(own_netns)))
      return other.name();
  }
  return "";
}

}  // namespace

std::string AgentName(const Flags& flags, absl::string_view own_netns) {
  return flags.netns == "all" ? kAgentOfAll : AgentOf(own_netns);
}

std::string ErrorLine(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  const absl::string_view advice =
      absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)
          ? "; start it, or name another with --server"
          : "";
  return absl::StrCat(
      kProgram,
      detail && !detail->field.empty() ? absl::StrCat(detail->field, ": ") : "",
      OneLine(status.message()), advice);
}

ExitCode ExitCodeOf(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? ExitCode::kUsage
                                         : ExitCode::kNoAnswer;
}

Reporter ReporterOf(const Flags& flags, absl::string_view name) {
  return {.kind = ReporterKind::kAgent,
          .name = std::string(name),
          .host = flags.host,
          .network = flags.network};
}

ExitCode RunOnce(const Flags& flags, absl::string_view reporter_name,
                 const Collector& collector, ServiceCalls& service,
                 std::ostream& out, std::ostream& err) {
  const Snapshot snapshot = collector.Collect();
  TellFailures(snapshot, err);
  const Reporter reporter = ReporterOf(flags, reporter_name);
  if (const std::string other =
          ResidentOf(reporter, collector.own_netns(), service);
      !other.empty()) {
    err << kProgram << "nothing is reported, since " << OneLine(other)
        << " reports for host " << OneLine(flags.host)
        << " on and on; ask the service\n";
    return ExitCode::kIncomplete;
  }
  absl::StatusOr<ReportOutcome> outcome =
      Report(snapshot, reporter, flags.ttl, service);
  if (absl::IsAborted(outcome.status()))
    outcome = Report(snapshot, reporter, flags.ttl, service);
  if (!outcome.ok()) {
    err << ErrorLine(outcome.status()) << "\n";
    return ExitCodeOf(outcome.status());
  }
  TellReported(flags, snapshot, *outcome, out);
  TellRefusals(*outcome, err);
  TellLimits(*outcome, err);
  return !IsPartial(snapshot) && snapshot.failures.empty() &&
                 outcome->refusals.empty() && outcome->limits.empty()
             ? ExitCode::kReported
             : ExitCode::kIncomplete;
}

}  // namespace connreg
