#include "tests/bench/ring_fleet.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"

namespace connreg {
namespace {

constexpr uint16_t kServerPort = 5432;
constexpr uint16_t kFirstClientPort = 20'000;
// How many processes are clients, on each host.
constexpr size_t kClientProcesses = 10;
constexpr char kNetns[] = "1";

IpAddress AddressOf(size_t host) {
  const auto part = [host](int shift) {
    return static_cast<uint8_t>((host + 1) >> shift);
  };
  return IpAddress::V4({10, part(16), part(8), part(0)});
}

Endpoint At(size_t host, size_t port) {
  return *Endpoint::Create(AddressOf(host), static_cast<uint16_t>(port));
}

Owners Held(int32_t pid, const std::string& name) {
  Process process = {.pid = pid, .start_time = absl::FromUnixSeconds(1)};
  process.name = name;
  process.uid = 1000;
  process.user = name;
  process.executable = absl::StrCat("/usr/bin/", name);
  process.cgroup = absl::StrCat("/system.slice/", name, ".service");
  return Owners::Known({std::move(process)});
}

Socket SocketOf(uint64_t cookie, const Owners& owners) {
  return {.netns = kNetns,
          .transport = Transport::kTcp,
          .family = SocketFamily::kIpv4,
          .cookie = cookie,
          .inode = cookie,
          .uid = 1000,
          .owners = owners};
}

}  // namespace

RingFleet::RingFleet(size_t hosts, size_t rows) : hosts_(hosts), rows_(rows) {}

std::string RingFleet::NameOf(size_t host) {
  return absl::StrCat("host-", host);
}

FourTuple RingFleet::TupleOf(size_t host, size_t number) const {
  return *FourTuple::Create(At(host, kFirstClientPort + number),
                            At((host + 1) % hosts_, kServerPort));
}

Snapshot RingFleet::SnapshotOf(size_t host) const {
  const Owners server = Held(100, "postgres");
  NetnsSnapshot netns = {.netns = kNetns, .inode = 1};
  netns.addresses = NetworkNamespace{
      .netns = kNetns,
      .prefixes = {{.prefix = Prefix(AddressOf(host)), .device = "eth0"}}};
  AddListeners(host, server, &netns);
  AddConnections(host, server, &netns);
  Snapshot snapshot;
  snapshot.namespaces.push_back(std::move(netns));
  return snapshot;
}

void RingFleet::AddListeners(size_t host, const Owners& owners,
                             NetnsSnapshot* netns) const {
  // A second one where the rows are even.
  for (size_t i = 0; i < rows_ - 2 * clients(); ++i) {
    netns->listeners.push_back({.socket = SocketOf(1 + i, owners),
                                .local = At(host, kServerPort + i)});
  }
}

void RingFleet::AddConnections(size_t host, const Owners& owners,
                               NetnsSnapshot* netns) const {
  std::vector<Owners> holders;
  for (size_t i = 0; i < kClientProcesses; ++i)
    holders.push_back(Held(static_cast<int32_t>(200 + i), "psql"));
  const size_t before = (host + hosts_ - 1) % hosts_;
  for (size_t i = 0; i < clients(); ++i) {
    netns->connections.push_back(
        {.socket = SocketOf(10 + 2 * i, holders[i % kClientProcesses]),
         .tuple = TupleOf(host, i)});
    netns->connections.push_back({.socket = SocketOf(11 + 2 * i, owners),
                                  .tuple = TupleOf(before, i).Mirror(),
                                  .role = Role::kServer,
                                  .evidence = RoleEvidence::kListener,
                                  .listener_cookie = 1});
  }
}

}  // namespace connreg
