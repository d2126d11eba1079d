#ifndef CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
#define CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_

#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
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
  // Will ask for every address that joining `rows` may need.
  void Want(const std::vector<Observation>& rows) {
    for (const Observation& row : rows) {
      const IpAddress& remote = row.facts.tuple.remote().address();
      if (places_.try_emplace(KeyOf(row.reporter(), remote), wanted_.size())
              .second)
        Add(row.provenance.reporter, remote);
    }
  }

  void Ask(const HostDirectory& hosts) { owners_ = hosts.Owners(wanted_); }

  std::vector<AddressOwner> operator()(const Reporter& asker,
                                       const IpAddress& address) const {
    const auto it = places_.find(KeyOf(asker, address));
    return it == places_.end() ? std::vector<AddressOwner>()
                               : owners_[it->second];
  }

 private:
  // Network, host where the address is local to it, address.
  using Key = std::tuple<absl::string_view, absl::string_view, IpAddress>;

  static Key KeyOf(const Reporter& asker, const IpAddress& address) {
    return {asker.network,
            address.is_host_local() ? absl::string_view(asker.host) : "",
            address};
  }

  void Add(const std::shared_ptr<const Reporter>& asker,
           const IpAddress& address) {
    wanted_.push_back({asker.get(), address});
    if (askers_.empty() || askers_.back() != asker) askers_.push_back(asker);
  }

  std::vector<OwnersQuestion> wanted_;
  // What wanted_ and places_ point to.
  std::vector<std::shared_ptr<const Reporter>> askers_;
  // Where each stands in wanted_.
  absl::flat_hash_map<Key, size_t> places_;
  // As in wanted_.
  std::vector<std::vector<AddressOwner>> owners_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
