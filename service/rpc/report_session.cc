#include "service/rpc/report_session.h"

#include <utility>
#include <variant>

#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/report.h"

namespace connreg {

absl::Status ReportSession::Take(const v1::ReportRequest& request,
                                 v1::ReportResponse* response) {
  ASSIGN_OR_RETURN(const ReportMessage message, ReportFromProto(request));
  const bool opens = std::holds_alternative<SessionOpening>(message);
  if (!opens && !epoch_) {
    return InField("open", InvalidArgument("OPEN_MISSING",
                                           "the first message is not open"));
  }
  if (opens && epoch_) {
    return InField("open",
                   InvalidArgument("OPEN_REPEATED",
                                   "open is not the first message; use another "
                                   "stream"));
  }
  return std::visit([&](const auto& said) { return Apply(said, response); },
                    message);
}

void ReportSession::Lose() {
  if (const auto epoch = std::exchange(epoch_, std::nullopt))
    registry_.LoseSession(*epoch);
}

absl::Status ReportSession::Apply(const SessionOpening& opening,
                                  v1::ReportResponse* response) {
  std::optional<Epoch> superseded;
  const absl::StatusOr<SessionWelcome> welcome = streams_.Begin(
      &stream_, [&] { return registry_.OpenSession(opening, &superseded); });
  if (superseded) {
    observer_.Superseded(*superseded);
    streams_.EndSuperseded(*superseded);
  }
  if (!welcome.ok()) {
    observer_.Refused(opening, welcome.status());
    return welcome.status();
  }
  epoch_ = welcome->epoch;
  reporter_ = opening.reporter;
  observer_.Opened(opening, *welcome);
  ToProto(*welcome, response);
  return absl::OkStatus();
}

absl::Status ReportSession::Apply(const DecodedBatch& decoded,
                                  v1::ReportResponse* response) {
  ASSIGN_OR_RETURN(const Ack ack, registry_.Apply(*epoch_, decoded.batch));
  observer_.Took(reporter_, decoded, ack);
  ToProto(ack, decoded, response);
  return absl::OkStatus();
}

absl::Status ReportSession::Apply(const KeepAlive& keep_alive,
                                  v1::ReportResponse* response) {
  ASSIGN_OR_RETURN(const Ack ack, registry_.Apply(*epoch_, keep_alive));
  observer_.Took(reporter_, keep_alive, ack);
  ToProto(ack, response);
  return absl::OkStatus();
}

absl::Status ReportSession::Apply(const Goodbye& goodbye, v1::ReportResponse*) {
  registry_.EndSession(*std::exchange(epoch_, std::nullopt), goodbye);
  over_ = true;
  observer_.Took(reporter_, goodbye);
  return absl::OkStatus();
}

}  // namespace connreg
