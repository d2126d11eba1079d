#include "service/wire/socket.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/enums.h"
#include "service/wire/owners.h"
#include "service/wire/role.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

constexpr int kMaxPrefixes = 10'000;
constexpr char kDefaultNetwork[] = "default";

absl::StatusOr<Endpoint> RequiredEndpoint(absl::string_view field, bool present,
                                          const v1::Endpoint& proto) {
  if (!present) {
    return InField(field,
                   InvalidArgument("ENDPOINT_MISSING",
                                   absl::StrCat("no ", field, " endpoint")));
  }
  absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto);
  if (!endpoint.ok()) return InField(field, endpoint.status());
  return endpoint;
}

absl::StatusOr<FourTuple> TupleOf(const v1::Observation& proto) {
  ASSIGN_OR_RETURN(const Endpoint local,
                   RequiredEndpoint("local", proto.has_local(), proto.local()));
  ASSIGN_OR_RETURN(
      const Endpoint remote,
      RequiredEndpoint("remote", proto.has_remote(), proto.remote()));
  return FourTuple::Create(local, remote);
}

// The fields that name a socket, without those that describe it.
absl::StatusOr<Socket> SocketNameFromProto(const v1::Socket& proto) {
  RETURN_IF_ERROR(CheckText("netns", proto.netns()));
  Socket socket{
      .netns = proto.netns(), .cookie = proto.cookie(), .inode = proto.inode()};
  ASSIGN_OR_RETURN(socket.transport, TransportFromProto(proto.transport()));
  return socket;
}

absl::StatusOr<Socket> SocketFromProto(const v1::Socket& proto) {
  ASSIGN_OR_RETURN(Socket socket, SocketNameFromProto(proto));
  ASSIGN_OR_RETURN(socket.family, SocketFamilyFromProto(proto.family()));
  if (proto.has_uid()) socket.uid = proto.uid();
  absl::StatusOr<Owners> owners = OwnersFromProto(proto.owners());
  if (!owners.ok()) return InField("owners", owners.status());
  socket.owners = *std::move(owners);
  return socket;
}

template <typename T>
absl::StatusOr<T> InSocketField(absl::StatusOr<T> socket) {
  if (!socket.ok()) return InField("socket", socket.status());
  return socket;
}

void ToProtoWithoutOwners(const Socket& socket, v1::Socket* proto) {
  proto->set_netns(socket.netns);
  proto->set_transport(ToProto(socket.transport));
  proto->set_family(ToProto(socket.family));
  proto->set_cookie(socket.cookie);
  proto->set_inode(socket.inode);
  if (socket.uid) proto->set_uid(*socket.uid);
}

void ToProto(const Socket& socket, v1::Socket* proto) {
  ToProtoWithoutOwners(socket, proto);
  ToProto(socket.owners, proto->mutable_owners());
}

absl::StatusOr<LocalPrefix> LocalPrefixFromProto(const v1::LocalPrefix& proto) {
  const absl::StatusOr<Prefix> prefix = Prefix::Parse(proto.prefix());
  if (!prefix.ok()) return InField("prefix", prefix.status());
  RETURN_IF_ERROR(CheckText("device", proto.device(), kMaxDeviceLength));
  return LocalPrefix{*prefix, proto.device()};
}

}  // namespace

absl::StatusOr<Endpoint> EndpointFromProto(const v1::Endpoint& proto) {
  if (proto.address().empty()) {
    return InField("address",
                   InvalidArgument("ADDRESS_EMPTY", "no address", 0));
  }
  const absl::StatusOr<IpAddress> address = IpAddress::Parse(proto.address());
  if (!address.ok()) return InField("address", address.status());
  return Endpoint::Create(*address, proto.port());
}

absl::StatusOr<Reporter> ReporterFromProto(const v1::Reporter& proto) {
  Reporter reporter{
      .name = proto.name(), .host = proto.host(), .network = proto.network()};
  ASSIGN_OR_RETURN(reporter.kind, ReporterKindFromProto(proto.kind()));
  RETURN_IF_ERROR(CheckRequiredText("name", proto.name()));
  RETURN_IF_ERROR(CheckRequiredText("host", proto.host()));
  RETURN_IF_ERROR(CheckText("network", proto.network()));
  if (reporter.network.empty()) reporter.network = kDefaultNetwork;
  return reporter;
}

absl::StatusOr<NetworkNamespace> NetworkNamespaceFromProto(
    const v1::NetworkNamespace& proto) {
  RETURN_IF_ERROR(CheckText("netns", proto.netns()));
  RETURN_IF_ERROR(CheckText("name", proto.name()));
  if (proto.prefixes_size() > kMaxPrefixes) {
    return InField("prefixes",
                   InvalidArgument(
                       "TOO_MANY_PREFIXES",
                       absl::StrCat(proto.prefixes_size(),
                                    " prefixes: the limit is ", kMaxPrefixes)));
  }
  NetworkNamespace result{.netns = proto.netns(), .name = proto.name()};
  for (int i = 0; i < proto.prefixes_size(); ++i) {
    absl::StatusOr<LocalPrefix> prefix =
        LocalPrefixFromProto(proto.prefixes(i));
    if (!prefix.ok())
      return InField(absl::StrCat("prefixes[", i, "]"), prefix.status());
    result.prefixes.push_back(*std::move(prefix));
  }
  return result;
}

absl::StatusOr<ConnectionFacts> ConnectionFactsFromProto(
    const v1::Observation& proto) {
  ASSIGN_OR_RETURN(Socket socket,
                   InSocketField(SocketFromProto(proto.socket())));
  ASSIGN_OR_RETURN(const FourTuple tuple, TupleOf(proto));
  ConnectionFacts facts{.socket = std::move(socket), .tuple = tuple};
  ASSIGN_OR_RETURN(facts.state, ConnectionStateFromProto(
                                    proto.state(), facts.socket.transport));
  ASSIGN_OR_RETURN(const Role role, RoleFromProto(proto.role()));
  ASSIGN_OR_RETURN(const RoleEvidence evidence,
                   RoleEvidenceFromProto(proto.role_evidence()));
  RETURN_IF_ERROR(SetRole(role, evidence, &facts));
  facts.listener_cookie = proto.listener_cookie();
  RETURN_IF_ERROR(CheckText("device", proto.device(), kMaxDeviceLength));
  facts.device = proto.device();
  return facts;
}

absl::StatusOr<ListenerFacts> ListenerFactsFromProto(
    const v1::Listener& proto) {
  ASSIGN_OR_RETURN(Socket socket,
                   InSocketField(SocketFromProto(proto.socket())));
  ASSIGN_OR_RETURN(const Endpoint local,
                   RequiredEndpoint("local", proto.has_local(), proto.local()));
  ListenerFacts facts{.socket = std::move(socket), .local = local};
  ASSIGN_OR_RETURN(facts.state, ListenerStateFromProto(proto.state(),
                                                       facts.socket.transport));
  facts.v6_only = proto.v6_only();
  RETURN_IF_ERROR(CheckText("device", proto.device(), kMaxDeviceLength));
  facts.device = proto.device();
  return facts;
}

absl::StatusOr<ConnectionName> ConnectionNameFromProto(
    const v1::Observation& proto) {
  ASSIGN_OR_RETURN(Socket socket,
                   InSocketField(SocketNameFromProto(proto.socket())));
  ASSIGN_OR_RETURN(const FourTuple tuple, TupleOf(proto));
  RETURN_IF_ERROR(CheckText("device", proto.device(), kMaxDeviceLength));
  return ConnectionName{std::move(socket), tuple, proto.device()};
}

absl::StatusOr<ListenerName> ListenerNameFromProto(const v1::Listener& proto) {
  ASSIGN_OR_RETURN(Socket socket,
                   InSocketField(SocketNameFromProto(proto.socket())));
  ASSIGN_OR_RETURN(const Endpoint local,
                   RequiredEndpoint("local", proto.has_local(), proto.local()));
  RETURN_IF_ERROR(CheckText("device", proto.device(), kMaxDeviceLength));
  return ListenerName{std::move(socket), local, proto.device()};
}

void ToProto(const Endpoint& endpoint, v1::Endpoint* proto) {
  proto->set_address(endpoint.address().ToString());
  proto->set_port(endpoint.port());
}

void ToProto(const Reporter& reporter, v1::Reporter* proto) {
  proto->set_kind(ToProto(reporter.kind));
  proto->set_name(reporter.name);
  proto->set_host(reporter.host);
  proto->set_network(reporter.network);
}

void ToProto(const NetworkNamespace& netns, v1::NetworkNamespace* proto) {
  proto->set_netns(netns.netns);
  for (const LocalPrefix& prefix : netns.prefixes) {
    v1::LocalPrefix* const told = proto->add_prefixes();
    told->set_prefix(prefix.prefix.ToString());
    told->set_device(prefix.device);
  }
  proto->set_name(netns.name);
}

void ToProto(const ConnectionFacts& facts, v1::Observation* proto) {
  ToProtoWithoutOwners(facts, proto);
  ToProto(facts.socket.owners, proto->mutable_socket()->mutable_owners());
}

void ToProto(const ListenerFacts& facts, v1::Listener* proto) {
  ToProtoWithoutOwners(facts, proto);
  ToProto(facts.socket.owners, proto->mutable_socket()->mutable_owners());
}

void ToProtoWithoutOwners(const ConnectionFacts& facts,
                          v1::Observation* proto) {
  ToProtoWithoutOwners(facts.socket, proto->mutable_socket());
  ToProto(facts.tuple.local(), proto->mutable_local());
  ToProto(facts.tuple.remote(), proto->mutable_remote());
  proto->set_state(ToProto(facts.state));
  proto->set_role(ToProto(facts.role));
  proto->set_role_evidence(ToProto(facts.evidence));
  proto->set_listener_cookie(facts.listener_cookie);
  if (!facts.device.empty()) proto->set_device(facts.device);
}

void ToProtoWithoutOwners(const ListenerFacts& facts, v1::Listener* proto) {
  ToProtoWithoutOwners(facts.socket, proto->mutable_socket());
  ToProto(facts.local, proto->mutable_local());
  proto->set_state(ToProto(facts.state));
  proto->set_v6_only(facts.v6_only);
  if (!facts.device.empty()) proto->set_device(facts.device);
}

void ToProto(const ConnectionName& name, v1::Observation* proto) {
  ToProto(name.socket, proto->mutable_socket());
  ToProto(name.tuple.local(), proto->mutable_local());
  ToProto(name.tuple.remote(), proto->mutable_remote());
  proto->set_device(name.device);
}

void ToProto(const ListenerName& name, v1::Listener* proto) {
  ToProto(name.socket, proto->mutable_socket());
  ToProto(name.local, proto->mutable_local());
  proto->set_device(name.device);
}

}  // namespace connreg
