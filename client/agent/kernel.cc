#include "client/agent/kernel.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/agent/files.h"
#include "client/agent/local_addresses.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

absl::StatusOr<uint64_t> NetnsCookie() {
  const Descriptor any(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (any.get() >= 0 &&
      getsockopt(any.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0)
    return cookie;
  if (errno == ENOPROTOOPT) return absl::UnimplementedError("SO_NETNS_COOKIE");
  return absl::ErrnoToStatus(errno, "SO_NETNS_COOKIE");
}

// The file `path` of the calling thread's folder in /proc, which shows the
// thread's network namespace.
absl::StatusOr<std::string> ReadOfThread(const std::string& path) {
  return ReadFileAt(AT_FDCWD, absl::StrCat("/proc/thread-self/", path));
}

}  // namespace

absl::StatusOr<std::string> LinuxKernel::NetnsName() const {
  const absl::StatusOr<uint64_t> cookie = NetnsCookie();
  if (cookie.ok()) return absl::StrCat(*cookie);
  // Another error may pass, and a name must stay.
  if (!absl::IsUnimplemented(cookie.status())) return cookie.status();
  constexpr char kPath[] = "/proc/thread-self/ns/net";
  struct stat stat {};
  if (::stat(kPath, &stat) != 0) return absl::ErrnoToStatus(errno, kPath);
  return absl::StrCat("inode:", stat.st_ino);
}

absl::StatusOr<std::vector<DiagSocket>> LinuxKernel::Sockets(
    SocketFamily family, Transport transport) const {
  return DumpSockets(family, transport);
}

absl::StatusOr<std::vector<LocalPrefix>> LinuxKernel::LocalPrefixes() const {
  return DumpLocalPrefixes(
      [this](uint32_t index) { return InterfaceName(index); });
}

std::string LinuxKernel::InterfaceName(uint32_t index) const {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(index, name.data()) == nullptr ? "" : name.data();
}

absl::StatusOr<ProcTable> LinuxKernel::ProcSockets(SocketFamily family,
                                                   Transport transport) const {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadOfThread(ProcTablePath(family, transport)));
  return ParseProcTable(family, transport, text);
}

absl::StatusOr<std::vector<Prefix>> LinuxKernel::ProcIpv4Prefixes() const {
  ASSIGN_OR_RETURN(const std::string text, ReadOfThread("net/fib_trie"));
  return ParseFibTrie(text);
}

absl::StatusOr<std::vector<InterfaceAddress>> LinuxKernel::ProcIpv6Addresses()
    const {
  const absl::StatusOr<std::string> text = ReadOfThread("net/if_inet6");
  // There is none where the kernel has no IPv6.
  if (absl::IsNotFound(text.status())) return std::vector<InterfaceAddress>();
  RETURN_IF_ERROR(text.status());
  return ParseIfInet6(*text);
}

absl::StatusOr<std::unique_ptr<SocketEnds>> LinuxKernel::Ends() const {
  return LinuxSocketEnds::Open();
}

}  // namespace connreg
