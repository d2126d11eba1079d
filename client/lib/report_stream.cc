#include "client/lib/report_stream.h"

#include <poll.h>

#include <utility>

#include "client/lib/channel.h"
#include "client/lib/server_address.h"
#include "client/lib/stream_call.h"
#include "client/lib/wake_event.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/status.h"

namespace connreg {

absl::StatusOr<std::unique_ptr<ReportStream>> ReportStream::Create(
    absl::string_view server, absl::Duration patience) {
  ASSIGN_OR_RETURN(std::string target, GrpcTarget(server));
  ASSIGN_OR_RETURN(std::shared_ptr<WakeEvent> wake, WakeEvent::Create());
  return std::unique_ptr<ReportStream>(new ReportStream(
      std::string(server), std::move(target), patience, std::move(wake)));
}

ReportStream::ReportStream(std::string server, std::string target,
                           absl::Duration patience,
                           std::shared_ptr<WakeEvent> wake)
    : server_(std::move(server)),
      target_(std::move(target)),
      patience_(patience),
      wake_(std::move(wake)) {}

ReportStream::~ReportStream() {
  Cancel();
  while (is_open()) {
    if (Take().has_value()) continue;
    pollfd event = {.fd = descriptor(), .events = POLLIN, .revents = 0};
    poll(&event, 1, -1);
  }
}

int ReportStream::descriptor() const { return wake_->descriptor(); }

void ReportStream::Open() {
  call_ = std::make_unique<StreamCall>(target_, patience_, wake_);
}

bool ReportStream::can_send() const { return is_open() && call_->can_send(); }

void ReportStream::Send(v1::ReportRequest request) {
  call_->Send(std::move(request));
}

std::optional<ReportStream::Event> ReportStream::Take() {
  wake_->Clear();
  if (!is_open()) return std::nullopt;
  std::optional<StreamCall::Event> event = call_->Take();
  if (!event) return std::nullopt;
  if (auto* answer = std::get_if<v1::ReportResponse>(&*event))
    return std::move(*answer);
  const absl::Status status = FromGrpcStatus(std::get<grpc::Status>(*event));
  call_.reset();
  return Explained(status);
}

void ReportStream::Finish() {
  if (is_open()) call_->Finish();
}

void ReportStream::Cancel() {
  if (is_open()) call_->Cancel();
}

absl::Status ReportStream::Explained(const absl::Status& status) const {
  if (DetailOf(status).has_value()) return status;
  if (absl::IsUnavailable(status))
    return NoAnswer(server_, status.message(), absl::ZeroDuration());
  if (absl::IsUnimplemented(status))
    return UnknownCall(server_, status.message());
  return status;
}

}  // namespace connreg
