#include "service/rpc/method.h"

#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"

namespace connreg {

MethodName NameOf(Method method) {
  constexpr absl::string_view kReporting =
      v1::ReportingService::service_full_name();
  constexpr absl::string_view kRegistry =
      v1::RegistryService::service_full_name();
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
  }
  return {};
}

}  // namespace connreg
