#include "tests/unit/model/network_lab.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/base/status_macros.h"
#include "service/net/ip_address.h"

namespace connreg {
namespace {

absl::Status Refused(absl::string_view what) {
  const int error = errno;
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(error)));
}

// One request of rtnetlink(7), with attributes within attributes.
class Request {
 public:
  template <typename Body>
  Request(uint16_t type, uint16_t flags, const Body& body) {
    const nlmsghdr header{
        .nlmsg_len = 0,
        .nlmsg_type = type,
        .nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags),
        .nlmsg_seq = 1,
        .nlmsg_pid = 0};
    Append(header);
    Append(body);
  }

  template <typename Body>
  void Append(const Body& body) {
    static_assert(sizeof body % NLMSG_ALIGNTO == 0);
    AppendBytes(&body, sizeof body);
  }

  void Attribute(uint16_t type, absl::string_view value) {
    const size_t start = Begin(type);
    AppendBytes(value.data(), value.size());
    End(start);
  }
  void Attribute(uint16_t type, uint32_t value) {
    const size_t start = Begin(type);
    Append(value);
    End(start);
  }

  // What is added until End() lies within this attribute.
  size_t Begin(uint16_t type) {
    const size_t start = bytes_.size();
    Append(rtattr{.rta_len = 0, .rta_type = type});
    return start;
  }
  void End(size_t start) {
    const auto length = static_cast<uint16_t>(bytes_.size() - start);
    memcpy(&bytes_[start], &length, sizeof length);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }

  absl::Status Send(absl::string_view what) {
    const auto length = static_cast<uint32_t>(bytes_.size());
    memcpy(bytes_.data(), &length, sizeof length);
    const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    if (::send(socket.get(), bytes_.data(), bytes_.size(), 0) < 0)
      return Refused(what);
    struct {
      nlmsghdr header;
      nlmsgerr error;
      std::array<char, 4096> request;
    } answer{};
    if (::recv(socket.get(), &answer, sizeof answer, 0) < 0)
      return Refused(what);
    if (answer.error.error == 0) return absl::OkStatus();
    errno = -answer.error.error;
    return Refused(what);
  }

 private:
  void AppendBytes(const void* start, size_t size) {
    const char* const first = static_cast<const char*>(start);
    bytes_.insert(bytes_.end(), first, first + size);
  }

  // The lengths of a message and of an attribute are what both begin with.
  std::vector<char> bytes_;
};

absl::Status MakeCable(int far_netns) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
                  ifinfomsg{.ifi_family = AF_UNSPEC});
  request.Attribute(IFLA_IFNAME, NetworkLab::kNearDevice);
  const size_t info = request.Begin(IFLA_LINKINFO);
  request.Attribute(IFLA_INFO_KIND, "veth");
  const size_t data = request.Begin(IFLA_INFO_DATA);
  const size_t peer = request.Begin(VETH_INFO_PEER);
  request.Append(ifinfomsg{.ifi_family = AF_UNSPEC});
  request.Attribute(IFLA_IFNAME, "far0");
  request.Attribute(IFLA_NET_NS_FD, static_cast<uint32_t>(far_netns));
  request.End(peer);
  request.End(data);
  request.End(info);
  return request.Send("a veth pair");
}

std::string BytesOf(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return std::string(bytes.begin() + (address.is_v4() ? 12 : 0), bytes.end());
}

absl::Status AddAddress(const char* device, absl::string_view text,
                        uint8_t length) {
  const IpAddress address = IpAddress::Parse(text).value();
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
                  ifaddrmsg{.ifa_family = static_cast<uint8_t>(
                                address.is_v4() ? AF_INET : AF_INET6),
                            .ifa_prefixlen = length,
                            .ifa_flags = IFA_F_NODAD,
                            .ifa_scope = RT_SCOPE_UNIVERSE,
                            .ifa_index = if_nametoindex(device)});
  request.Attribute(IFA_LOCAL, BytesOf(address));
  request.Attribute(IFA_ADDRESS, BytesOf(address));
  return request.Send(absl::StrCat("address ", text, " on ", device));
}

absl::Status AddRoute(absl::string_view to, absl::string_view gateway) {
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                  rtmsg{.rtm_family = AF_INET,
                        .rtm_dst_len = 32,
                        .rtm_table = RT_TABLE_MAIN,
                        .rtm_protocol = RTPROT_STATIC,
                        .rtm_scope = RT_SCOPE_UNIVERSE,
                        .rtm_type = RTN_UNICAST});
  request.Attribute(RTA_DST, BytesOf(IpAddress::Parse(to).value()));
  request.Attribute(RTA_GATEWAY, BytesOf(IpAddress::Parse(gateway).value()));
  return request.Send(absl::StrCat("the route to ", to));
}

absl::Status BringUp(const char* device) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  if (ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
    return Refused(absl::StrCat("interface ", device));
  return absl::OkStatus();
}

// A kernel may have IPv6 turned off.
absl::Status CheckIpv6() {
  const Descriptor socket(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&loopback),
           sizeof loopback) != 0)
    return Refused("::1");
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> NewNamespace(int flags) {
  if (unshare(flags) != 0) return Refused("a network namespace");
  Descriptor netns(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (netns.get() < 0) return Refused("/proc/thread-self/ns/net");
  return netns;
}

absl::Status Enter(const Descriptor& netns) {
  if (setns(netns.get(), CLONE_NEWNET) != 0) return Refused("setns");
  return absl::OkStatus();
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

absl::StatusOr<std::unique_ptr<NetworkLab>> NetworkLab::Create() {
  const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;
  ASSIGN_OR_RETURN(Descriptor far, NewNamespace(CLONE_NEWNET | user));
  ASSIGN_OR_RETURN(Descriptor near, NewNamespace(CLONE_NEWNET));
  RETURN_IF_ERROR(BringUp("lo"));
  RETURN_IF_ERROR(CheckIpv6());
  std::unique_ptr<NetworkLab> lab(
      new NetworkLab(std::move(near), std::move(far)));
  lab->cable_ = lab->LayCable();
  RETURN_IF_ERROR(lab->EnterNear());
  return lab;
}

absl::Status NetworkLab::LayCable() {
  RETURN_IF_ERROR(MakeCable(far_.get()));
  RETURN_IF_ERROR(BringUp(kNearDevice));
  RETURN_IF_ERROR(AddAddress("lo", "10.9.1.1", 32));
  RETURN_IF_ERROR(AddAddress(kNearDevice, "10.9.0.1", 24));
  RETURN_IF_ERROR(AddAddress(kNearDevice, "2001:db8::1", 64));
  RETURN_IF_ERROR(AddAddress(kNearDevice, "fe80::1", 64));
  RETURN_IF_ERROR(EnterFar());
  RETURN_IF_ERROR(BringUp("far0"));
  RETURN_IF_ERROR(AddAddress("far0", "10.9.0.2", 24));
  RETURN_IF_ERROR(AddAddress("far0", "2001:db8::2", 64));
  RETURN_IF_ERROR(AddAddress("far0", "fe80::2", 64));
  RETURN_IF_ERROR(AddRoute("10.9.1.1", "10.9.0.1"));
  far_interface_ = if_nametoindex("far0");
  return absl::OkStatus();
}

absl::Status NetworkLab::EnterNear() const { return Enter(near_); }
absl::Status NetworkLab::EnterFar() const { return Enter(far_); }

absl::StatusOr<Descriptor> NetworkLab::FarSocket(int family, int type) const {
  RETURN_IF_ERROR(EnterFar());
  Descriptor far_socket(::socket(family, type | SOCK_CLOEXEC, 0));
  RETURN_IF_ERROR(EnterNear());
  if (far_socket.get() < 0) return Refused("a socket");
  return far_socket;
}

}  // namespace connreg
