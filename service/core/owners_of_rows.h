#ifndef CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
#define CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "service/core/host_directory.h"
#include "service/model/address_owners.h"
#include "service/model/socket.h"

namespace connreg {

// OwnersOfRows answers who owns the addresses that joining some rows takes,
// from what one visit to the directory told.
//
// Not thread-safe.
class OwnersOfRows {
 public:
  // Will ask for every address that joining `rows` may need. The reporters of
  // `rows` outlive the question.
  void Want(const std::vector<Observation>& rows) {
    for (const Observation& row : rows) {
      const IpAddress& remote = row.facts.tuple.remote().address();
      if (owners_.try_emplace(KeyOf(row.reporter(), remote)).second)
        wanted_.emplace_back(&row.reporter(), remote);
    }
  }

  void Ask(const HostDirectory& hosts) {
    std::vector<std::vector<AddressOwner>> answers = hosts.Owners(wanted_);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const auto& [asker, address] = wanted_[i];
      owners_[KeyOf(*asker, address)] = std::move(answers[i]);
    }
  }

  std::vector<AddressOwner> operator()(const Reporter& asker,
                                       const IpAddress& address) const {
    const auto it = owners_.find(KeyOf(asker, address));
    return it == owners_.end() ? std::vector<AddressOwner>() : it->second;
  }

 private:
  // Network, host where the address is local to it, address.
  using Key = std::tuple<std::string, std::string, IpAddress>;

  static Key KeyOf(const Reporter& asker, const IpAddress& address) {
    return {asker.network, address.is_host_local() ? asker.host : "", address};
  }

  std::vector<std::pair<const Reporter*, IpAddress>> wanted_;
  std::map<Key, std::vector<AddressOwner>> owners_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
