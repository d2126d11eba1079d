#include "service/server/server.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "service/base/log.h"
#include "service/base/status_macros.h"
#include "service/server/process_metrics.h"
#include "service/server/registry_metrics.h"

namespace connreg {
namespace {

constexpr absl::Duration kMinPeerPingInterval = absl::Seconds(1);

// An agent has one stream, and clients ask a few questions at a time. What is
// more waits at the client.
constexpr int kMaxCallsOfOneConnection = 100;

uint64_t RandomWord() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

// `options` with a name and a secret for this run.
Registry::Options ForThisRun(Registry::Options options) {
  options.run_id = absl::StrCat(absl::Hex(RandomWord(), absl::kZeroPad16));
  options.hash_key = {RandomWord(), RandomWord()};
  return options;
}

// Serves reflection or not, as told. Its library, once linked, puts itself into
// every server of the process, so that it has to be taken out again.
class ReflectionOption final : public grpc::ServerBuilderOption {
 public:
  explicit ReflectionOption(bool on) : on_(on) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}

  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    using grpc::reflection::ProtoServerReflectionPlugin;
    std::erase_if(*plugins, [](const auto& plugin) {
      return dynamic_cast<ProtoServerReflectionPlugin*>(plugin.get()) !=
             nullptr;
    });
    if (on_)
      plugins->push_back(std::make_unique<ProtoServerReflectionPlugin>());
  }

 private:
  const bool on_;
};

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Ends the streams of peers that are gone without a word, and lets peers find
// out in the same way.
void ConfigureKeepalive(const ServerFlags& flags,
                        grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                              Milliseconds(flags.keepalive_time));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              Milliseconds(flags.keepalive_timeout));
  // However long nothing else is sent.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_SENT_PING_INTERVAL_WITHOUT_DATA_MS,
      Milliseconds(flags.keepalive_time));
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Milliseconds(kMinPeerPingInterval));
}

// Has compressed messages refused, and takes what would unfold them, or fold
// the answers, out of the way of each call.
void ConfigureCompression(grpc::ServerBuilder* builder) {
  for (const grpc_compression_algorithm algorithm :
       {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP})
    builder->SetCompressionAlgorithmSupportStatus(algorithm, false);
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
}

// Sets what holds for every address.
void Configure(const ServerFlags& flags, grpc::ServerBuilder* builder) {
  // Otherwise a second connregd would share the port, and take half of the
  // connections.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                              kMaxCallsOfOneConnection);
  ConfigureKeepalive(flags, builder);
  ConfigureCompression(builder);
  // Nobody can ask for what it counts.
  builder->AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder->SetMaxReceiveMessageSize(static_cast<int>(flags.max_request_bytes));
}

// `status`, and what to do about it if it is an error.
absl::Status WithAdvice(const absl::Status& status, absl::string_view advice) {
  if (status.ok()) return status;
  return {status.code(), absl::StrCat(status.message(), "; ", advice)};
}

constexpr char kChooseAnother[] = "choose another address with --listen";
constexpr char kChooseAnotherForMetrics[] =
    "choose another address with --metrics-listen, or none";

absl::Status CheckAllFree(const std::vector<ListenAddress>& addresses) {
  for (const ListenAddress& address : addresses)
    RETURN_IF_ERROR(WithAdvice(CheckFree(address), kChooseAnother));
  return absl::OkStatus();
}

void LogStart(absl::string_view run_id, const Limits& limits,
              const std::vector<std::string>& addresses,
              const std::string& metrics_address) {
  Log(LogLevel::kInfo, "started",
      {{"version", CONNREG_VERSION},
       {"run", run_id},
       {"pid", getpid()},
       {"max_rows", limits.rows},
       {"max_rows_per_reporter", limits.rows_per_reporter},
       {"max_reporters", limits.reporters}});
  for (const std::string& address : addresses)
    Log(LogLevel::kInfo, "serving", {{"address", address}});
  if (!metrics_address.empty())
    Log(LogLevel::kInfo, "serving metrics", {{"address", metrics_address}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerFlags& flags,
                                                      const Clock& clock) {
  std::unique_ptr<Server> server(new Server(ForThisRun(flags.registry), clock));
  // Before anything is served, so that nothing is if one address is not free.
  RETURN_IF_ERROR(CheckAllFree(flags.listen));
  if (flags.metrics_listen) {
    RETURN_IF_ERROR(server->BindMetrics(*flags.metrics_listen));
    // They may have taken one.
    RETURN_IF_ERROR(CheckAllFree(flags.listen));
  }
  RETURN_IF_ERROR(server->Listen(flags));
  RETURN_IF_ERROR(server->ServeMetrics());
  LogStart(server->registry_.run_id(), flags.registry.limits,
           server->addresses_, server->metrics_address());
  server->StartUpkeep(clock);
  return server;
}

Server::Server(const Registry::Options& options, const Clock& clock)
    : registry_(options, clock),
      report_monitor_(clock, call_metrics_),
      services_(registry_, clock, call_metrics_, report_monitor_,
                CONNREG_VERSION) {}

Server::~Server() { Drain(absl::ZeroDuration()); }

absl::Status Server::Listen(const ServerFlags& flags) {
  grpc::ServerBuilder builder;
  Configure(flags, &builder);
  builder.SetOption(std::make_unique<ReflectionOption>(flags.reflection));
  std::vector<int> ports(flags.listen.size(), 0);
  for (size_t i = 0; i < flags.listen.size(); ++i) {
    builder.AddListeningPort(flags.listen[i].ToGrpc(),
                             grpc::InsecureServerCredentials(), &ports[i]);
  }
  services_.AddTo(&builder);
  server_ = builder.BuildAndStart();
  for (size_t i = 0; i < flags.listen.size(); ++i) {
    // gRPC opens them in order, and stops at the first that it cannot.
    if (ports[i] == 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot listen on ", flags.listen[i].ToString(), "; ",
                       kChooseAnother));
    }
    addresses_.push_back(flags.listen[i].WithPort(ports[i]));
  }
  services_.health().Set(v1::ReportingService::service_full_name(), true);
  services_.health().Set(v1::RegistryService::service_full_name(),
                         !registry_.syncing());
  services_.Serve();
  return absl::OkStatus();
}

absl::Status Server::BindMetrics(const ListenAddress& address) {
  absl::StatusOr<std::unique_ptr<MetricsServer>> bound =
      MetricsServer::Bind(address);
  if (!bound.ok()) return WithAdvice(bound.status(), kChooseAnotherForMetrics);
  metrics_server_ = *std::move(bound);
  return absl::OkStatus();
}

absl::Status Server::ServeMetrics() {
  if (metrics_server_ == nullptr) return absl::OkStatus();
  return metrics_server_->Serve(
      {call_metrics_.collectable(), report_monitor_.collectable(),
       std::make_shared<RegistryMetrics>(registry_),
       std::make_shared<ProcessMetrics>(CONNREG_VERSION)});
}

void Server::StartUpkeep(const Clock& clock) {
  const auto on_synced = [this] {
    services_.health().Set(v1::RegistryService::service_full_name(), true);
  };
  const auto on_lapsed = [this](const std::vector<Epoch>& sessions) {
    services_.reporting().EndLapsed(sessions);
  };
  const auto on_round = [this] { services_.reporting().AdvanceStreams(); };
  upkeep_.emplace(registry_, clock,
                  UpkeepLoop::Hooks{.on_synced = on_synced,
                                    .on_lapsed = on_lapsed,
                                    .on_round = on_round});
}

void Server::Drain(absl::Duration patience) {
  if (server_ == nullptr) return;
  // For good, whatever the upkeep says afterwards.
  services_.health().ShutDown();
  services_.reporting().EndStreams();
  server_->Shutdown(std::chrono::system_clock::now() +
                    absl::ToChronoMilliseconds(patience));
  server_->Wait();
  services_.Stop();
  upkeep_.reset();
  server_.reset();
}

}  // namespace connreg
