#include "service/wire/status.h"

#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/base/error.h"

namespace connreg {
namespace {

constexpr char kDomain[] = "connreg";
constexpr char kPosition[] = "position";

std::string DetailsOf(const absl::Status& status, const ErrorDetail& detail) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(detail.reason);
  info.set_domain(kDomain);
  if (detail.position)
    (*info.mutable_metadata())[kPosition] = absl::StrCat(*detail.position);
  details.add_details()->PackFrom(info);
  if (!detail.field.empty()) {
    google::rpc::BadRequest request;
    auto* violation = request.add_field_violations();
    violation->set_field(detail.field);
    violation->set_description(std::string(status.message()));
    details.add_details()->PackFrom(request);
  }
  return details.SerializeAsString();
}

std::optional<ErrorDetail> ParseDetails(const std::string& bytes) {
  google::rpc::Status details;
  if (bytes.empty() || !details.ParseFromString(bytes)) return std::nullopt;
  std::optional<ErrorDetail> result;
  std::string field;
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    if (any.UnpackTo(&info) && info.domain() == kDomain) {
      result.emplace().reason = info.reason();
      const auto position = info.metadata().find(kPosition);
      size_t value = 0;
      if (position != info.metadata().end() &&
          absl::SimpleAtoi(position->second, &value))
        result->position = value;
    } else if (any.UnpackTo(&request) && request.field_violations_size() > 0) {
      field = request.field_violations(0).field();
    }
  }
  if (result) result->field = field;
  return result;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()),
                      detail ? DetailsOf(status, *detail) : "");
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  const std::optional<ErrorDetail> detail =
      ParseDetails(status.error_details());
  return detail ? WithDetail(std::move(result), *detail) : result;
}

}  // namespace connreg
