#ifndef CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_
#define CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "client/agent/sock_diag.h"
#include "service/model/address_owners.h"
#include "service/model/owner.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/ip_address.h"

namespace connreg::simulation {

// One network namespace, with its sockets by numbers that nobody outside knows.
// The facts are the truth: roles are known, without evidence; for the cookie of
// the listener that a connection came from they have its number; and a cookie
// is 0 as long as the kernel has made none.
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
  EndedSocket ended;
};

// How a connection ends.
enum class Ending : uint8_t {
  // The kernel says so.
  kClosed,
  // It says so, and does not know the remote end any more.
  kReset,
  // It goes on to TIME-WAIT. A socket that is still held tells its end.
  kTimeWait,
  // What was left of it goes, without a word.
  kTimedOut,
};

// KernelModel is the sockets of one machine, from one start of its kernel to
// the next.
//
// Cookies begin at 1 each time and are never used twice. A socket has none
// until it is shown, asked for, or told to be destroyed (sock_gen_cookie() in
// net/core/sock_diag.c). What remains of one in FIN-WAIT-2 has the cookie that
// the socket had by then: if it had none, one of its own, as soon as it is
// shown or asked for.
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

  // What a dump of all its sockets shows; null if there is no such namespace.
  const KernelNetns* Dump(const std::string& netns);
  // The socket that has the tuple, the interface and the cookie of `question`,
  // be it in TIME-WAIT. Without a cookie: whatever has the tuple, or a listener
  // at its local end.
  std::optional<DiagSocket> Ask(const std::string& netns,
                                const DiagSocket& question);
  // Whether the connection that this cookie was made for is there.
  bool HasConnection(const std::string& netns, uint64_t cookie) const;

  // The number of a new socket.
  uint64_t Listen(const std::string& netns, Transport transport,
                  const Endpoint& local);
  // Nothing if there is a socket with this pair already, or no such namespace.
  std::optional<uint64_t> Connect(const std::string& netns,
                                  ConnectionFacts facts);
  const ConnectionFacts* Find(const std::string& netns, uint64_t number) const;

  // These pass over a socket that is not there.
  void SetState(const std::string& netns, uint64_t number,
                ConnectionState state);
  void SetOwners(const std::string& netns, uint64_t number, Owners owners);
  // Its process closes it, and the kernel finishes the conversation alone. In
  // FIN-WAIT-2 what remains is smaller, and the socket is destroyed.
  void Orphan(const std::string& netns, uint64_t number);
  void End(const std::string& netns, uint64_t number, Ending ending);
  void StopListening(const std::string& netns, uint64_t number);

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
  ConnectionFacts* FindMutable(const std::string& netns, uint64_t number);
  // Null if nothing is there. It has a cookie then.
  const ConnectionFacts* FindAt(const Place& place);
  const ListenerFacts* FindListener(KernelNetns& netns,
                                    const DiagSocket& question);
  // Unless it has one.
  void MakeCookie(uint64_t number, Socket* socket);
  // `left`, which is in TIME-WAIT, with a cookie.
  DiagSocket WithCookie(DiagSocket* left);
  // The socket is destroyed: makes a cookie for it, not for what remains.
  void Tell(uint64_t number, ConnectionFacts facts, Ending ending);

  const std::string boot_id_;
  uint64_t last_number_ = 0;
  // The numbers of the sockets that cookies were made for, from 1 on; 0 for
  // what is in TIME-WAIT.
  std::vector<uint64_t> numbers_;
  uint64_t last_netns_ = 0;
  std::vector<KernelNetns> namespaces_;
  // Where connections are: the kernel has no two at once at one place.
  std::map<Place, uint64_t> taken_;
  // Those in TIME-WAIT, which a new one replaces.
  std::map<Place, DiagSocket> time_wait_;
  std::function<void(const DestroyEvent&)> listener_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_KERNEL_MODEL_H_
