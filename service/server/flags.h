#ifndef CONNREG_SERVICE_SERVER_FLAGS_H_
#define CONNREG_SERVICE_SERVER_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/base/logger.h"
#include "service/core/registry.h"
#include "service/server/listen_address.h"

namespace connreg {

// What connregd is told on its command line, in its environment and in its flag
// file.
struct ServerFlags {
  std::vector<ListenAddress> listen;
  // Where to serve metrics, over TCP. Unset: nowhere.
  std::optional<ListenAddress> metrics_listen;
  bool reflection = false;
  // The largest message that it takes.
  uint64_t max_request_bytes = 4 << 20;
  // A peer from which nothing came for `keepalive_time` is asked whether it is
  // there, and its connection ended if it has not answered after the timeout.
  // Not on the command line.
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  // Without the run's name and secret, which are drawn when it starts.
  Registry::Options registry;
  Logger::Options log;
};

// The flags in force, as flags::Program finds them. For --help and --version,
// the text to print instead.
//
// INVALID_ARGUMENT: a flag is unknown or its value is wrong.
absl::StatusOr<std::variant<ServerFlags, std::string>> ParseServerFlags(
    int argc, const char* const* argv);

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_FLAGS_H_
