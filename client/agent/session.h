#ifndef CONNREG_CLIENT_AGENT_SESSION_H_
#define CONNREG_CLIENT_AGENT_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/agent/ledger.h"
#include "service/base/clock.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// Session keeps the registry in step with a ledger, over one stream after
// another: it says when to open one, what to send on it and when to give it up.
// It does no input or output itself.
//
// At most a few batches are sent before they are acknowledged. A stream on
// which an answer is overdue is given up. After a lost stream the next is
// opened at a random moment (full jitter): at first within the window that the
// registry has named, then within a time that doubles with each failure.
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
    // Give a stream up on which something was not answered for so long.
    absl::Duration ack_timeout;
    // The longest time between two streams.
    absl::Duration max_backoff;
    // How often what was told is claimed.
    absl::Duration digest_interval;
  };
  // From 0 to 1, without 1.
  using Random = std::function<double()>;

  // `ledger` and `clock` are to outlive the session.
  Session(const Options& options, Ledger& ledger, const Clock& clock,
          Random random);

  // What is to be done now.
  struct OpenStream {};
  struct CloseStream {};
  // Nothing before `wait` has passed, unless something happens.
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
  void SetInterval(absl::Duration interval);
  // The agent ends: from now on Next() says goodbye, then CloseStream.
  void Leave(const Goodbye& goodbye);

  // Whether the registry has welcomed the stream that goes on.
  bool welcomed() const;
  // Whether all that the ledger has is acknowledged.
  bool in_step() const;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SESSION_H_
