#include "service/server/metrics_server.h"

#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "prometheus/text_serializer.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// Of which one address may have half.
constexpr unsigned kMaxConnections = 32;

// For the line and the headers of one request.
constexpr size_t kMaxRequestBytes = 16 << 10;

// After which a connection on which nothing comes is closed.
constexpr unsigned kIdleSeconds = 10;

// The port that the kernel chose.
int PortOf(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(name).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

MHD_Result Answer(MHD_Connection* connection, unsigned code,
                  const std::string& text) {
  MHD_Response* const response = MHD_create_response_from_buffer(
      text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                          "text/plain; version=0.0.4; charset=utf-8");
  const MHD_Result queued = MHD_queue_response(connection, code, response);
  MHD_destroy_response(response);
  return queued;
}

// Called by libmicrohttpd when the headers of a request are there.
MHD_Result OnRequest(void* server, MHD_Connection* connection, const char* url,
                     const char* method, const char*, const char*, size_t*,
                     void**) {
  const absl::string_view verb = method;
  if (url != absl::string_view("/metrics"))
    return Answer(connection, MHD_HTTP_NOT_FOUND, "only /metrics is here\n");
  if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD)
    return Answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
  return Answer(connection, MHD_HTTP_OK,
                static_cast<const MetricsServer*>(server)->Text());
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Bind(
    const ListenAddress& address) {
  ASSIGN_OR_RETURN(const ResolvedAddresses found, Resolve(address));
  int fd = -1;
  for (const addrinfo* info = found.get(); info != nullptr && fd < 0;
       info = info->ai_next)
    fd = ListenOn(*info);
  if (fd < 0) return NotFree(address, std::strerror(errno));
  return std::unique_ptr<MetricsServer>(
      new MetricsServer(fd, address.WithPort(PortOf(fd))));
}

MetricsServer::~MetricsServer() {
  if (daemon_ == nullptr)
    close(listener_);
  else
    MHD_stop_daemon(daemon_);
}

absl::Status MetricsServer::Serve(Collectables collectables) {
  collectables_ = std::move(collectables);
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, OnRequest, this,
      MHD_OPTION_LISTEN_SOCKET, listener_, MHD_OPTION_CONNECTION_LIMIT,
      kMaxConnections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, kMaxConnections / 2,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMaxRequestBytes,
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_END);
  if (daemon_ != nullptr) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot serve metrics on ", address_));
}

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
