#include "client/agent/report_journal.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client/agent/gaps.h"
#include "client/lib/limit_text.h"
#include "service/base/error.h"
#include "service/wire/reporting.h"

namespace connreg {
namespace {

constexpr size_t kMaxRefusalsTold = 5;

std::string Text(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Milliseconds(1)));
}

// Empty if there is none.
std::string ReasonOf(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return detail ? detail->reason : "";
}

// Why the registry does not take what is said, in short: the same for all that
// passes once the service is there again.
std::string KindOf(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
      absl::IsCancelled(status) || absl::IsAborted(status) || status.ok())
    return "away";
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                      ReasonOf(status));
}

// What to do about `status`, if that is in the hands of whoever reads this.
absl::string_view AdviceOn(const absl::Status& status) {
  if (!absl::IsFailedPrecondition(status)) return "";
  const std::string reason = ReasonOf(status);
  if (reason == "HOST_NAME_TAKEN")
    return "; give one of the two machines another name with --host";
  if (reason == "RUN_SUPERSEDED") return "; stop this agent or the other one";
  return "";
}

// Whether trying again will not help.
bool IsLasting(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsUnimplemented(status) ||
         !AdviceOn(status).empty();
}

}  // namespace

ReportJournal::ReportJournal(const Reporter& reporter, const std::string& netns,
                             const Clock& clock, Write write)
    : reporter_(reporter),
      netns_(netns),
      clock_(clock),
      write_(std::move(write)) {}

void ReportJournal::NoteLook(const Snapshot& snapshot) {
  std::vector<std::string> missing = snapshot.failures;
  for (const CoverageGap& gap : snapshot.gaps)
    if (MakesPartial(gap.kind)) missing.push_back(gap.description);
  std::set<std::string> subjects;
  for (const std::string& description : missing) {
    const std::string subject(SubjectOf(description));
    subjects.insert(subject);
    if (!gaps_told_.contains(subject)) {
      write_(LogLevel::kWarning, "cannot see all of this host",
             {{"gap", description}});
    }
  }
  if (subjects.empty() && !gaps_told_.empty())
    write_(LogLevel::kInfo, "sees all of this host again", {});
  gaps_told_ = std::move(subjects);
}

void ReportJournal::NoteStretched(absl::Duration interval) {
  // Not each time that a look costs a little more.
  if (interval < 2 * stretched_told_) return;
  stretched_told_ = interval;
  write_(LogLevel::kInfo, "looks less often, to stay within --max-cpu",
         {{"interval", Text(interval)}});
}

void ReportJournal::NoteAnswer(const RegistryStream::Answer& answer) {
  if (const auto* welcome = std::get_if<SessionWelcome>(&answer.message))
    return NoteLimits(welcome->limits);
  NoteLimits(std::get<Ack>(answer.message).limits);
  for (const std::string& refusal : answer.refusals) {
    if (refusals_told_ == kMaxRefusalsTold) break;
    ++refusals_told_;
    write_(LogLevel::kWarning, "a row was refused", {{"row", refusal}});
  }
}

void ReportJournal::NoteLimits(const std::vector<LimitReached>& limits) {
  for (const LimitReached& reached : limits) {
    LimitReached& known = limits_[reached.limit];
    const size_t before = known.refused;
    known = reached;
    known.refused += before;
  }
}

void ReportJournal::NoteInStep(const Ledger& ledger) {
  if (!std::exchange(was_in_step_, true)) {
    write_(LogLevel::kInfo, "reporting",
           {{"host", reporter_.host},
            {"network", reporter_.network},
            {"netns", netns_},
            {"namespaces", ledger.namespaces().size()},
            {"listeners", ledger.listener_count()},
            {"connections", ledger.connection_count()}});
  } else if (silent_since_) {
    write_(LogLevel::kInfo, "the service answers again",
           {{"after", Text(clock_.Monotonic() - *silent_since_)}});
  }
  silent_since_.reset();
  silences_told_.clear();
  TellLimits(ledger);
  TellDropped(ledger);
}

void ReportJournal::TellLimits(const Ledger& ledger) {
  // Those that the registry refused do not count.
  const bool has_all = ledger.digest().rows ==
                       ledger.listener_count() + ledger.connection_count();
  if (!limits_.empty() && !std::exchange(is_limited_, true)) {
    lacks_rows_ = !has_all;
    for (const auto& [limit, reached] : limits_) {
      v1::LimitReached proto;
      ToProto(reached, &proto);
      write_(LogLevel::kWarning, "no room for all",
             {{"refused", reached.refused}, {"limit", LimitText(proto)}});
    }
  } else if (lacks_rows_ && has_all) {
    is_limited_ = lacks_rows_ = false;
    write_(LogLevel::kInfo, "there is room for all again", {});
  }
  limits_.clear();
}

void ReportJournal::TellDropped(const Ledger& ledger) {
  const size_t dropped = ledger.dropped_ended() -
                         std::exchange(dropped_told_, ledger.dropped_ended());
  if (dropped == 0) return;
  write_(LogLevel::kWarning,
         "too many connections came and went to report each",
         {{"unreported", dropped}});
}

void ReportJournal::NoteLost(const absl::Status& status) {
  // The next try is refused for the same cause, as long as that lasts.
  if (absl::IsAborted(status) && ReasonOf(status) == "SESSION_SUPERSEDED")
    return;
  if (!silent_since_) silent_since_ = clock_.Monotonic();
  if (!silences_told_.insert(KindOf(status)).second) return;
  write_(IsLasting(status) ? LogLevel::kError : LogLevel::kWarning,
         "cannot report; trying again",
         {{"error", absl::StrCat(status.message(), AdviceOn(status))}});
}

}  // namespace connreg
