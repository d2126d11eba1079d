// connreg-agent reports the sockets of its host.

#include <limits.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/agent/collector.h"
#include "client/agent/exit_code.h"
#include "client/agent/flags.h"
#include "client/agent/kernel.h"
#include "client/agent/netns_table.h"
#include "client/agent/proc.h"
#include "client/agent/run.h"
#include "client/agent/serve.h"
#include "client/agent/service_calls.h"
#include "client/lib/client.h"
#include "service/base/clock.h"
#include "service/base/descriptor_limit.h"
#include "service/base/log.h"
#include "service/base/status_macros.h"
#include "service/base/stop_signals.h"
#include "service/grpc/log.h"

namespace connreg {
namespace {

std::string HostName() {
  // The last byte stays NUL: a name that is too long comes without one.
  std::array<char, HOST_NAME_MAX + 2> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

// How long a single report waits for one answer.
constexpr absl::Duration kTimeout = absl::Seconds(5);

// ServiceCalls over a Client.
class ClientCalls final : public ServiceCalls {
 public:
  explicit ClientCalls(Client& client) : client_(client) {}

  absl::StatusOr<v1::RegisterResponse> Register(
      const v1::RegisterRequest& request) override {
    return client_.Register(request);
  }
  absl::StatusOr<std::vector<v1::Reporter>> ReportersOf(
      const std::string& host, const std::string& network) override {
    v1::ListHostsRequest request;
    request.set_host(host);
    request.set_network(network);
    std::vector<v1::Reporter> reporters;
    RETURN_IF_ERROR(
        client_.ListHosts(request, [&](const v1::ListHostsResponse& page) {
          for (const v1::Host& listed : page.hosts())
            reporters.insert(reporters.end(), listed.reporters().begin(),
                             listed.reporters().end());
          return absl::OkStatus();
        }));
    return reporters;
  }

 private:
  Client& client_;
};

ExitCode ReportOnce(const Flags& flags, const Collector& collector) {
  const absl::StatusOr<std::unique_ptr<Client>> client =
      Client::Create(flags.server, {.timeout = kTimeout});
  if (!client.ok()) {
    std::cerr << ErrorLine(client.status()) << "\n";
    return ExitCodeOf(client.status());
  }
  ClientCalls service(**client);
  // Another for each run.
  const std::string name = absl::StrCat(
      "connreg-agent-once-", absl::ToUnixMicros(Clock::System().Now()));
  return RunOnce(flags, name, collector, service, std::cout, std::cerr);
}

ExitCode Run(const Flags& flags) {
  ConfigureLog(flags.log);
  // Each network namespace is held open while it is looked into.
  RaiseDescriptorLimit();
  LogGrpcMessages();
  std::optional<StopSignals> stop_signals;
  if (flags.once)
    EndAtStopSignals();
  else
    stop_signals.emplace();
  const absl::StatusOr<std::string> netns = LinuxKernel().NetnsName();
  if (!netns.ok()) {
    std::cerr << "connreg-agent: cannot tell the network namespace: "
              << netns.status().message() << "\n";
    return ExitCode::kIncomplete;
  }
  const ProcFs processes("/proc", {.with_arguments = flags.report_arguments});
  const OwnNetns own_netns;
  const LinuxNetnsTable all_netns;
  const NetnsTable& namespaces = flags.netns == "own"
                                     ? static_cast<const NetnsTable&>(own_netns)
                                     : all_netns;
  const Collector collector(namespaces, processes, *netns);
  return flags.once ? ReportOnce(flags, collector)
                    : Serve(flags, collector, *stop_signals);
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  const std::variant<connreg::Flags, connreg::ExitCode> parsed =
      connreg::ParseFlags(argc, argv, connreg::HostName(), std::cout,
                          std::cerr);
  const auto* flags = std::get_if<connreg::Flags>(&parsed);
  return static_cast<int>(flags != nullptr
                              ? connreg::Run(*flags)
                              : std::get<connreg::ExitCode>(parsed));
}
