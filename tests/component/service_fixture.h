#ifndef CONNREG_TESTS_COMPONENT_SERVICE_FIXTURE_H_
#define CONNREG_TESTS_COMPONENT_SERVICE_FIXTURE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "service/server/server.h"
#include "tests/component/messages.h"
#include "tests/support/fake_clock.h"

namespace connreg {

// How long a test waits for what must happen soon.
constexpr std::chrono::seconds kPatience(30);

inline std::chrono::system_clock::time_point Deadline() {
  return std::chrono::system_clock::now() + kPatience;
}

// Waits until `condition` is true. False if it has not become so in time.
template <typename Condition>
bool Eventually(Condition condition) {
  for (const auto deadline = Deadline();
       std::chrono::system_clock::now() < deadline;)
    if (condition()) return true;
  return false;
}

// The flags that `--listen` with each of `listen` and `--sync-time 0s` give.
ServerFlags Serving(const std::vector<std::string>& listen);

// A channel that is shared with no other.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

// Calls `method` of `stub`, with a deadline.
template <typename Stub, typename Request, typename Response>
grpc::Status Call(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(Deadline());
  return (stub.*method)(&context, request, response);
}

// A whole service in this process, on a port that the kernel chose and with a
// clock of its own, and a client of it.
class ServiceTest : public testing::Test {
 protected:
  using Reporting = v1::ReportingService::Stub;
  using Reading = v1::RegistryService::Stub;

  explicit ServiceTest(const ServerFlags& flags = Serving({"127.0.0.1:0"}));

  // The answers of calls that must succeed.
  v1::RegisterResponse Register(const v1::RegisterRequest& request);
  v1::DeregisterResponse Deregister(const v1::DeregisterRequest& request);
  v1::LookupResponse Lookup(const v1::LookupRequest& request);
  v1::ListConnectionsResponse ListConnections(
      const v1::ListConnectionsRequest& request = {});
  v1::ListListenersResponse ListListeners(
      const v1::ListListenersRequest& request = {});
  v1::BatchLookupResponse BatchLookup(const v1::BatchLookupRequest& request);
  v1::ListEndpointsResponse ListEndpoints(
      const v1::ListEndpointsRequest& request);
  v1::ListHostsResponse ListHosts(const v1::ListHostsRequest& request = {});
  v1::GetStatusResponse GetStatus();

  // Lets `duration` pass, and a millisecond more, and waits until all that it
  // brought is done: the rows of programs whose leases lapsed are gone, hosts
  // are stale or expired, and what is closed for long enough is forgotten.
  // REQUIRES: duration >= absl::Seconds(1)
  void AdvanceAndExpire(absl::Duration duration);

  FakeClock clock_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Reporting> reporting_;
  std::unique_ptr<Reading> reading_;

 private:
  void AwaitNoReporterOf(const std::string& host);
};

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_SERVICE_FIXTURE_H_
