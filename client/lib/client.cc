#include "client/lib/client.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "client/lib/server_address.h"
#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/status.h"

namespace connreg {
namespace {

// A page of 1,000 connections whose sockets have very many holders.
constexpr int kMaxResponseBytes = 64 << 20;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                   1 << GRPC_COMPRESS_NONE);
  // A proxy for web traffic does not lead to connregd.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// Why no connection came about, out of gRPC's chain of causes, such as "failed
// to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to
// connect to remote host: Connection refused". The last cause is the one that
// tells something.
absl::string_view LastCause(absl::string_view message) {
  absl::string_view line = message.substr(0, message.find('\n'));
  const size_t colon = line.rfind(": ");
  if (colon != absl::string_view::npos) line.remove_prefix(colon + 2);
  return line;
}

}  // namespace

struct Client::Stubs {
  Stubs(absl::string_view server_text,
        const std::shared_ptr<grpc::Channel>& channel)
      : server(server_text),
        reporting(v1::ReportingService::NewStub(channel)),
        registry(v1::RegistryService::NewStub(channel)) {}

  // Makes one call: `call` is given its context.
  template <typename Response, typename Call>
  absl::StatusOr<Response> Ask(absl::Duration timeout, const Call& call) const {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    Response response;
    const absl::Status status = FromGrpcStatus(call(&context, &response));
    if (status.ok()) return response;
    return Explained(status, timeout);
  }

  // Makes one call for each page: `call` is given its context and the request
  // for that page.
  template <typename Response, typename Request, typename Call>
  absl::Status AskPages(
      absl::Duration timeout, Request request, const Call& call,
      absl::FunctionRef<absl::Status(const Response&)> page) const {
    do {
      ASSIGN_OR_RETURN(
          const Response answer,
          Ask<Response>(timeout, [&](auto* context, Response* response) {
            return call(context, request, response);
          }));
      RETURN_IF_ERROR(page(answer));
      request.set_page_token(answer.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  // What gRPC itself has to say of a lost call, in words for people. What the
  // service says stays as it is.
  absl::Status Explained(const absl::Status& status,
                         absl::Duration timeout) const {
    if (DetailOf(status).has_value()) return status;
    if (absl::IsUnavailable(status)) {
      return absl::UnavailableError(absl::StrCat("no connregd answers at ",
                                                 server, ": ",
                                                 LastCause(status.message())));
    }
    if (absl::IsDeadlineExceeded(status)) {
      return absl::DeadlineExceededError(
          absl::StrCat("no answer from ", server, " within ",
                       absl::FormatDuration(timeout)));
    }
    if (absl::IsUnimplemented(status)) {
      return absl::UnimplementedError(
          absl::StrCat("what answers at ", server,
                       " does not know this call: ", status.message()));
    }
    return status;
  }

  const std::string server;
  const std::unique_ptr<v1::ReportingService::Stub> reporting;
  const std::unique_ptr<v1::RegistryService::Stub> registry;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(absl::string_view server,
                                                       const Options& options) {
  ASSIGN_OR_RETURN(const std::string target, GrpcTarget(server));
  auto stubs = std::make_unique<Stubs>(
      server, grpc::CreateCustomChannel(
                  target, grpc::InsecureChannelCredentials(), Arguments()));
  return std::unique_ptr<Client>(new Client(std::move(stubs), options));
}

Client::Client(std::unique_ptr<Stubs> stubs, const Options& options)
    : stubs_(std::move(stubs)), options_(options) {}

Client::~Client() = default;

absl::StatusOr<v1::RegisterResponse> Client::Register(
    const v1::RegisterRequest& request) {
  return stubs_->Ask<v1::RegisterResponse>(
      options_.timeout, [&](auto* context, auto* response) {
        return stubs_->reporting->Register(context, request, response);
      });
}

absl::StatusOr<v1::DeregisterResponse> Client::Deregister(
    const v1::DeregisterRequest& request) {
  return stubs_->Ask<v1::DeregisterResponse>(
      options_.timeout, [&](auto* context, auto* response) {
        return stubs_->reporting->Deregister(context, request, response);
      });
}

absl::StatusOr<v1::LookupResponse> Client::Lookup(
    const v1::LookupRequest& request) {
  return stubs_->Ask<v1::LookupResponse>(
      options_.timeout, [&](auto* context, auto* response) {
        return stubs_->registry->Lookup(context, request, response);
      });
}

absl::StatusOr<v1::BatchLookupResponse> Client::BatchLookup(
    const v1::BatchLookupRequest& request) {
  return stubs_->Ask<v1::BatchLookupResponse>(
      options_.timeout, [&](auto* context, auto* response) {
        return stubs_->registry->BatchLookup(context, request, response);
      });
}

absl::StatusOr<v1::GetStatusResponse> Client::GetStatus() {
  return stubs_->Ask<v1::GetStatusResponse>(
      options_.timeout, [&](auto* context, auto* response) {
        return stubs_->registry->GetStatus(context, {}, response);
      });
}

absl::Status Client::ListConnections(
    const v1::ListConnectionsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListConnectionsResponse&)> page) {
  return stubs_->AskPages<v1::ListConnectionsResponse>(
      options_.timeout, request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListConnections(context, next, response);
      },
      page);
}

absl::Status Client::ListListeners(
    const v1::ListListenersRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListListenersResponse&)> page) {
  return stubs_->AskPages<v1::ListListenersResponse>(
      options_.timeout, request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListListeners(context, next, response);
      },
      page);
}

absl::Status Client::ListEndpoints(
    const v1::ListEndpointsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListEndpointsResponse&)> page) {
  return stubs_->AskPages<v1::ListEndpointsResponse>(
      options_.timeout, request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListEndpoints(context, next, response);
      },
      page);
}

absl::Status Client::ListHosts(
    const v1::ListHostsRequest& request,
    absl::FunctionRef<absl::Status(const v1::ListHostsResponse&)> page) {
  return stubs_->AskPages<v1::ListHostsResponse>(
      options_.timeout, request,
      [&](auto* context, const auto& next, auto* response) {
        return stubs_->registry->ListHosts(context, next, response);
      },
      page);
}

}  // namespace connreg
