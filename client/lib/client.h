#ifndef CONNREG_CLIENT_LIB_CLIENT_H_
#define CONNREG_CLIENT_LIB_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/reporting_service.pb.h"
#include "grpc/health/v1/health.pb.h"

namespace connreg {

// Client asks one connregd. It connects at the first call, and again whenever
// the connection is lost.
//
// Every call returns the service's status, with its ErrorDetail (see
// service/base/error.h) where it sent one, and beside that:
//   UNAVAILABLE: no connregd answers at the server's address, nor did while
//     the call waited for one.
//   DEADLINE_EXCEEDED: it did not answer in time.
//   UNIMPLEMENTED: what answers is no connregd, or one that is older.
//
// Thread-safe.
class Client {
 public:
  struct Options {
    // How long each call may take.
    absl::Duration timeout = absl::Seconds(10);
    // How long a call waits for a service that may be starting, beside its
    // timeout: while no connection comes about, one is tried after 50 ms, then
    // less often up to each 250 ms. A call that may have reached a service is
    // not made again, unless another thread's call hides that it did; every
    // call may be repeated without harm. 0: it does not wait.
    absl::Duration wait = absl::Seconds(2);
  };

  // A client of `server`: "HOST:PORT", "[V6]:PORT" or "unix:PATH".
  //
  // INVALID_ARGUMENT: `server` is none of these.
  static absl::StatusOr<std::unique_ptr<Client>> Create(
      absl::string_view server, const Options& options);

  ~Client();

  absl::StatusOr<v1::RegisterResponse> Register(
      const v1::RegisterRequest& request);
  absl::StatusOr<v1::DeregisterResponse> Deregister(
      const v1::DeregisterRequest& request);
  absl::StatusOr<v1::LookupResponse> Lookup(const v1::LookupRequest& request);
  absl::StatusOr<v1::BatchLookupResponse> BatchLookup(
      const v1::BatchLookupRequest& request);
  absl::StatusOr<v1::GetStatusResponse> GetStatus();

  // How `service` is by grpc.health.v1: a full name of connreg.v1, or empty for
  // the server as a whole.
  //
  // NOT_FOUND: what answers does not serve it.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> CheckHealth(
      const std::string& service);

  // The same as soon as `service` is SERVING, or else how it is when `patience`
  // has passed. That takes the place of Options: until then it waits, connects
  // and connects again, and UNAVAILABLE means that nobody answers at its end.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> AwaitServing(
      const std::string& service, absl::Duration patience);

  // Lists page after page, from the first to the last, and hands each to
  // `page`. Ends early if that returns an error, with that error.
  absl::Status ListConnections(
      const v1::ListConnectionsRequest& request,
      absl::FunctionRef<absl::Status(const v1::ListConnectionsResponse&)> page);
  absl::Status ListListeners(
      const v1::ListListenersRequest& request,
      absl::FunctionRef<absl::Status(const v1::ListListenersResponse&)> page);
  absl::Status ListEndpoints(
      const v1::ListEndpointsRequest& request,
      absl::FunctionRef<absl::Status(const v1::ListEndpointsResponse&)> page);
  absl::Status ListHosts(
      const v1::ListHostsRequest& request,
      absl::FunctionRef<absl::Status(const v1::ListHostsResponse&)> page);

 private:
  struct Stubs;

  explicit Client(std::unique_ptr<Stubs> stubs);

  const std::unique_ptr<Stubs> stubs_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_CLIENT_H_
