#ifndef CONNREG_SERVICE_SERVER_METRICS_SERVER_H_
#define CONNREG_SERVICE_SERVER_METRICS_SERVER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"
#include "service/server/listen_address.h"

namespace httplib {
class Server;
}

namespace connreg {

// MetricsServer serves what Prometheus collects at http://ADDRESS/metrics, in
// its text format, from Start() until it is destroyed. It has threads of its
// own, so that a service that is busy can still be measured.
class MetricsServer {
 public:
  using Collectables = std::vector<std::shared_ptr<prometheus::Collectable>>;

  // REQUIRES: !address.is_unix
  //
  // FAILED_PRECONDITION: the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      const ListenAddress& address, Collectables collectables);

  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  ~MetricsServer();

  // Where it serves, with the port that the kernel chose: "127.0.0.1:7879".
  const std::string& address() const { return address_; }

 private:
  explicit MetricsServer(Collectables collectables);

  // All metrics, in Prometheus' text format.
  std::string Text() const;

  const Collectables collectables_;
  const std::unique_ptr<httplib::Server> http_;
  std::string address_;
  // Last, since it serves from the rest.
  std::jthread thread_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_METRICS_SERVER_H_
