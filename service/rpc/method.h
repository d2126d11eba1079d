#ifndef CONNREG_SERVICE_RPC_METHOD_H_
#define CONNREG_SERVICE_RPC_METHOD_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace connreg {

// The calls that the services answer, and those of grpc.health.v1.
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
  kHealthCheck,
  kHealthWatch,
};
inline constexpr size_t kMethods = 12;

// What a call is in its .proto file.
struct MethodName {
  // With its package: "connreg.v1.RegistryService".
  absl::string_view service;
  // "Lookup".
  absl::string_view method;
};

MethodName NameOf(Method method);

// Its place among the methods of its service, in the order of the .proto file.
int IndexOf(Method method);
// How many methods `service` has, which is one of those.
int MethodCount(absl::string_view service);

// How many requests and responses it has.
enum class MethodKind : uint8_t { kUnary, kServerStream, kBidiStream };

MethodKind KindOf(Method method);

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_METHOD_H_
