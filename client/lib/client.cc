#include "client/lib/client.h"

#include <algorithm>
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

// Between two tries to connect.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Milliseconds(250);

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
  Stubs(absl::string_view server_text, const Options& client_options,
        const std::shared_ptr<grpc::Channel>& to_server)
      : server(server_text),
        options(client_options),
        channel(to_server),
        reporting(v1::ReportingService::NewStub(channel)),
        registry(v1::RegistryService::NewStub(channel)) {}

  // Makes one call: `call` is given its context.
  template <typename Response, typename Call>
  absl::StatusOr<Response> Ask(const Call& call) const {
    const absl::Time end_of_wait = absl::Now() + options.wait;
    while (true) {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
      Response response;
      const absl::Status status = FromGrpcStatus(call(&context, &response));
      if (status.ok()) return response;
      if (!FoundNoService(status) || !Connects(end_of_wait))
        return Explained(status);
    }
  }

  // Whether a call that ended so has reached no service.
  bool FoundNoService(const absl::Status& status) const {
    if (!absl::IsUnavailable(status) || DetailOf(status)) return false;
    const grpc_connectivity_state state = channel->GetState(false);
    return state == GRPC_CHANNEL_TRANSIENT_FAILURE ||
           state == GRPC_CHANNEL_CONNECTING;
  }

  // Tries to connect until `end`. Whether there is a connection.
  //
  // gRPC's own pauses are of a second and more, and those that can be set begin
  // at 100 ms and do not hold for names that do not resolve; so each try resets
  // them.
  bool Connects(absl::Time end) const {
    absl::Duration pause = kFirstPause;
    for (absl::Time now = absl::Now(); now < end; now = absl::Now()) {
      const absl::Time next_try = std::min(end, now + pause);
      if (channel->WaitForConnected(absl::ToChronoTime(next_try))) return true;
      grpc::experimental::ChannelResetConnectionBackoff(channel.get());
      pause = std::min(2 * pause, kLongestPause);
    }
    return false;
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

  // What gRPC itself has to say of a lost call, in words for people. What the
  // service says stays as it is.
  absl::Status Explained(const absl::Status& status) const {
    if (DetailOf(status).has_value()) return status;
    if (absl::IsUnavailable(status)) {
      return absl::UnavailableError(absl::StrCat(
          "no connregd answers at ", server, ": ", LastCause(status.message()),
          FoundNoService(status) ? TriedText() : ""));
    }
    if (absl::IsDeadlineExceeded(status)) {
      return absl::DeadlineExceededError(
          absl::StrCat("no answer from ", server, " within ",
                       absl::FormatDuration(options.timeout)));
    }
    if (absl::IsUnimplemented(status)) {
      return absl::UnimplementedError(
          absl::StrCat("what answers at ", server,
                       " does not know this call: ", status.message()));
    }
    return status;
  }

  // " (tried for 2s)".
  std::string TriedText() const {
    return options.wait > absl::ZeroDuration()
               ? absl::StrCat(" (tried for ",
                              absl::FormatDuration(options.wait), ")")
               : "";
  }

  const std::string server;
  const Options options;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::ReportingService::Stub> reporting;
  const std::unique_ptr<v1::RegistryService::Stub> registry;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Create(absl::string_view server,
                                                       const Options& options) {
  ASSIGN_OR_RETURN(const std::string target, GrpcTarget(server));
  auto stubs = std::make_unique<Stubs>(
      server, options,
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                Arguments()));
  return std::unique_ptr<Client>(new Client(std::move(stubs)));
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
