#include "tests/component/messages.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace connreg {

v1::Endpoint At(absl::string_view text) {
  const size_t colon = text.rfind(':');
  absl::string_view address = text.substr(0, colon);
  absl::ConsumePrefix(&address, "[");
  absl::ConsumeSuffix(&address, "]");
  uint32_t port = 0;
  (void)absl::SimpleAtoi(text.substr(colon + 1), &port);
  v1::Endpoint endpoint;
  endpoint.set_address(std::string(address));
  endpoint.set_port(port);
  return endpoint;
}

v1::Reporter Agent(const std::string& host, const std::string& network) {
  v1::Reporter reporter;
  reporter.set_kind(v1::REPORTER_KIND_AGENT);
  reporter.set_name("connreg-agent");
  reporter.set_host(host);
  reporter.set_network(network);
  return reporter;
}

v1::Reporter Program(const std::string& host, const std::string& name) {
  v1::Reporter reporter;
  reporter.set_kind(v1::REPORTER_KIND_PROGRAM);
  reporter.set_name(name);
  reporter.set_host(host);
  return reporter;
}

v1::Listener Listening(absl::string_view local, uint64_t cookie) {
  v1::Listener listener;
  listener.mutable_socket()->set_transport(v1::TRANSPORT_TCP);
  listener.mutable_socket()->set_cookie(cookie);
  *listener.mutable_local() = At(local);
  return listener;
}

v1::Listener Bound(absl::string_view local) {
  v1::Listener listener = Listening(local);
  listener.mutable_socket()->set_transport(v1::TRANSPORT_UDP);
  return listener;
}

v1::Observation Connected(absl::string_view local, absl::string_view remote,
                          uint64_t cookie) {
  v1::Observation observation;
  observation.mutable_socket()->set_transport(v1::TRANSPORT_TCP);
  observation.mutable_socket()->set_cookie(cookie);
  *observation.mutable_local() = At(local);
  *observation.mutable_remote() = At(remote);
  return observation;
}

v1::Observation Accepted(absl::string_view local, absl::string_view remote,
                         uint64_t cookie) {
  v1::Observation observation = Connected(local, remote, cookie);
  observation.set_role(v1::ROLE_SERVER);
  observation.set_role_evidence(v1::ROLE_EVIDENCE_LISTENER);
  return observation;
}

v1::Observation Initiated(absl::string_view local, absl::string_view remote,
                          uint64_t cookie) {
  v1::Observation observation = Connected(local, remote, cookie);
  observation.set_role(v1::ROLE_CLIENT);
  observation.set_role_evidence(v1::ROLE_EVIDENCE_INITIATED);
  return observation;
}

v1::RegisterRequest Report(const v1::Reporter& reporter, const Rows& rows,
                           int ttl_seconds) {
  v1::RegisterRequest request;
  *request.mutable_reporter() = reporter;
  request.mutable_ttl()->set_seconds(ttl_seconds);
  for (const v1::Listener& row : rows.listeners) *request.add_listeners() = row;
  for (const v1::Observation& row : rows.connections)
    *request.add_connections() = row;
  if (rows.addresses.empty()) return request;
  v1::NetworkNamespace* netns = request.add_namespaces();
  for (const std::string& prefix : rows.addresses)
    netns->add_prefixes()->set_prefix(prefix);
  return request;
}

v1::DeregisterRequest Withdrawal(const v1::Reporter& reporter,
                                 const Rows& rows) {
  v1::DeregisterRequest request;
  *request.mutable_reporter() = reporter;
  for (const v1::Listener& row : rows.listeners) *request.add_listeners() = row;
  for (const v1::Observation& row : rows.connections)
    *request.add_connections() = row;
  return request;
}

v1::DeregisterRequest WithdrawalOfAll(const v1::Reporter& reporter) {
  v1::DeregisterRequest request;
  *request.mutable_reporter() = reporter;
  request.set_all(true);
  return request;
}

v1::LookupRequest Asking(absl::string_view endpoint) {
  v1::LookupRequest request;
  *request.mutable_endpoint() = At(endpoint);
  return request;
}

v1::LookupRequest Asking(absl::string_view client, absl::string_view server) {
  v1::LookupRequest request;
  *request.mutable_four_tuple()->mutable_client() = At(client);
  *request.mutable_four_tuple()->mutable_server() = At(server);
  return request;
}

std::string Text(const v1::Endpoint& endpoint) {
  return absl::StrContains(endpoint.address(), ":")
             ? absl::StrCat("[", endpoint.address(), "]:", endpoint.port())
             : absl::StrCat(endpoint.address(), ":", endpoint.port());
}

std::string Text(const v1::Connection& connection) {
  const v1::DerivedConnection& derived = connection.derived();
  const v1::Observation& first = connection.observations(0);
  return derived.has_client()
             ? absl::StrCat(Text(derived.client()), " > ",
                            Text(derived.server()))
             : absl::StrCat(Text(first.local()), " > ", Text(first.remote()));
}

std::string Text(const v1::Listener& listener) {
  return absl::StrCat(listener.provenance().reporter().host(), " ",
                      Text(listener.local()));
}

std::vector<std::string> Hosts(const v1::Connection& connection) {
  std::vector<std::string> hosts;
  for (const v1::Observation& end : connection.observations())
    hosts.push_back(end.provenance().reporter().host());
  return hosts;
}

}  // namespace connreg
