#include "tests/component/service_fixture.h"

#include "absl/time/time.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "service/server/listen_address.h"

namespace connreg {
namespace {

template <typename Stub, typename Request, typename Response>
Response Answer(Stub& stub,
                grpc::Status (Stub::*method)(grpc::ClientContext*,
                                             const Request&, Response*),
                const Request& request) {
  Response response;
  const grpc::Status status = Call(stub, method, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

}  // namespace

ServerFlags Serving(const std::vector<std::string>& listen) {
  ServerFlags flags;
  flags.registry.sync_time = absl::ZeroDuration();
  for (const std::string& text : listen)
    flags.listen.push_back(ListenAddress::Parse(text).value());
  return flags;
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

ServiceTest::ServiceTest(const ServerFlags& flags)
    : server_(Server::Start(flags, clock_).value()),
      channel_(NewChannel(server_->addresses()[0])),
      reporting_(v1::ReportingService::NewStub(channel_)),
      reading_(v1::RegistryService::NewStub(channel_)) {}

v1::RegisterResponse ServiceTest::Register(const v1::RegisterRequest& request) {
  return Answer(*reporting_, &Reporting::Register, request);
}

v1::DeregisterResponse ServiceTest::Deregister(
    const v1::DeregisterRequest& request) {
  return Answer(*reporting_, &Reporting::Deregister, request);
}

v1::LookupResponse ServiceTest::Lookup(const v1::LookupRequest& request) {
  return Answer(*reading_, &Reading::Lookup, request);
}

v1::ListConnectionsResponse ServiceTest::ListConnections(
    const v1::ListConnectionsRequest& request) {
  return Answer(*reading_, &Reading::ListConnections, request);
}

v1::ListListenersResponse ServiceTest::ListListeners(
    const v1::ListListenersRequest& request) {
  return Answer(*reading_, &Reading::ListListeners, request);
}

v1::BatchLookupResponse ServiceTest::BatchLookup(
    const v1::BatchLookupRequest& request) {
  return Answer(*reading_, &Reading::BatchLookup, request);
}

v1::ListEndpointsResponse ServiceTest::ListEndpoints(
    const v1::ListEndpointsRequest& request) {
  return Answer(*reading_, &Reading::ListEndpoints, request);
}

v1::ListHostsResponse ServiceTest::ListHosts(
    const v1::ListHostsRequest& request) {
  return Answer(*reading_, &Reading::ListHosts, request);
}

v1::GetStatusResponse ServiceTest::GetStatus() {
  return Answer(*reading_, &Reading::GetStatus, v1::GetStatusRequest());
}

void ServiceTest::AdvanceAndExpire(absl::Duration duration) {
  // The first lapses together with the leases in question. The second, which
  // lapses after it, shows that their rows are gone as well.
  constexpr absl::Duration kGap = absl::Milliseconds(1);
  constexpr absl::Duration kTtl = absl::Seconds(1);
  clock_.Advance(duration - kTtl);
  Register(Report(Program("witness-1"), {}, /*ttl_seconds=*/1));
  clock_.Advance(kGap);
  Register(Report(Program("witness-2"), {}, /*ttl_seconds=*/1));
  clock_.Advance(kTtl - kGap);
  AwaitNoReporterOf("witness-1");
  clock_.Advance(kGap);
  AwaitNoReporterOf("witness-2");
}

void ServiceTest::AwaitNoReporterOf(const std::string& host) {
  v1::ListHostsRequest request;
  request.set_host(host);
  EXPECT_TRUE(Eventually([&] { return ListHosts(request).hosts().empty(); }));
}

}  // namespace connreg
