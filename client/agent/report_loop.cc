#include "client/agent/report_loop.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

// How long the agent, when it is to end, waits for an answer to what it has
// said, and then for the end of the stream.
constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

ReportLoop::ReportLoop(const Options& options, const Doors& doors,
                       ReportJournal::Write write)
    : options_(options),
      doors_(doors),
      session_(options.session, ledger_, doors.clock, doors.random),
      ends_(doors.ends, ledger_, doors.clock),
      schedule_(options.looks),
      journal_(options.session.reporter, options.netns, doors.clock,
               std::move(write)) {
  session_.SetInterval(schedule_.interval());
}

absl::Duration ReportLoop::Round() {
  TakeAnswers();
  // What ends before goodbye is said is told.
  if (!leave_by_) {
    TakeLook();
    ReadEnds();
  }
  if (!goodbye_by_) BeginLook();
  SayGoodbyeIfDue();
  ServeSession();
  const absl::Duration now = doors_.clock.Monotonic();
  absl::Duration wait = session_wait_;
  if (leave_by_) return std::min(wait, *leave_by_ - now);
  wait = std::min(wait, ends_.WaitForQuestion().value_or(wait));
  if (goodbye_by_) return std::min(wait, *goodbye_by_ - now);
  return is_looking_ ? wait : std::min(wait, schedule_.WaitFrom(now));
}

std::vector<int> ReportLoop::descriptors() const {
  // The others are not read any more.
  if (leave_by_) return {doors_.stream.descriptor()};
  return {doors_.stream.descriptor(), doors_.looks.descriptor(),
          doors_.ends.descriptor()};
}

void ReportLoop::TakeAnswers() {
  while (const std::optional<RegistryStream::Event> event =
             doors_.stream.Take()) {
    if (const auto* answer = std::get_if<RegistryStream::Answer>(&*event)) {
      session_.Take(answer->message);
      journal_.NoteAnswer(*answer);
      continue;
    }
    const absl::Status status = std::exchange(gave_up_, std::nullopt)
                                    .value_or(std::get<absl::Status>(*event));
    session_.NoteLost(status);
    if (!goodbye_by_) journal_.NoteLost(status);
  }
}

void ReportLoop::TakeLook() {
  std::optional<Snapshot> snapshot = doors_.looks.Take();
  if (!snapshot) return;
  is_looking_ = false;
  journal_.NoteLook(*snapshot);
  ends_.Note(*snapshot);
  ledger_.Take(*std::move(snapshot));
  schedule_.NoteEnd(doors_.clock.Monotonic(), doors_.cpu_time() - cpu_before_);
  // Not of a little, which comes and goes.
  if (schedule_.interval() >= 2 * options_.looks.interval)
    journal_.NoteStretched(schedule_.interval());
  session_.SetInterval(schedule_.interval());
  if (std::exchange(must_look_again_, false)) schedule_.Hurry();
}

void ReportLoop::BeginLook() {
  const absl::Duration now = doors_.clock.Monotonic();
  if (is_looking_ || schedule_.WaitFrom(now) > absl::ZeroDuration()) return;
  is_looking_ = true;
  cpu_before_ = doors_.cpu_time();
  schedule_.NoteBegin(now);
  doors_.looks.Begin();
}

void ReportLoop::ReadEnds() {
  if (!ends_.Read()) return;
  if (is_looking_)
    must_look_again_ = true;
  else
    schedule_.Hurry();
}

void ReportLoop::ServeSession() {
  bool goes_on = true;
  while (goes_on) {
    const Session::Step step = session_.Next(doors_.stream.can_send());
    goes_on = !std::holds_alternative<Session::Wait>(step);
    std::visit([this](const auto& what) { Do(what); }, step);
  }
  if (session_.welcomed() && session_.in_step()) journal_.NoteInStep(ledger_);
}

void ReportLoop::Do(const Session::OpenStream&) {
  doors_.stream.Open();
  // What is sent goes out as soon as there is a connection.
  session_.NoteOpened();
}

void ReportLoop::Do(const Session::CloseStream& step) {
  if (step.after_goodbye) return doors_.stream.Finish();
  const std::string service = absl::StrCat("the service at ", options_.server);
  gave_up_ = step.broken_rule.empty()
                 ? absl::DeadlineExceededError(absl::StrCat(
                       service, " does not answer within ",
                       absl::FormatDuration(options_.session.ack_timeout)))
                 : absl::InternalError(absl::StrCat(
                       service, " breaks the rules: ", step.broken_rule));
  doors_.stream.Cancel();
}

void ReportLoop::Do(const AgentMessage& message) {
  doors_.stream.Send(message);
}

void ReportLoop::Do(const Session::Wait& step) { session_wait_ = step.wait; }

void ReportLoop::Leave() {
  if (!goodbye_by_) goodbye_by_ = doors_.clock.Monotonic() + kPatience;
}

void ReportLoop::SayGoodbyeIfDue() {
  if (!goodbye_by_ || leave_by_) return;
  const absl::Duration now = doors_.clock.Monotonic();
  const bool has_more = session_.welcomed() && !session_.in_step();
  if (has_more && now < *goodbye_by_) return;
  session_.Leave({.remove = options_.removes_at_end});
  leave_by_ = now + kPatience;
}

bool ReportLoop::left() const {
  return leave_by_ &&
         (!doors_.stream.is_open() || doors_.clock.Monotonic() >= *leave_by_);
}

}  // namespace connreg
