#include "client/agent/service_stream.h"

#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "connreg/v1/report.pb.h"
#include "service/wire/report.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

absl::StatusOr<RegistryStream::Answer> AnswerOf(
    const v1::ReportResponse& response) {
  absl::StatusOr<RegistryMessage> message = AnswerFromProto(response);
  if (!message.ok()) return message.status();
  RegistryStream::Answer answer{.message = *std::move(message)};
  for (const v1::RowRefusal& refusal : response.ack().refusals()) {
    answer.refusals.push_back(absl::StrCat(refusal.field(), ": ",
                                           Displayable(refusal.description()),
                                           " (", refusal.reason(), ")"));
  }
  return answer;
}

}  // namespace

void ServiceStream::Send(const AgentMessage& message) {
  v1::ReportRequest request;
  ToProto(message, &request);
  stream_.Send(std::move(request));
}

std::optional<RegistryStream::Event> ServiceStream::Take() {
  while (std::optional<ReportStream::Event> event = stream_.Take()) {
    if (const auto* end = std::get_if<absl::Status>(&*event))
      return error_.ok() ? *end : std::exchange(error_, absl::OkStatus());
    if (!error_.ok()) continue;
    absl::StatusOr<Answer> answer =
        AnswerOf(std::get<v1::ReportResponse>(*event));
    if (answer.ok()) return *std::move(answer);
    error_ = absl::InternalError(
        absl::StrCat("the service says what is not understood: ",
                     answer.status().message()));
    stream_.Cancel();
  }
  return std::nullopt;
}

}  // namespace connreg
