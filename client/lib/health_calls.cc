#include "client/lib/health_calls.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckRequest RequestOf(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

// Whether a watch that ended so may go on in another call: the connection was
// lost, or the service that held it has stopped.
bool MayGoOn(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsCancelled(status) ||
         absl::IsDeadlineExceeded(status);
}

}  // namespace

HealthCalls::HealthCalls(const Connection& connection)
    : connection_(connection),
      stub_(grpc::health::v1::Health::NewStub(connection.channel())) {}

absl::StatusOr<HealthCheckResponse> HealthCalls::CheckHealth(
    const std::string& service) const {
  const absl::StatusOr<HealthCheckResponse> response =
      connection_.Ask<HealthCheckResponse>([&](auto* context, auto* answer) {
        return stub_->Check(context, RequestOf(service), answer);
      });
  if (!response.ok()) return Explained(service, response.status());
  return response;
}

absl::StatusOr<HealthCheckResponse> HealthCalls::AwaitServing(
    const std::string& service, absl::Duration patience) const {
  const absl::Time end = absl::Now() + patience;
  std::string cause = "it says nothing";
  while (true) {
    const absl::StatusOr<HealthCheckResponse> last = Follow(service, end);
    if (last.ok() && last->status() == HealthCheckResponse::SERVICE_UNKNOWN)
      return Explained(service, absl::NotFoundError(""));
    if (last.ok()) return last;
    if (!MayGoOn(last.status())) return Explained(service, last.status());
    if (!absl::IsDeadlineExceeded(last.status()))
      cause = std::string(last.status().message());
    if (!connection_.ConnectsAnew(end))
      return connection_.NoAnswer(cause, patience);
  }
}

absl::StatusOr<HealthCheckResponse> HealthCalls::Follow(
    const std::string& service, absl::Time end) const {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(end));
  const auto watch = stub_->Watch(&context, RequestOf(service));
  std::optional<HealthCheckResponse> last;
  HealthCheckResponse response;
  while (watch->Read(&response)) {
    last = response;
    if (response.status() == HealthCheckResponse::SERVING) context.TryCancel();
  }
  const absl::Status status = FromGrpcStatus(watch->Finish());
  const bool serves = last && last->status() == HealthCheckResponse::SERVING;
  if (serves || (last && absl::IsDeadlineExceeded(status))) return *last;
  return status.ok() ? absl::CancelledError("it ended the call") : status;
}

absl::Status HealthCalls::Explained(const std::string& service,
                                    const absl::Status& status) const {
  if (absl::IsUnimplemented(status)) {
    return absl::UnimplementedError(absl::StrCat(
        "what answers at ", connection_.server(),
        " does not tell of its health (grpc.health.v1); it is no connregd"));
  }
  if (absl::IsNotFound(status)) {
    return absl::NotFoundError(absl::StrCat(
        "what answers at ", connection_.server(), " does not serve ", service));
  }
  return status;
}

}  // namespace connreg
