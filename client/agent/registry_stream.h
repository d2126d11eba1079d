#ifndef CONNREG_CLIENT_AGENT_REGISTRY_STREAM_H_
#define CONNREG_CLIENT_AGENT_REGISTRY_STREAM_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "service/model/report.h"

namespace connreg {

// RegistryStream is the agent's door to the registry: one stream of messages
// after another. None of its calls wait.
//
// Not thread-safe.
class RegistryStream {
 public:
  struct Answer {
    RegistryMessage message;
    // Rows that the registry calls malformed, each with its reason, for people.
    std::vector<std::string> refusals;
  };
  // An answer, or how the stream ended.
  using Event = std::variant<Answer, absl::Status>;

  virtual ~RegistryStream() = default;

  // Readable when Take() may have something, or can_send() may have changed.
  virtual int descriptor() const = 0;

  // REQUIRES: !is_open()
  virtual void Open() = 0;
  // Until its end was taken.
  virtual bool is_open() const = 0;

  virtual bool can_send() const = 0;
  // REQUIRES: can_send()
  virtual void Send(const AgentMessage& message) = 0;

  // What has happened next; nothing if nothing has.
  virtual std::optional<Event> Take() = 0;

  // Ends the stream after what was sent; at once.
  virtual void Finish() = 0;
  virtual void Cancel() = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REGISTRY_STREAM_H_
