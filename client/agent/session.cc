#include "client/agent/session.h"

#include <algorithm>
#include <utility>

namespace connreg {
namespace {

// How many batches are sent before the first is acknowledged.
constexpr size_t kWindow = 4;

// How many rows a batch has at most, so that one is answered in time on a slow
// link too.
constexpr size_t kMaxRows = 1000;

// How often what was refused is offered again.
constexpr absl::Duration kOfferInterval = absl::Seconds(5);

// Whether another stream would end in the same way.
bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status) || absl::IsUnimplemented(status);
}

}  // namespace

Session::Session(const Options& options, Ledger& ledger, const Clock& clock,
                 Random random)
    : options_(options),
      ledger_(ledger),
      clock_(clock),
      back_off_(options.max_backoff, std::move(random)),
      open_at_(clock.Monotonic()),
      window_(kWindow) {}

Session::Step Session::Next(bool can_send) {
  const absl::Duration now = clock_.Monotonic();
  if (state_ == State::kBroken || now >= Deadline()) return Close();
  if (goodbye_) return NextAtTheEnd(can_send, now);
  if (state_ == State::kNone && ledger_.has_looked() && now >= open_at_) {
    state_ = State::kOpening;
    opened_ = now;
    return OpenStream{};
  }
  if (can_send)
    if (std::optional<AgentMessage> message = NextMessage(now))
      return *std::move(message);
  return Wait{NextTime(can_send) - now};
}

Session::Step Session::NextAtTheEnd(bool can_send, absl::Duration now) {
  if (state_ == State::kNone || state_ == State::kClosing)
    return Wait{absl::InfiniteDuration()};
  if (state_ != State::kWelcomed) return Close();
  if (!can_send) return Wait{Deadline() - now};
  if (std::exchange(said_goodbye_, true)) return Close(/*after_goodbye=*/true);
  return *goodbye_;
}

Session::Step Session::Close(bool after_goodbye) {
  CloseStream step{.after_goodbye = after_goodbye};
  if (state_ == State::kBroken) step.broken_rule = broken_rule_;
  state_ = State::kClosing;
  return step;
}

std::optional<AgentMessage> Session::NextMessage(absl::Duration now) {
  if (state_ == State::kOpened) {
    state_ = State::kOpenSent;
    opened_ = now;
    return Opening();
  }
  if (state_ != State::kWelcomed) return std::nullopt;
  OfferAgainIfDue(now);
  // A host that always has news would never claim anything.
  if (window_.has_room() && !IsClaimDue(now)) {
    std::optional<RowBatch> batch = ledger_.NextBatch(
        std::min(welcome_.max_rows, kMaxRows), welcome_.max_bytes);
    if (batch) {
      window_.Add(*batch, now);
      last_sent_ = now;
      return *std::move(batch);
    }
  }
  return NextKeepAlive(now);
}

SessionOpening Session::Opening() {
  return {.reporter = options_.reporter,
          .boot_id = options_.boot_id,
          .instance = options_.instance,
          .version = options_.version,
          .ttl = options_.ttl,
          .interval = interval_,
          .time = clock_.Now(),
          .namespaces = ledger_.BeginSession(),
          .gaps = ledger_.gaps(),
          .digest = ledger_.digest()};
}

std::optional<KeepAlive> Session::NextKeepAlive(absl::Duration now) {
  const bool claims = window_.empty() && IsClaimDue(now);
  if (!claims && now < last_sent_ + KeepAliveInterval()) return std::nullopt;
  KeepAlive keep_alive{.time = clock_.Now(), .interval = interval_};
  if (claims) {
    keep_alive.digest = ledger_.told_digest();
    claim_at_ = now + options_.digest_interval;
  }
  window_.Add(keep_alive, now);
  last_sent_ = now;
  return keep_alive;
}

bool Session::IsClaimDue(absl::Duration now) const {
  return now >= claim_at_ && ledger_.told_digest();
}

absl::Duration Session::KeepAliveInterval() const {
  return std::min(welcome_.ttl / 3, options_.ack_timeout / 2);
}

absl::Duration Session::NextTime(bool can_send) const {
  absl::Duration next = Deadline();
  if (state_ == State::kNone && ledger_.has_looked()) next = open_at_;
  if (state_ != State::kWelcomed || !can_send) return next;
  next = std::min(next, last_sent_ + KeepAliveInterval());
  if (has_room_) next = std::min(next, offer_at_);
  // Otherwise something else comes first.
  if (window_.empty() && ledger_.told_digest())
    next = std::min(next, claim_at_);
  return next;
}

absl::Duration Session::Deadline() const {
  switch (state_) {
    case State::kOpening:
    case State::kOpened:
    case State::kOpenSent:
      return opened_ + options_.ack_timeout;
    case State::kWelcomed:
      if (!window_.empty())
        return std::max(window_.oldest(), answered_) + options_.ack_timeout;
      break;
    case State::kNone:
    case State::kBroken:
    case State::kClosing:
      break;
  }
  return absl::InfiniteDuration();
}

void Session::NoteOpened() {
  if (state_ == State::kOpening) state_ = State::kOpened;
}

void Session::Take(const RegistryMessage& message) {
  if (const auto* welcome = std::get_if<SessionWelcome>(&message))
    TakeWelcome(*welcome);
  else
    TakeAck(std::get<Ack>(message));
}

void Session::TakeWelcome(const SessionWelcome& welcome) {
  if (state_ == State::kClosing) return;
  if (state_ != State::kOpenSent) return Break("a welcome that is not due");
  if (welcome.ttl <= absl::ZeroDuration())
    return Break("a welcome without a lease");
  const absl::Duration now = clock_.Monotonic();
  state_ = State::kWelcomed;
  was_welcomed_ = true;
  welcome_ = welcome;
  back_off_.SetWindow(welcome.reconnect_window);
  last_sent_ = opened_;
  answered_ = now;
  claim_at_ = now + options_.digest_interval;
  offer_at_ = now + kOfferInterval;
  has_room_ = false;
  if (welcome.snapshot_wanted)
    ledger_.BeginSnapshot();
  else
    // This session knows of no refusals, and would not say that there is room.
    ledger_.OfferAgain();
}

void Session::Break(absl::string_view rule) {
  state_ = State::kBroken;
  broken_rule_ = std::string(rule);
}

void Session::TakeAck(const Ack& ack) {
  if (state_ == State::kClosing) return;
  std::optional<AckWindow::Refused> refused;
  if (state_ == State::kWelcomed) refused = window_.Take(ack);
  if (!refused) return Break("an acknowledgement of what was not sent");
  back_off_.NoteSuccess();
  answered_ = clock_.Monotonic();
  ledger_.NoteRefused(refused->seq, refused->listeners, refused->connections);
  has_room_ |= ack.has_room;
  if (ack.snapshot_wanted) ledger_.BeginSnapshot();
}

void Session::OfferAgainIfDue(absl::Duration now) {
  if (!has_room_ || now < offer_at_) return;
  has_room_ = false;
  offer_at_ = now + kOfferInterval;
  ledger_.OfferAgain();
}

void Session::NoteLost(const absl::Status& status) {
  if (state_ == State::kNone) return;
  state_ = State::kNone;
  ledger_.EndSession();
  ledger_.TellEndedAgain(window_.Clear());
  const bool was_welcomed = std::exchange(was_welcomed_, false);
  open_at_ = clock_.Monotonic() + (IsRefusal(status) ? back_off_.AfterRefusal()
                                   : was_welcomed    ? back_off_.AfterLoss()
                                                  : back_off_.AfterFailure());
}

bool Session::in_step() const {
  return welcomed() && !window_.has_batches() && ledger_.in_step();
}

}  // namespace connreg
