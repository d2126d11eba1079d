#include "service/server/metrics_server.h"

#include <sys/socket.h>

#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "httplib.h"
#include "prometheus/text_serializer.h"

namespace connreg {
namespace {

// More than there are who scrape at a time.
constexpr size_t kThreads = 4;

// As long as who asks may take for one request, in seconds.
constexpr time_t kPatience = 2;

// Instead of httplib's own options, which would share the port with whoever
// offers to.
void ReuseAddress(socket_t socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

// The port, or -1.
int Bind(httplib::Server& http, const ListenAddress& address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.port, &port)) return -1;
  if (port == 0) return http.bind_to_any_port(address.host_or_path);
  return http.bind_to_port(address.host_or_path, port) ? port : -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const ListenAddress& address, Collectables collectables) {
  std::unique_ptr<MetricsServer> server(
      new MetricsServer(std::move(collectables)));
  httplib::Server& http = *server->http_;
  const int port = Bind(http, address);
  if (port <= 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", address.ToString()));
  }
  server->address_ = address.WithPort(port);
  server->thread_ = std::jthread([&http] { http.listen_after_bind(); });
  // Before that, it cannot be stopped.
  while (!http.is_running()) std::this_thread::yield();
  return server;
}

MetricsServer::MetricsServer(Collectables collectables)
    : collectables_(std::move(collectables)),
      http_(std::make_unique<httplib::Server>()) {
  http_->set_socket_options(ReuseAddress);
  http_->set_read_timeout(kPatience);
  http_->set_write_timeout(kPatience);
  http_->set_keep_alive_timeout(kPatience);
  http_->set_payload_max_length(0);
  http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  http_->Get("/metrics", [this](const httplib::Request&,
                                httplib::Response& response) {
    response.set_content(Text(), "text/plain; version=0.0.4; charset=utf-8");
  });
}

MetricsServer::~MetricsServer() { http_->stop(); }

std::string MetricsServer::Text() const {
  std::vector<prometheus::MetricFamily> all;
  for (const auto& collectable : collectables_) {
    std::vector<prometheus::MetricFamily> families = collectable->Collect();
    all.insert(all.end(), std::make_move_iterator(families.begin()),
               std::make_move_iterator(families.end()));
  }
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace connreg
