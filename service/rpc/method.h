#ifndef CONNREG_SERVICE_RPC_METHOD_H_
#define CONNREG_SERVICE_RPC_METHOD_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace connreg {

// The calls that the services answer.
enum class Method : uint8_t {
  kRegister,
  kDeregister,
  kReport,
  kLookup,
  kBatchLookup,
  kListConnections,
  kListListeners,
  kListEndpoints,
  kListHosts,
  kGetStatus,
};
inline constexpr size_t kMethods = 10;

// What a call is in its .proto file.
struct MethodName {
  // With its package: "connreg.v1.RegistryService".
  absl::string_view service;
  // "Lookup".
  absl::string_view method;
};

MethodName NameOf(Method method);

// Whether it answers one request with one response. Else it is a stream both
// ways.
inline bool IsUnary(Method method) { return method != Method::kReport; }

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_METHOD_H_
