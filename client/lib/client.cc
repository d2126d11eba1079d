#include "client/lib/client.h"

#include <memory>
#include <string>
#include <utility>

#include "client/lib/connection.h"
#include "client/lib/health_calls.h"
#include "client/lib/server_address.h"
#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "service/base/status_macros.h"

namespace connreg {

struct Client::Stubs {
  Stubs(absl::string_view server, const std::string& target,
        const Options& options)
      : connection(server, target, options),
        reporting(v1::ReportingService::NewStub(connection.channel())),
        registry(v1::RegistryService::NewStub(connection.channel())),
        health(connection) {}

  // Makes one call: `call` is given its context.
  template <typename Response, typename Call>
  absl::StatusOr<Response> Ask(const Call& call) const {
    return connection.Ask<Response>(call);
  }

  // Makes one call for each page: `call` is given its context and the request
  // for that page.
  template <typename Response, typename Request, typename Call>
  absl::Status AskPages(
      Request request, const Call& call,
      absl::FunctionRef<absl::Status(const Response&)> page) const {
    do {
      ASSIGN_OR_RETURN(const Response answer,
                       Ask<Response>([&](auto* context, Response* response) {
                         return call(context, request, response);
                       }));
      RETURN_IF_ERROR(page(answer));
      request.set_page_token(answer.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  const Connection connection;
  const std::unique_ptr<v1::ReportingService::Stub> reporting;
  const std::unique_ptr<v1::RegistryService::Stub> registry;
  const HealthCalls health;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(absl::string_view server,
                                                       const Options& options) {
  ASSIGN_OR_RETURN(const std::string target, GrpcTarget(server));
  return std::unique_ptr<Client>(
      new Client(std::make_unique<Stubs>(server, target, options)));
}

Client::Client(std::unique_ptr<Stubs> stubs) : stubs_(std::move(stubs)) {}

Client::~Client() = default;

absl::StatusOr<v1::RegisterResponse> Client::Register(
    const v1::RegisterRequest& request) {
  return stubs_->Ask<v1::RegisterResponse>([&](auto* context, auto* response) {
    return stubs_->reporting->Register(context, request, response);
  });
}

absl::StatusOr<v1::DeregisterResponse> Client::Deregister(
    const v1::DeregisterRequest& request) {
  return stubs_->Ask<v1::DeregisterResponse>(
      [&](auto* context, auto* response) {
        return stubs_->reporting->Deregister(context, request, response);
      });
}

absl::StatusOr<v1::LookupResponse> Client::Lookup(
    const v1::LookupRequest& request) {
  return stubs_->Ask<v1::LookupResponse>([&](auto* context, auto* response) {
    return stubs_->registry->Lookup(context, request, response);
  });
}

absl::StatusOr<v1::BatchLookupResponse> Client::BatchLookup(
    const v1::BatchLookupRequest& request) {
  return stubs_->Ask<v1::BatchLookupResponse>(
      [&](auto* context, auto* response) {
        return stubs_->registry->BatchLookup(context, request, response);
      });
}

absl::StatusOr<v1::GetStatusResponse> Client::GetStatus() {
  return stubs_->Ask<v1::GetStatusResponse>([&](auto* context, auto* response) {
    return stubs_->registry->GetStatus(context, {}, response);
  });
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse> Client::CheckHealth(
    const std::string& service) {
  return stubs_->health.CheckHealth(service);
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse> Client::AwaitServing(
    const std::string& service, absl::Duration patience) {
  return stubs_->health.AwaitServing(service, patience);
}

absl::Status Client::ListConnections(
    const v1::ListConnectionsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListConnectionsResponse&)> page) {
  return stubs_->AskPages<v1::ListConnectionsResponse>(
      request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListConnections(context, next, response);
      },
      page);
}

absl::Status Client::ListListeners(
    const v1::ListListenersRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListListenersResponse&)> page) {
  return stubs_->AskPages<v1::ListListenersResponse>(
      request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListListeners(context, next, response);
      },
      page);
}

absl::Status Client::ListEndpoints(
    const v1::ListEndpointsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListEndpointsResponse&)> page) {
  return stubs_->AskPages<v1::ListEndpointsResponse>(
      request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListEndpoints(context, next, response);
      },
      page);
}

absl::Status Client::ListHosts(
    const v1::ListHostsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListHostsResponse&)> page) {
  return stubs_->AskPages<v1::ListHostsResponse>(
      request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListHosts(context, next, response);
      },
      page);
}

}  // namespace connreg
