#include "service/server/call_metrics.h"

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg {
namespace {

// In seconds: from a lookup of what is in the cache to a page of thousands.
const prometheus::Histogram::BucketBoundaries kTimes = {
    0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};

// What the services answer with beside OK.
constexpr grpc::StatusCode kErrors[] = {
    grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::RESOURCE_EXHAUSTED,
    grpc::StatusCode::ABORTED, grpc::StatusCode::FAILED_PRECONDITION,
    grpc::StatusCode::INTERNAL};

// And streams too.
constexpr grpc::StatusCode kStreamErrors[] = {grpc::StatusCode::CANCELLED,
                                              grpc::StatusCode::UNAVAILABLE};

const char* TypeName(MethodKind kind) {
  switch (kind) {
    case MethodKind::kUnary:
      return "unary";
    case MethodKind::kServerStream:
      return "server_stream";
    case MethodKind::kBidiStream:
      return "bidi_stream";
  }
  return "";
}

prometheus::Labels LabelsOf(Method method) {
  const MethodName name = NameOf(method);
  return {{"grpc_type", TypeName(KindOf(method))},
          {"grpc_service", std::string(name.service)},
          {"grpc_method", std::string(name.method)}};
}

// As gRPC's libraries for Go write them.
absl::string_view CodeName(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return "OK";
    case grpc::StatusCode::CANCELLED:
      return "Canceled";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "InvalidArgument";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "DeadlineExceeded";
    case grpc::StatusCode::NOT_FOUND:
      return "NotFound";
    case grpc::StatusCode::ALREADY_EXISTS:
      return "AlreadyExists";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "PermissionDenied";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "ResourceExhausted";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FailedPrecondition";
    case grpc::StatusCode::ABORTED:
      return "Aborted";
    case grpc::StatusCode::OUT_OF_RANGE:
      return "OutOfRange";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "Unimplemented";
    case grpc::StatusCode::INTERNAL:
      return "Internal";
    case grpc::StatusCode::UNAVAILABLE:
      return "Unavailable";
    case grpc::StatusCode::DATA_LOSS:
      return "DataLoss";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "Unauthenticated";
    default:
      return "Unknown";
  }
}

}  // namespace

CallMetrics::CallMetrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      handled_(prometheus::BuildCounter()
                   .Name("grpc_server_handled_total")
                   .Help("Calls that were answered, by method and code.")
                   .Register(*registry_)),
      handling_(prometheus::BuildHistogram()
                    .Name("grpc_server_handling_seconds")
                    .Help("The times from a request that was read to its "
                          "response.")
                    .Register(*registry_)) {
  for (size_t i = 0; i < kMethods; ++i) {
    const auto method = static_cast<Method>(i);
    handled_well_[i] = &HandledWith(method, grpc::StatusCode::OK);
    for (const grpc::StatusCode code : kErrors) HandledWith(method, code);
    if (KindOf(method) == MethodKind::kUnary) {
      times_[i] = &handling_.Add(LabelsOf(method), kTimes);
      continue;
    }
    for (const grpc::StatusCode code : kStreamErrors) HandledWith(method, code);
  }
}

void CallMetrics::Answered(Method method, grpc::StatusCode code,
                           absl::Duration handling) {
  Ended(method, code);
  times_[static_cast<size_t>(method)]->Observe(absl::ToDoubleSeconds(handling));
}

void CallMetrics::Ended(Method method, grpc::StatusCode code) {
  if (code == grpc::StatusCode::OK)
    handled_well_[static_cast<size_t>(method)]->Increment();
  else
    HandledWith(method, code).Increment();
}

prometheus::Counter& CallMetrics::HandledWith(Method method,
                                              grpc::StatusCode code) {
  prometheus::Labels labels = LabelsOf(method);
  labels.emplace("grpc_code", CodeName(code));
  return handled_.Add(labels);
}

}  // namespace connreg
