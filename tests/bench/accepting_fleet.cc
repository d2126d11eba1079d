#include "tests/bench/accepting_fleet.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"

namespace connreg {
namespace {

constexpr char kNetns[] = "1";
constexpr uint16_t kFirstServerPort = 8'000;
constexpr uint16_t kFirstClientPort = 20'000;
constexpr uint32_t kUid = 33;
constexpr uint64_t kFirstCookie = 1'000;
constexpr uint64_t kFirstInode = 1'000'000;

// Clients are in 198.18.0.0/15 (RFC 2544), at all of its addresses before any
// has another port, so that neighbours come from addresses far apart.
constexpr uint64_t kClientAddresses = 1 << 17;
constexpr uint64_t kClientStride = 48'271;

std::array<uint8_t, 4> BytesOf(uint32_t number) {
  return {static_cast<uint8_t>(number >> 24),
          static_cast<uint8_t>(number >> 16), static_cast<uint8_t>(number >> 8),
          static_cast<uint8_t>(number)};
}

// The address `number` of the IPv4 block, or of 2001:db8:0:`block`::/64.
IpAddress AddressAt(SocketFamily family, uint32_t v4_block, uint8_t block,
                    uint32_t number) {
  if (family == SocketFamily::kIpv4)
    return IpAddress::V4(BytesOf(v4_block + number));
  std::array<uint8_t, 16> bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, block};
  const std::array<uint8_t, 4> tail = BytesOf(number);
  std::copy(tail.begin(), tail.end(), bytes.end() - tail.size());
  return IpAddress::V6(bytes);
}

IpAddress ServerAddress(SocketFamily family, size_t host) {
  return AddressAt(family, 10U << 24, 1, static_cast<uint32_t>(host + 1));
}

IpAddress ClientAddress(SocketFamily family, uint64_t connection) {
  return AddressAt(
      family, (198U << 24) + (18U << 16), 2,
      static_cast<uint32_t>(connection * kClientStride % kClientAddresses));
}

size_t EndpointOnHost(uint64_t connection) {
  return AcceptingFleet::EndpointOf(connection) %
         AcceptingFleet::kEndpointsOfHost;
}

Socket SocketOf(SocketFamily family, uint64_t number, const Owners& owners) {
  return {.netns = kNetns,
          .transport = Transport::kTcp,
          .family = family,
          .cookie = kFirstCookie + number,
          .inode = kFirstInode + number,
          .uid = kUid,
          .owners = owners};
}

}  // namespace

Reporter AcceptingFleet::ReporterOf(size_t host) {
  return {.kind = ReporterKind::kAgent,
          .name = "connreg-agent",
          .host = absl::StrCat("host-", host),
          .network = "default"};
}

NetworkNamespace AcceptingFleet::NamespaceOf(size_t host) const {
  return {.netns = kNetns,
          .prefixes = {{.prefix = Prefix(ServerAddress(options_.family, host)),
                        .device = "eth0"}}};
}

Endpoint AcceptingFleet::ServerOf(uint64_t connection) const {
  return *Endpoint::Create(ServerAddress(options_.family, HostOf(connection)),
                           kFirstServerPort + EndpointOnHost(connection));
}

Endpoint AcceptingFleet::ClientOf(uint64_t connection) const {
  if (options_.two_sided) {
    const size_t host = (HostOf(connection) + 1) % hosts_;
    return *Endpoint::Create(
        ServerAddress(options_.family, host),
        static_cast<uint32_t>(kFirstClientPort +
                              connection % kConnectionsOfHost));
  }
  return *Endpoint::Create(
      ClientAddress(options_.family, connection),
      static_cast<uint32_t>(kFirstClientPort + connection / kClientAddresses));
}

FourTuple AcceptingFleet::TupleOf(uint64_t connection) const {
  return *FourTuple::Create(ServerOf(connection), ClientOf(connection));
}

Process AcceptingFleet::ProcessOf(uint64_t connection) const {
  const size_t endpoint = EndpointOnHost(connection);
  Process process = {
      .pid = static_cast<int32_t>(1'000 + endpoint),
      .start_time = absl::FromUnixSeconds(1'700'000'000) +
                    absl::Milliseconds(10) * static_cast<int64_t>(endpoint)};
  process.name = absl::StrCat("service-", endpoint);
  process.uid = kUid;
  process.user = "www-data";
  process.executable = absl::StrCat("/usr/sbin/service-", endpoint);
  return process;
}

ConnectionFacts AcceptingFleet::FactsOf(uint64_t connection) const {
  return FactsWith(connection, Owners::Known({ProcessOf(connection)}));
}

ConnectionFacts AcceptingFleet::FactsWith(uint64_t connection,
                                          const Owners& owners) const {
  // After those of the listeners.
  const uint64_t number = kEndpointsOfHost + connection % kConnectionsOfHost;
  return {.socket = SocketOf(options_.family, number, owners),
          .tuple = TupleOf(connection),
          .state = ConnectionState::kEstablished,
          .role = Role::kServer,
          .evidence = RoleEvidence::kListener,
          .listener_cookie = kFirstCookie + EndpointOnHost(connection)};
}

ConnectionFacts AcceptingFleet::ClientFactsWith(uint64_t connection,
                                                const Owners& owners) const {
  // After those of the connections that its host has accepted.
  const uint64_t number =
      kEndpointsOfHost + kConnectionsOfHost + connection % kConnectionsOfHost;
  return {.socket = SocketOf(options_.family, number, owners),
          .tuple = TupleOf(connection).Mirror(),
          .state = ConnectionState::kEstablished,
          .role = Role::kClient,
          .evidence = RoleEvidence::kInitiated};
}

std::vector<ListenerFacts> AcceptingFleet::ListenersOf(size_t host) const {
  std::vector<ListenerFacts> listeners;
  for (size_t i = 0; i < kEndpointsOfHost; ++i) {
    const uint64_t first =
        host * kConnectionsOfHost + i * kConnectionsOfEndpoint;
    const Owners owners = Owners::Known({ProcessOf(first)});
    listeners.push_back({.socket = SocketOf(options_.family, i, owners),
                         .local = ServerOf(first)});
  }
  return listeners;
}

std::vector<RowBatch> AcceptingFleet::SnapshotOf(size_t host,
                                                 size_t max_rows) const {
  std::vector<RowBatch> batches(1);
  const auto add = [&](ConnectionFacts facts) {
    if (RowCount(batches.back()) == max_rows) batches.emplace_back();
    batches.back().connections.push_back(std::move(facts));
  };
  batches.back().listeners = ListenersOf(host);
  for (size_t i = 0; i < kConnectionsOfHost; ++i) {
    const uint64_t connection = ToldAt(host, i);
    const ListenerFacts& listener =
        batches.front().listeners[EndpointOnHost(connection)];
    add(FactsWith(connection, listener.socket.owners));
  }
  if (options_.two_sided) {
    const size_t before = (host + hosts_ - 1) % hosts_;
    const Owners client =
        Owners::Known({Process{.pid = 500, .name = "client"}});
    for (size_t i = 0; i < kConnectionsOfHost; ++i)
      add(ClientFactsWith(ToldAt(before, i), client));
  }
  for (size_t i = 0; i < batches.size(); ++i) {
    batches[i].seq = i + 1;
    batches[i].kind = RowBatch::Kind::kSnapshot;
  }
  batches.front().first = true;
  batches.back().last = true;
  return batches;
}

uint64_t AcceptingFleet::Draw(uint64_t number) const {
  // SplitMix64.
  uint64_t x = (number + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return (x ^ (x >> 31)) % connections();
}

}  // namespace connreg
