#include "tests/component/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace connreg {
namespace {

constexpr int kPollMilliseconds = 10;

sockaddr_in Local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Connect(const std::string& server) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(server.substr(server.rfind(':') + 1), &port));
  const sockaddr_in address = Local(port);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
      0);
  return fd;
}

// Reads what is there on `from`. False at its end.
bool PassOn(int from, int to, bool swallow) {
  char bytes[4096];
  const ssize_t size = recv(from, bytes, sizeof(bytes), 0);
  if (size <= 0) return false;
  return swallow || send(to, bytes, size, MSG_NOSIGNAL) == size;
}

}  // namespace

Relay::Relay(const std::string& server) {
  sockaddr_in address = Local(0);
  socklen_t length = sizeof(address);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(
      bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  EXPECT_EQ(listen(listener, 1), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  thread_ = std::thread([this, listener, server] { Run(listener, server); });
}

Relay::~Relay() {
  stops_ = true;
  thread_.join();
}

void Relay::Run(int listener, const std::string& server) {
  pollfd ends[3] = {{listener, POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};
  while (!stops_) {
    if (poll(ends, 3, kPollMilliseconds) <= 0) continue;
    if (ends[0].revents != 0) {
      ends[1].fd = accept(listener, nullptr, nullptr);
      ends[2].fd = Connect(server);
      ends[0].fd = -1;
      continue;
    }
    for (const int from : {1, 2}) {
      pollfd& end = ends[from];
      if (end.fd < 0 || end.revents == 0) continue;
      if (PassOn(end.fd, ends[3 - from].fd, swallows_)) continue;
      close(end.fd);
      end.fd = -1;
    }
  }
  close(listener);
  for (const int end : {1, 2})
    if (ends[end].fd >= 0) close(ends[end].fd);
}

}  // namespace connreg
