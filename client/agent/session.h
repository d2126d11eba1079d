#ifndef CONNREG_CLIENT_AGENT_SESSION_H_
#define CONNREG_CLIENT_AGENT_SESSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/agent/ack_window.h"
#include "client/agent/back_off.h"
#include "client/agent/ledger.h"
#include "service/base/clock.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// Session keeps the registry in step with a ledger, over one stream after
// another: it says when to open one, what to send on it and when to give it up.
// It does no input or output itself.
//
// No stream is opened before the ledger knows of a look. At most a few batches
// are sent before they are acknowledged. A stream on which an answer is overdue
// is given up. After a lost stream the next is opened at a random moment (full
// jitter): at first within the window that the registry has named, then within
// a time that doubles with each failure.
//
// Not thread-safe.
class Session {
 public:
  struct Options {
    Reporter reporter;
    std::string boot_id;
    std::string instance;
    std::string version;
    absl::Duration ttl;
    // Give a stream up on which something waits for an answer, and none came
    // for so long.
    absl::Duration ack_timeout;
    // The longest time between two streams.
    absl::Duration max_backoff;
    // How often what was told is claimed.
    absl::Duration digest_interval;
  };
  // From 0 to 1, without 1.
  using Random = BackOff::Random;

  // `ledger` and `clock` are to outlive the session.
  Session(const Options& options, Ledger& ledger, const Clock& clock,
          Random random);

  // What is to be done now.
  struct OpenStream {};
  struct CloseStream {
    // What was sent is still to arrive: it ended with a goodbye. Else the other
    // side does not answer, or breaks the rules.
    bool after_goodbye = false;
    // Of those the one that it has broken; empty if it does not answer.
    std::string broken_rule = {};
  };
  // Nothing before `wait` has passed, unless something happens: a call of the
  // session or of the ledger, or that the stream takes a message.
  struct Wait {
    absl::Duration wait;
  };
  using Step = std::variant<OpenStream, AgentMessage, CloseStream, Wait>;
  // `can_send`: the stream takes a message now. After each step but Wait it is
  // to be asked again.
  Step Next(bool can_send);

  // The stream that Next() asked for is there; the registry said something; the
  // stream has ended, on whosever side, after CloseStream too.
  void NoteOpened();
  void Take(const RegistryMessage& message);
  void NoteLost(const absl::Status& status);

  // How often the agent looks through all sockets, from now on.
  void SetInterval(absl::Duration interval) { interval_ = interval; }
  // The agent ends: from now on Next() says goodbye, then CloseStream; without
  // a welcome CloseStream at once, and where there is no stream, nothing.
  void Leave(const Goodbye& goodbye) { goodbye_ = goodbye; }

  // Whether the registry has welcomed the stream that goes on.
  bool welcomed() const { return state_ == State::kWelcomed; }
  // Whether all that the ledger has is acknowledged.
  bool in_step() const;

 private:
  enum class State : uint8_t {
    // There is no stream, and none is asked for.
    kNone,
    // One is asked for.
    kOpening,
    // It is there, and nothing was sent yet.
    kOpened,
    // It waits for the welcome.
    kOpenSent,
    kWelcomed,
    // It breaks the rules, and is to be given up.
    kBroken,
    // It was given up, and has not ended yet.
    kClosing,
  };
  // What is to be sent, if anything is.
  std::optional<AgentMessage> NextMessage(absl::Duration now);
  SessionOpening Opening();
  std::optional<KeepAlive> NextKeepAlive(absl::Duration now);
  bool IsClaimDue(absl::Duration now) const;
  absl::Duration KeepAliveInterval() const;
  Step NextAtTheEnd(bool can_send, absl::Duration now);
  Step Close(bool after_goodbye = false);
  // When something has to be done if nothing happens, and when a stream has to
  // be given up.
  absl::Duration NextTime(bool can_send) const;
  absl::Duration Deadline() const;

  // The other side did what it may not.
  void Break(absl::string_view rule);

  void TakeWelcome(const SessionWelcome& welcome);
  void TakeAck(const Ack& ack);
  void OfferAgainIfDue(absl::Duration now);

  const Options options_;
  Ledger& ledger_;
  const Clock& clock_;
  BackOff back_off_;

  State state_ = State::kNone;
  absl::Duration interval_;
  std::optional<Goodbye> goodbye_;
  bool said_goodbye_ = false;
  // In kBroken.
  std::string broken_rule_;

  // Times are on the monotonic clock. When the next stream is opened.
  absl::Duration open_at_;
  // When the stream was asked for, or the opening sent.
  absl::Duration opened_;
  bool was_welcomed_ = false;
  SessionWelcome welcome_;
  AckWindow window_;
  absl::Duration last_sent_;
  // When the registry answered last.
  absl::Duration answered_;
  absl::Duration claim_at_;
  // What was refused is offered again then, if there is room.
  absl::Duration offer_at_;
  bool has_room_ = false;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SESSION_H_
