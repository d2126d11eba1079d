#include "client/agent/report_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/lib/limit_text.h"
#include "service/wire/registration.h"
#include "service/wire/socket.h"

namespace connreg {
namespace {

// For how long what was reported outlives an agent that ends well: time enough
// to start it again.
constexpr absl::Duration kFarewell = absl::Seconds(10);

constexpr size_t kMaxRefusalsTold = 5;

}  // namespace

ReportLoop::ReportLoop(const Options& options, const Collector& collector,
                       ServiceCalls& service, const Clock& clock,
                       Journal journal)
    : options_(options),
      collector_(collector),
      service_(service),
      clock_(clock),
      journal_(std::move(journal)) {}

absl::Duration ReportLoop::Round() {
  const absl::Duration begin = clock_.Monotonic();
  const Snapshot snapshot = collector_.Collect();
  NoteGaps(snapshot);
  const absl::StatusOr<ReportOutcome> outcome = Tell(snapshot);
  if (outcome.ok()) {
    NoteAnswer(snapshot, *outcome);
    TakeOver();
  } else {
    NoteSilence(outcome.status());
  }
  const absl::Duration busy = clock_.Monotonic() - begin;
  // At least half of the time is left to others.
  return std::max(options_.interval - busy, busy);
}

absl::StatusOr<ReportOutcome> ReportLoop::Tell(const Snapshot& snapshot) {
  const auto report = [&] {
    return Report(differ_.Compare(snapshot), options_.reporter, options_.ttl,
                  service_);
  };
  absl::StatusOr<ReportOutcome> outcome = report();
  const bool is_forgotten =
      outcome.ok() && outcome->lease_granted && differ_.is_sure();
  if (is_forgotten || absl::IsAborted(outcome.status())) {
    differ_.Forget();
    outcome = report();
  }
  // What there was no room for is offered again.
  differ_.NoteTold(snapshot, outcome.ok() && outcome->limits.empty());
  return outcome;
}

void ReportLoop::TakeOver() {
  if (took_over_) return;
  const absl::StatusOr<std::vector<v1::Reporter>> reporters =
      service_.ReportersOf(options_.reporter.host, options_.reporter.network);
  if (!reporters.ok()) return;
  for (const v1::Reporter& reporter : *reporters) {
    const bool is_predecessor =
        reporter.kind() == v1::REPORTER_KIND_AGENT &&
        absl::StartsWith(reporter.name(), options_.name_prefix) &&
        reporter.name() != options_.reporter.name;
    if (!is_predecessor) continue;
    v1::DeregisterRequest request;
    *request.mutable_reporter() = reporter;
    request.set_all(true);
    if (!service_.Deregister(request).ok()) return;
  }
  took_over_ = true;
}

void ReportLoop::NoteAnswer(const Snapshot& snapshot,
                            const ReportOutcome& outcome) {
  if (!was_answered_) {
    journal_(LogLevel::kInfo, "reporting",
             {{"host", options_.reporter.host},
              {"network", options_.reporter.network},
              {"netns", snapshot.netns},
              {"listeners", snapshot.listeners.size()},
              {"connections", snapshot.connections.size()}});
  } else if (silent_since_) {
    journal_(LogLevel::kInfo, "the service answers again",
             {{"after", absl::FormatDuration(
                            absl::Trunc(clock_.Monotonic() - *silent_since_,
                                        absl::Milliseconds(1)))}});
  }
  was_answered_ = true;
  silent_since_.reset();
  NoteLimits(outcome);
  for (const std::string& refusal : outcome.refusals) {
    if (refusals_told_ == kMaxRefusalsTold) break;
    ++refusals_told_;
    journal_(LogLevel::kWarning, "a row was refused", {{"row", refusal}});
  }
}

void ReportLoop::NoteSilence(const absl::Status& status) {
  if (silent_since_) return;
  silent_since_ = clock_.Monotonic();
  journal_(LogLevel::kWarning, "cannot report; trying again",
           {{"interval", absl::FormatDuration(options_.interval)},
            {"error", status.message()}});
}

void ReportLoop::NoteLimits(const ReportOutcome& outcome) {
  const bool was_limited = std::exchange(is_limited_, !outcome.limits.empty());
  if (is_limited_ && !was_limited) {
    for (const v1::LimitReached& limit : outcome.limits)
      journal_(
          LogLevel::kWarning, "no room for all",
          {{"refused", limit.refused_count()}, {"limit", LimitText(limit)}});
  } else if (was_limited && !is_limited_) {
    journal_(LogLevel::kInfo, "there is room for all again", {});
  }
}

void ReportLoop::NoteGaps(const Snapshot& snapshot) {
  for (const CoverageGap& gap : snapshot.gaps) {
    const bool was_told = std::find(gaps_told_.begin(), gaps_told_.end(),
                                    gap) != gaps_told_.end();
    if (!was_told) {
      journal_(LogLevel::kWarning, "cannot see all of this host",
               {{"gap", gap.description}});
    }
  }
  if (snapshot.gaps.empty() && !gaps_told_.empty())
    journal_(LogLevel::kInfo, "sees all of this host again", {});
  gaps_told_ = snapshot.gaps;
}

void ReportLoop::Leave() {
  if (!was_answered_ || silent_since_) return;
  v1::RegisterRequest request;
  ToProto(Registration{.reporter = options_.reporter,
                       .ttl = std::min(options_.ttl, kFarewell)},
          &request);
  const absl::Status status = service_.Register(request).status();
  if (!status.ok()) NoteSilence(status);
}

}  // namespace connreg
