#include "client/agent/report_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/agent/gaps.h"
#include "client/lib/limit_text.h"
#include "service/wire/registration.h"
#include "service/wire/socket.h"

namespace connreg {
namespace {

// For how long what was reported outlives an agent that ends well: time enough
// to start it again.
constexpr absl::Duration kFarewell = absl::Seconds(10);

constexpr size_t kMaxRefusalsTold = 5;

// What there was no room for is offered again in half a lease, but not later:
// as long as the service counts the reporter as limited.
constexpr absl::Duration kLongestRefusal = absl::Minutes(1);

// Whether so many rows that the service may have are left to take back that it
// costs less to start over. Not while a table cannot be read, since its rows
// would go.
bool IsTooMuch(const Differ& told, const Snapshot& snapshot) {
  const size_t there = snapshot.namespaces.size() + CountListeners(snapshot) +
                       CountConnections(snapshot);
  return !told.is_sure() && HasAllTables(snapshot) &&
         told.size() > 1000 + 2 * there;
}

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
  Snapshot snapshot = collector_.Collect();
  owners_.Recall(&snapshot);
  differ_.Recall(&snapshot);
  const absl::Duration scanning = clock_.Monotonic() - begin;
  NoteGaps(snapshot);
  const absl::StatusOr<ReportOutcome> outcome = Tell(snapshot);
  if (outcome.ok()) {
    NoteAnswer(snapshot, *outcome);
    TakeOver(snapshot);
  } else {
    NoteSilence(outcome.status());
  }
  return Pause(clock_.Monotonic() - begin, scanning);
}

absl::Duration ReportLoop::Pause(absl::Duration busy,
                                 absl::Duration scanning) const {
  // At least half of the processor is left to others, and the lease in force.
  const absl::Duration pause =
      std::max({options_.interval - busy, scanning, options_.interval / 10});
  return std::min(pause, options_.ttl / 3);
}

absl::StatusOr<ReportOutcome> ReportLoop::Tell(const Snapshot& snapshot) {
  const bool offers_all =
      offer_again_at_ && clock_.Monotonic() >= *offer_again_at_;
  if (offers_all) differ_.Doubt();
  if (IsTooMuch(differ_, snapshot)) {
    differ_.Forget();
    starts_over_ = true;
  }
  const auto report = [&] {
    Delta delta = differ_.Compare(snapshot);
    delta.starts_over = starts_over_;
    return Report(delta, options_.reporter, options_.ttl, service_);
  };
  const bool was_sure = differ_.is_sure();
  absl::StatusOr<ReportOutcome> outcome = report();
  const bool is_forgotten = outcome.ok() && outcome->lease_granted && was_sure;
  if (is_forgotten || absl::IsAborted(outcome.status())) {
    differ_.Forget();
    outcome = report();
  }
  if (!outcome.ok()) {
    differ_.NoteUnsure(snapshot);
    return outcome;
  }
  starts_over_ = false;
  differ_.NoteTold(snapshot);
  if (!outcome->limits.empty()) {
    offer_again_at_ =
        clock_.Monotonic() + std::min(options_.ttl / 2, kLongestRefusal);
  } else if (offers_all) {
    offer_again_at_.reset();
  }
  return outcome;
}

void ReportLoop::TakeOver(const Snapshot& snapshot) {
  if (took_over_ || IsPartial(snapshot)) return;
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
              {"netns", collector_.own_netns()},
              {"namespaces", snapshot.namespaces.size()},
              {"listeners", CountListeners(snapshot)},
              {"connections", CountConnections(snapshot)}});
  } else if (silent_since_) {
    journal_(LogLevel::kInfo, "the service answers again",
             {{"after", absl::FormatDuration(
                            absl::Trunc(clock_.Monotonic() - *silent_since_,
                                        absl::Milliseconds(1)))}});
  }
  was_answered_ = true;
  silent_since_.reset();
  silence_ = absl::StatusCode::kOk;
  NoteLimits(outcome);
  for (const std::string& refusal : outcome.refusals) {
    if (refusals_told_ == kMaxRefusalsTold) break;
    ++refusals_told_;
    journal_(LogLevel::kWarning, "a row was refused", {{"row", refusal}});
  }
}

void ReportLoop::NoteSilence(const absl::Status& status) {
  if (!silent_since_) silent_since_ = clock_.Monotonic();
  if (std::exchange(silence_, status.code()) == status.code()) return;
  // What the service will never take is nothing that passes.
  const bool is_ours =
      absl::IsInvalidArgument(status) || absl::IsUnimplemented(status);
  journal_(is_ours ? LogLevel::kError : LogLevel::kWarning,
           "cannot report; trying again",
           {{"interval", absl::FormatDuration(options_.interval)},
            {"error", status.message()}});
}

void ReportLoop::NoteLimits(const ReportOutcome& outcome) {
  const bool was_limited = is_limited_;
  is_limited_ = offer_again_at_.has_value();
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
  std::vector<std::string> missing = snapshot.failures;
  for (const CoverageGap& gap : snapshot.gaps)
    if (MakesPartial(gap.kind)) missing.push_back(gap.description);
  std::set<std::string> subjects;
  for (const std::string& description : missing) {
    const std::string subject(SubjectOf(description));
    subjects.insert(subject);
    if (!gaps_told_.contains(subject)) {
      journal_(LogLevel::kWarning, "cannot see all of this host",
               {{"gap", description}});
    }
  }
  if (subjects.empty() && !gaps_told_.empty())
    journal_(LogLevel::kInfo, "sees all of this host again", {});
  gaps_told_ = std::move(subjects);
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
