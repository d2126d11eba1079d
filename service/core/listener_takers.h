#ifndef CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_
#define CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "service/core/address_book.h"
#include "service/model/query.h"
#include "service/model/select_listener.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"

namespace connreg {

// ListenerTakers finds who would take a packet for one address, by the rules of
// the model and by what is known of who owns its addresses.
//
// Not thread-safe.
class ListenerTakers {
 public:
  // `book` outlives it.
  ListenerTakers(const Packet& packet, const AddressBook& book)
      : address_(packet.to.address()), from_(packet.from), book_(book) {}

  // Adds those of `rows`, the listeners of one host, network, transport and
  // port, one for each socket, that would take a packet.
  void Add(const std::vector<Listener>& rows);

  // All that were added, with what follows for the address.
  std::vector<ListenerAnswer> Answers() &&;

 private:
  const std::vector<AddressOwner>& OwnersOf(const Reporter& reporter,
                                            const IpAddress& address);
  Ownership OwnershipIn(const Reporter& reporter, const std::string& netns,
                        const IpAddress& address);
  // By which interface the packet arrives in the namespace.
  Arrival ArrivalIn(const Reporter& reporter, const std::string& netns);
  // The interface of the namespace that has `address`; empty if not known.
  std::string DeviceOf(const Reporter& reporter, const std::string& netns,
                       const IpAddress& address);
  void MarkMultiHost();

  const IpAddress address_;
  const std::optional<IpAddress> from_;
  const AddressBook& book_;
  // By network, host if the address is host-local, and address.
  std::map<std::tuple<std::string, std::string, IpAddress>,
           std::vector<AddressOwner>>
      owners_;
  std::vector<ListenerAnswer> answers_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_
