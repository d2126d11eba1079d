#ifndef CONNREG_CLIENT_AGENT_SERVICE_STREAM_H_
#define CONNREG_CLIENT_AGENT_SERVICE_STREAM_H_

#include <optional>

#include "absl/status/status.h"
#include "client/agent/registry_stream.h"
#include "client/lib/report_stream.h"

namespace connreg {

// The registry that a connregd has.
class ServiceStream final : public RegistryStream {
 public:
  // `stream` is to outlive it.
  explicit ServiceStream(ReportStream& stream) : stream_(stream) {}

  int descriptor() const override { return stream_.descriptor(); }
  void Open() override { stream_.Open(); }
  bool is_open() const override { return stream_.is_open(); }
  bool can_send() const override { return stream_.can_send(); }
  void Send(const AgentMessage& message) override;
  // A stream on which something is said that cannot be understood is cancelled,
  // and ends with that error.
  std::optional<Event> Take() override;
  void Finish() override { stream_.Finish(); }
  void Cancel() override { stream_.Cancel(); }

 private:
  ReportStream& stream_;
  // Why the stream was cancelled.
  absl::Status error_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SERVICE_STREAM_H_
