#ifndef CONNREG_SERVICE_SERVER_METRICS_SERVER_H_
#define CONNREG_SERVICE_SERVER_METRICS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "prometheus/collectable.h"
#include "service/server/listen_address.h"

struct MHD_Daemon;

namespace connreg {

// MetricsServer serves what Prometheus collects at http://ADDRESS/metrics, in
// its text format, from Serve() until it is destroyed. It has a thread of its
// own, so that a service that is busy can still be measured.
//
// Who asks costs little: it takes so many connections and no more, of which one
// address has half at most, a request has so many bytes, and a connection on
// which nothing comes is closed. None of them keeps it from ending.
class MetricsServer {
 public:
  using Collectables = std::vector<std::shared_ptr<prometheus::Collectable>>;

  // Takes the address, which is nobody else's from then on. Of a name that has
  // several it is the first that can be taken.
  //
  // REQUIRES: !address.is_unix
  //
  // FAILED_PRECONDITION: it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Bind(
      const ListenAddress& address);

  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  ~MetricsServer();

  // Answers from now on.
  //
  // INTERNAL: there are no threads or descriptors left.
  absl::Status Serve(Collectables collectables);

  // Where it serves, with the port that the kernel chose: "127.0.0.1:7879".
  const std::string& address() const { return address_; }

  // All metrics, in Prometheus' text format.
  //
  // Thread-safe.
  std::string Text() const;

 private:
  MetricsServer(int listener, std::string address)
      : listener_(listener), address_(std::move(address)) {}

  const int listener_;
  const std::string address_;
  Collectables collectables_;
  // Null until it serves. Owns `listener_` from then on.
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_METRICS_SERVER_H_
