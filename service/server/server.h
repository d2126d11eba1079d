#ifndef CONNREG_SERVICE_SERVER_SERVER_H_
#define CONNREG_SERVICE_SERVER_SERVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/rpc/services.h"
#include "service/server/call_metrics.h"
#include "service/server/flags.h"
#include "service/server/metrics_server.h"
#include "service/server/report_monitor.h"
#include "service/server/upkeep_loop.h"

namespace connreg {

// Server is connregd without its process: a registry, served over gRPC from
// Start() until it is destroyed, along with grpc.health.v1 and, if asked for,
// reflection and metrics.
//
// ReportingService, and the server as a whole, are SERVING for grpc.health.v1
// as soon as it listens; RegistryService is once the registry is no longer
// SYNCING.
//
// Messages are taken up to the size that its flags say, and only uncompressed:
// a small compressed one could unfold to any size. One connection has 100 calls
// at a time.
class Server {
 public:
  // FAILED_PRECONDITION: one of the addresses cannot be listened on; then none
  //   is. An address that another process has is never shared with it. The
  //   message says which flag to change.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerFlags& flags,
                                                       const Clock& clock);

  // Ends as Drain() does, without patience.
  ~Server();

  // Where it serves, in the order of the flags, with the ports that the kernel
  // chose.
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Where it serves metrics, likewise; empty if nowhere.
  std::string metrics_address() const {
    return metrics_server_ == nullptr ? "" : metrics_server_->address();
  }

  // Says NOT_SERVING, takes no more calls, and waits for those in flight, which
  // are cancelled after `patience`. Who watches the health of the service has
  // such a call, and does not end it. Streams of agents are ended at once, or
  // soon where their agents do not read (see ReportStreams).
  void Drain(absl::Duration patience);

 private:
  Server(const Registry::Options& options, const Clock& clock);

  // Serves over gRPC from now on.
  //
  // FAILED_PRECONDITION: one of the addresses cannot be listened on.
  absl::Status Listen(const ServerFlags& flags);
  // FAILED_PRECONDITION: `address` cannot be listened on.
  absl::Status BindMetrics(const ListenAddress& address);
  // Serves them there, if they have an address.
  absl::Status ServeMetrics();
  void StartUpkeep(const Clock& clock);

  Registry registry_;
  CallMetrics call_metrics_;
  ReportMonitor report_monitor_;
  Services services_;
  std::vector<std::string> addresses_;
  // Null if metrics are served nowhere.
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<grpc::Server> server_;
  // Last, since it tells the services what time has brought.
  std::optional<UpkeepLoop> upkeep_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_SERVER_H_
