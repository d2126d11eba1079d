#include "tests/simulation/traffic.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/net/four_tuple.h"
#include "tests/simulation/diag.h"

namespace connreg::simulation {
namespace {

// So few ports that pairs are used again.
constexpr uint32_t kClientPorts = 12;
constexpr uint32_t kFirstClientPort = 40'000;
constexpr uint32_t kServerPorts = 4;
constexpr uint32_t kFirstServerPort = 8000;

Endpoint EndpointOf(const IpAddress& address, uint32_t port) {
  return Endpoint::Create(address, port).value();
}

ConnectionFacts Pair(const Endpoint& local, const Endpoint& remote) {
  return {.tuple = FourTuple::Create(local, remote).value()};
}

Owners NotAccepted() {
  return Owners::Unknown(OwnerUnknownReason::kNotAccepted);
}

}  // namespace

void Traffic::Furnish(Machine& machine) {
  for (size_t i = 0; i < sockets_ / 3 + 1; ++i) StartListening(machine);
  if (world_.dice.OneIn(2)) ChangeNamespaces(machine);
  for (size_t i = 0; i < sockets_; ++i) {
    const std::optional<size_t> place = Begin(machine);
    if (place && world_.dice.OneIn(2)) Establish(conversations_[*place]);
  }
}

void Traffic::DoSomething() {
  Machine& machine = AnyMachine();
  if (!machine.is_on()) return;
  const size_t what = world_.dice.Below(100);
  if (what < 4) return StartListening(machine);
  if (what < 7) return StopListening(machine);
  if (what < 9) return ChangeNamespaces(machine);
  if (what < 12) return PassSocket(machine);
  if (what < 14) return ConnectUdp(machine);
  if (what < 45 && conversations_.size() < sockets_ * machines_.size()) {
    const std::optional<size_t> place = Begin(machine);
    // Now and then all of it happens between two looks.
    while (place && world_.dice.OneIn(2)) {
      if (GoOn(conversations_[*place])) return Forget(*place);
    }
    return;
  }
  if (conversations_.empty()) return;
  const size_t place = world_.dice.Below(conversations_.size());
  if (GoOn(conversations_[place])) Forget(place);
}

void Traffic::Storm(Machine& machine, size_t count) {
  const IpAddress address = machine.AddressOf(0);
  const std::string netns = machine.kernel().namespaces().front().name;
  for (size_t i = 0; i < count; ++i) {
    ConnectionFacts facts =
        Pair(EndpointOf(address, 20'000 + static_cast<uint32_t>(i % 20'000)),
             EndpointOf(machine.AddressOf(9), 9));
    const std::optional<uint64_t> number =
        machine.kernel().Connect(netns, std::move(facts));
    if (number) machine.kernel().End(netns, *number, Ending::kClosed);
  }
}

Machine& Traffic::AnyMachine() { return world_.dice.AnyOf(machines_); }

Traffic::Place Traffic::AnyPlace(Machine& machine) {
  const std::vector<KernelNetns>& namespaces = machine.kernel().namespaces();
  // Most things are in the machine's own.
  const size_t place =
      world_.dice.OneIn(2) ? 0 : world_.dice.Below(namespaces.size());
  return {&machine, &namespaces[place]};
}

Owners Traffic::AnyOwners() {
  std::vector<Process> processes;
  do {
    const auto pid = static_cast<int32_t>(100 + world_.dice.Below(6));
    processes.push_back({.pid = pid,
                         .start_time = absl::FromUnixSeconds(1'600'000'000),
                         .name = absl::StrCat("program-", pid)});
  } while (world_.dice.OneIn(4));
  return Owners::Known(std::move(processes));
}

void Traffic::StartListening(Machine& machine) {
  const Place place = AnyPlace(machine);
  const IpAddress addresses[] = {place.netns->address, IpAddress::V4({}),
                                 IpAddress::V6({})};
  const uint32_t port =
      kFirstServerPort + static_cast<uint32_t>(world_.dice.Below(kServerPorts));
  const Transport transport =
      world_.dice.OneIn(4) ? Transport::kUdp : Transport::kTcp;
  const std::string netns = place.netns->name;
  const uint64_t number = machine.kernel().Listen(
      netns, transport, EndpointOf(world_.dice.AnyOf(addresses), port));
  machine.kernel().SetOwners(netns, number, AnyOwners());
}

void Traffic::StopListening(Machine& machine) {
  const Place place = AnyPlace(machine);
  if (place.netns->listeners.empty()) return;
  auto listener = place.netns->listeners.begin();
  std::advance(listener, world_.dice.Below(place.netns->listeners.size()));
  machine.kernel().StopListening(place.netns->name, listener->first);
}

void Traffic::ChangeNamespaces(Machine& machine) {
  KernelModel& kernel = machine.kernel();
  const size_t count = kernel.namespaces().size();
  const size_t what = world_.dice.Below(4);
  if (count < 2 || (what < 2 && count < 4))
    return kernel.AddNetns(machine.AddressOf(count));
  const size_t place = 1 + world_.dice.Below(count - 1);
  if (what < 3)
    kernel.RemoveNetns(place);
  else
    kernel.RenameNetns(place, absl::StrCat("name-", world_.dice.Below(3)));
}

void Traffic::PassSocket(Machine& machine) {
  const Place place = AnyPlace(machine);
  const auto& listeners = place.netns->listeners;
  if (listeners.empty()) return;
  auto listener = listeners.begin();
  std::advance(listener, world_.dice.Below(listeners.size()));
  machine.kernel().SetOwners(place.netns->name, listener->first, AnyOwners());
}

std::optional<size_t> Traffic::Begin(Machine& client) {
  const Place from = AnyPlace(client);
  if (world_.dice.OneIn(5)) return BeginWithStranger(from);
  Machine& machine = world_.dice.OneIn(3) ? client : AnyMachine();
  if (!machine.is_on()) return std::nullopt;
  const Place to = AnyPlace(machine);
  if (to.netns->listeners.empty()) return BeginWithStranger(from);
  auto listener = to.netns->listeners.begin();
  std::advance(listener, world_.dice.Below(to.netns->listeners.size()));
  if (listener->second.socket.transport != Transport::kTcp) return std::nullopt;
  return BeginWith(from, to, listener->first);
}

std::optional<size_t> Traffic::BeginWith(const Place& client,
                                         const Place& server,
                                         uint64_t listening) {
  const ListenerFacts& listener = server.netns->listeners.at(listening);
  const bool is_loopback = client.netns == server.netns &&
                           listener.local.address().is_unspecified() &&
                           world_.dice.OneIn(2);
  const IpAddress loopback = IpAddress::V4({127, 0, 0, 1});
  const uint32_t port =
      kFirstClientPort + static_cast<uint32_t>(world_.dice.Below(kClientPorts));
  ConnectionFacts facts =
      Pair(EndpointOf(is_loopback ? loopback : client.netns->address, port),
           EndpointOf(is_loopback ? loopback : server.netns->address,
                      listener.local.port()));
  if (world_.dice.OneIn(16)) facts.device = kDevice;
  facts.state = ConnectionState::kSynSent;
  facts.role = Role::kClient;
  facts.socket.owners = AnyOwners();
  ConnectionFacts accepts{.tuple = facts.tuple.Mirror(),
                          .role = Role::kServer,
                          .listener_cookie = listening};
  accepts.socket.owners = NotAccepted();
  const std::optional<uint64_t> number =
      client.machine->kernel().Connect(client.netns->name, std::move(facts));
  if (!number) return std::nullopt;
  conversations_.push_back(
      {.client = {client.machine, client.machine->boot(), client.netns->name,
                  *number},
       .server =
           End{server.machine, server.machine->boot(), server.netns->name},
       .accepts = std::move(accepts),
       .client_closes = world_.dice.OneIn(2)});
  return conversations_.size() - 1;
}

std::optional<size_t> Traffic::BeginWithStranger(const Place& client) {
  const uint32_t port =
      kFirstClientPort + static_cast<uint32_t>(world_.dice.Below(kClientPorts));
  ConnectionFacts facts = Pair(EndpointOf(client.netns->address, port),
                               EndpointOf(IpAddress::V4({192, 0, 2, 1}), 443));
  facts.state = ConnectionState::kSynSent;
  facts.role = Role::kClient;
  facts.socket.owners = AnyOwners();
  const std::optional<uint64_t> number =
      client.machine->kernel().Connect(client.netns->name, std::move(facts));
  if (!number) return std::nullopt;
  conversations_.push_back({.client = {client.machine, client.machine->boot(),
                                       client.netns->name, *number},
                            .client_closes = world_.dice.OneIn(2)});
  return conversations_.size() - 1;
}

void Traffic::ConnectUdp(Machine& machine) {
  const Place place = AnyPlace(machine);
  const uint32_t port = 30'000 + static_cast<uint32_t>(world_.dice.Below(8));
  ConnectionFacts facts = Pair(EndpointOf(place.netns->address, port),
                               EndpointOf(IpAddress::V4({192, 0, 2, 1}), 53));
  facts.socket.transport = Transport::kUdp;
  facts.socket.owners = AnyOwners();
  const std::optional<uint64_t> number =
      machine.kernel().Connect(place.netns->name, std::move(facts));
  if (!number) return;
  conversations_.push_back(
      {.client = {&machine, machine.boot(), place.netns->name, *number}});
}

}  // namespace connreg::simulation
