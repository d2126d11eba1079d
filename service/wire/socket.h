#ifndef CONNREG_SERVICE_WIRE_SOCKET_H_
#define CONNREG_SERVICE_WIRE_SOCKET_H_

#include "absl/status/statusor.h"
#include "connreg/v1/reporting_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "service/model/address_owners.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// Messages to values. Each returns INVALID_ARGUMENT with the path of the field,
// counted from the message, and a reason.
absl::StatusOr<Endpoint> EndpointFromProto(const v1::Endpoint& proto);
absl::StatusOr<Reporter> ReporterFromProto(const v1::Reporter& proto);
absl::StatusOr<NetworkNamespace> NetworkNamespaceFromProto(
    const v1::NetworkNamespace& proto);
absl::StatusOr<ConnectionFacts> ConnectionFactsFromProto(
    const v1::Observation& proto);
absl::StatusOr<ListenerFacts> ListenerFactsFromProto(const v1::Listener& proto);
// These read only the fields that name a row.
absl::StatusOr<ConnectionName> ConnectionNameFromProto(
    const v1::Observation& proto);
absl::StatusOr<ListenerName> ListenerNameFromProto(const v1::Listener& proto);

// Values to messages.
//
// REQUIRES: the message is empty.
void ToProto(const Endpoint& endpoint, v1::Endpoint* proto);
void ToProto(const Reporter& reporter, v1::Reporter* proto);
void ToProto(const NetworkNamespace& netns, v1::NetworkNamespace* proto);
void ToProto(const ConnectionFacts& facts, v1::Observation* proto);
void ToProto(const ListenerFacts& facts, v1::Listener* proto);
// All but the owners of the socket.
void ToProtoWithoutOwners(const ConnectionFacts& facts, v1::Observation* proto);
void ToProtoWithoutOwners(const ListenerFacts& facts, v1::Listener* proto);
// What names a row, and nothing more.
void ToProto(const ConnectionName& name, v1::Observation* proto);
void ToProto(const ListenerName& name, v1::Listener* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_SOCKET_H_
