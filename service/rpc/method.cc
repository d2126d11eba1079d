#include "service/rpc/method.h"

#include <string>

#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace connreg {
namespace {

const google::protobuf::ServiceDescriptor& DescriptorOf(
    absl::string_view service) {
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      std::string(service));
}

const google::protobuf::MethodDescriptor& DescriptorOf(Method method) {
  const MethodName name = NameOf(method);
  return *DescriptorOf(name.service).FindMethodByName(std::string(name.method));
}

}  // namespace

MethodName NameOf(Method method) {
  constexpr absl::string_view kReporting =
      v1::ReportingService::service_full_name();
  constexpr absl::string_view kRegistry =
      v1::RegistryService::service_full_name();
  constexpr absl::string_view kHealth =
      grpc::health::v1::Health::service_full_name();
  switch (method) {
    case Method::kRegister:
      return {kReporting, "Register"};
    case Method::kDeregister:
      return {kReporting, "Deregister"};
    case Method::kReport:
      return {kReporting, "Report"};
    case Method::kLookup:
      return {kRegistry, "Lookup"};
    case Method::kBatchLookup:
      return {kRegistry, "BatchLookup"};
    case Method::kListConnections:
      return {kRegistry, "ListConnections"};
    case Method::kListListeners:
      return {kRegistry, "ListListeners"};
    case Method::kListEndpoints:
      return {kRegistry, "ListEndpoints"};
    case Method::kListHosts:
      return {kRegistry, "ListHosts"};
    case Method::kGetStatus:
      return {kRegistry, "GetStatus"};
    case Method::kHealthCheck:
      return {kHealth, "Check"};
    case Method::kHealthWatch:
      return {kHealth, "Watch"};
  }
  return {};
}

int IndexOf(Method method) { return DescriptorOf(method).index(); }

int MethodCount(absl::string_view service) {
  return DescriptorOf(service).method_count();
}

MethodKind KindOf(Method method) {
  const auto& descriptor = DescriptorOf(method);
  if (descriptor.client_streaming()) return MethodKind::kBidiStream;
  return descriptor.server_streaming() ? MethodKind::kServerStream
                                       : MethodKind::kUnary;
}

}  // namespace connreg
