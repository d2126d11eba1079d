#ifndef CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_
#define CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "service/core/address_book.h"
#include "service/model/query.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"

namespace connreg {

// ListenerTakers finds who would take a packet for one address, by the rules of
// the model and by what is known of who owns the address.
//
// Not thread-safe.
class ListenerTakers {
 public:
  // `book` outlives it.
  ListenerTakers(const IpAddress& address, const AddressBook& book)
      : address_(address), book_(book) {}

  // Adds those of `rows`, the listeners of one host, network, transport and
  // port, one for each socket, that would take a packet.
  void Add(const std::vector<Listener>& rows);

  // All that were added, with what follows for the address.
  std::vector<ListenerAnswer> Answers() &&;

 private:
  Ownership OwnershipIn(const Reporter& reporter, const std::string& netns);
  void MarkMultiHost();

  const IpAddress address_;
  const AddressBook& book_;
  // Of the address, by network and, if it is host-local, host.
  std::map<std::pair<std::string, std::string>, std::vector<AddressOwner>>
      owners_;
  std::vector<ListenerAnswer> answers_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LISTENER_TAKERS_H_
