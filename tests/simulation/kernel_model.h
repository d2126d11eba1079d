#ifndef CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_
#define CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "service/model/address_owners.h"
#include "service/model/owner.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/ip_address.h"

namespace connreg::simulation {

// One network namespace, with its sockets by cookie. The facts are the truth:
// roles are known, without evidence.
struct KernelNetns {
  std::string name;
  uint64_t inode = 0;
  // The one that sockets have, beside loopback.
  IpAddress address;
  NetworkNamespace addresses;
  std::map<uint64_t, ListenerFacts> listeners;
  std::map<uint64_t, ConnectionFacts> connections;
};

// What the kernel says when it destroys a socket.
struct DestroyEvent {
  std::string netns;
  uint64_t cookie = 0;
  // If it tells both ends of a TCP connection.
  std::optional<ConnectionFacts> connection;
};

// KernelModel is the sockets of one machine, from one start of its kernel to
// the next. Cookies begin at 1 each time and are never used twice.
class KernelModel {
 public:
  explicit KernelModel(std::string boot_id) : boot_id_(std::move(boot_id)) {}

  const std::string& boot_id() const { return boot_id_; }
  // The first is the machine's own, and stays.
  const std::vector<KernelNetns>& namespaces() const { return namespaces_; }
  void AddNetns(const IpAddress& address);
  // Its sockets go with it, without a word.
  void RemoveNetns(size_t place);
  // People give it another name.
  void RenameNetns(size_t place, std::string name);
  const KernelNetns* FindNetns(const std::string& name) const;

  // The cookie of a new socket.
  uint64_t Listen(const std::string& netns, Transport transport,
                  const Endpoint& local);
  // Nothing if there is a socket with this pair already, or no such namespace.
  std::optional<uint64_t> Connect(const std::string& netns,
                                  ConnectionFacts facts);
  const ConnectionFacts* Find(const std::string& netns, uint64_t cookie) const;

  // These pass over a socket that is not there.
  void SetState(const std::string& netns, uint64_t cookie,
                ConnectionState state);
  void SetOwners(const std::string& netns, uint64_t cookie, Owners owners);
  // Its process closes it, and the kernel finishes the conversation alone. In
  // FIN-WAIT-2 what remains is smaller, and the socket is destroyed.
  void Orphan(const std::string& netns, uint64_t cookie);
  // `told`: the kernel says so. It does not when what was left of a socket
  // goes.
  void End(const std::string& netns, uint64_t cookie, bool told);
  void StopListening(const std::string& netns, uint64_t cookie);

  // Whoever listens to what the kernel says.
  void SetListener(std::function<void(const DestroyEvent&)> listener) {
    listener_ = std::move(listener);
  }

  // How many sockets there are, in all namespaces or the first.
  size_t size() const;
  size_t size_of_first() const;

 private:
  using Place = std::tuple<std::string, Transport, FourTuple, std::string>;

  static Place PlaceOf(const ConnectionFacts& facts);
  KernelNetns* NetnsNamed(const std::string& name);
  ConnectionFacts* FindMutable(const std::string& netns, uint64_t cookie);
  void Tell(const ConnectionFacts& facts) const;

  const std::string boot_id_;
  uint64_t last_cookie_ = 0;
  uint64_t last_netns_ = 0;
  std::vector<KernelNetns> namespaces_;
  // Where connections are: the kernel has no two at once at one place.
  std::set<Place> taken_;
  std::function<void(const DestroyEvent&)> listener_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_
