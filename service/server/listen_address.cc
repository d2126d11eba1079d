#include "service/server/listen_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/percent_encoding.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

absl::Status Malformed(absl::string_view text, absl::string_view why,
                       absl::string_view advice) {
  return InvalidArgument(
      "LISTEN_ADDRESS_MALFORMED",
      absl::StrCat("listen address \"", text, "\": ", why, "; write ", advice));
}

bool IsSocket(const char* path) {
  struct stat file;
  return lstat(path, &file) == 0 && S_ISSOCK(file.st_mode);
}

// A path is free if nobody answers there and a socket can be made there. What a
// dead server left behind is removed; a live one is not robbed.
absl::Status CheckPathFree(const ListenAddress& address) {
  sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
  if (address.host_or_path.size() >= sizeof(name.sun_path))
    return NotFree(address, std::strerror(ENAMETOOLONG));
  std::memcpy(name.sun_path, address.host_or_path.data(),
              address.host_or_path.size());
  // Without waiting: a live server's queue may be full.
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return NotFree(address, std::strerror(errno));
  const absl::Cleanup close_fd = [fd] { close(fd); };
  const auto* socket_address = reinterpret_cast<const sockaddr*>(&name);
  if (connect(fd, socket_address, sizeof(name)) == 0 || errno == EAGAIN)
    return NotFree(address, std::strerror(EADDRINUSE));
  if (errno != ENOENT && errno != ECONNREFUSED)
    return NotFree(address, std::strerror(errno));
  if (IsSocket(name.sun_path)) unlink(name.sun_path);
  // gRPC would not tell why it cannot.
  if (bind(fd, socket_address, sizeof(name)) != 0)
    return NotFree(address, std::strerror(errno));
  unlink(name.sun_path);
  return absl::OkStatus();
}

absl::Status CheckPortFree(const ListenAddress& address) {
  ASSIGN_OR_RETURN(const ResolvedAddresses found, Resolve(address));
  absl::Status lacking;
  bool one_listens = false;
  for (const addrinfo* info = found.get(); info != nullptr;
       info = info->ai_next) {
    const int fd = ListenOn(*info);
    const int why = fd < 0 ? errno : 0;
    if (fd >= 0) close(fd);
    // A name may have an address of a family that this machine is without, as
    // localhost has. Like gRPC, make do with the others.
    if (why == EADDRNOTAVAIL || why == EAFNOSUPPORT)
      lacking = NotFree(address, std::strerror(why));
    else if (why != 0)
      return NotFree(address, std::strerror(why));
    else
      one_listens = true;
  }
  return one_listens ? absl::OkStatus() : lacking;
}

}  // namespace

absl::Status NotFree(const ListenAddress& address, absl::string_view reason) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot listen on ", address.ToString(), ": ", reason));
}

absl::StatusOr<ResolvedAddresses> Resolve(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host_or_path.c_str(),
                                address.port.c_str(), &hints, &found);
  if (error != 0) return NotFree(address, gai_strerror(error));
  return ResolvedAddresses(found, freeaddrinfo);
}

int ListenOn(const addrinfo& info) {
  const int fd =
      socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // Connections of an earlier life do not hold the port.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, info.ai_addr, info.ai_addrlen) == 0 &&
      listen(fd, SOMAXCONN) == 0)
    return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

absl::StatusOr<ListenAddress> ListenAddress::Parse(absl::string_view text,
                                                   absl::string_view advice) {
  const auto malformed = [&](absl::string_view why) {
    return Malformed(text, why, advice);
  };
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return malformed("no path");
    return ListenAddress{.is_unix = true, .host_or_path = std::string(rest)};
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return malformed("no port");
  absl::string_view host = rest.substr(0, colon);
  const absl::string_view port = rest.substr(colon + 1);
  uint32_t number = 0;
  if (!absl::SimpleAtoi(port, &number) || number > UINT16_MAX)
    return malformed("the port is not a number from 0 to 65535");
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]"))
      return malformed("a bracket is not closed");
  } else if (absl::StrContains(host, ":")) {
    return malformed("an IPv6 address needs brackets");
  }
  if (host.empty()) return malformed("no host");
  return ListenAddress{.host_or_path = std::string(host),
                       .port = absl::StrCat(number)};
}

std::string ListenAddress::ToString() const {
  if (is_unix) return absl::StrCat("unix:", host_or_path);
  return absl::StrContains(host_or_path, ":")
             ? absl::StrCat("[", host_or_path, "]:", port)
             : absl::StrCat(host_or_path, ":", port);
}

std::string ListenAddress::ToGrpc() const {
  return is_unix ? absl::StrCat("unix:", PercentEncoded(host_or_path))
                 : ToString();
}

std::string ListenAddress::WithPort(int chosen_port) const {
  ListenAddress other = *this;
  if (!is_unix) other.port = absl::StrCat(chosen_port);
  return other.ToString();
}

absl::Status CheckFree(const ListenAddress& address) {
  return address.is_unix ? CheckPathFree(address) : CheckPortFree(address);
}

}  // namespace connreg
