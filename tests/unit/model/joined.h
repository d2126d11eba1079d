#ifndef CONNREG_TESTS_UNIT_MODEL_JOINED_H_
#define CONNREG_TESTS_UNIT_MODEL_JOINED_H_

#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "service/model/join.h"
#include "tests/unit/model/rows.h"

// What the tests of Join() share.
namespace connreg {

inline void PrintTo(const Connection& connection, std::ostream* out) {
  PrintTo(connection.first, out);
  if (connection.second) {
    *out << " and ";
    PrintTo(*connection.second, out);
  }
  if (connection.one_sided)
    *out << ", one-sided " << static_cast<int>(*connection.one_sided);
}

// A connection of these two observations, whichever is first.
MATCHER_P2(Joins, a, b, "") {
  return arg.second && ((IsRow(arg.first, a) && IsRow(*arg.second, b)) ||
                        (IsRow(arg.first, b) && IsRow(*arg.second, a)));
}

// A connection of this observation alone, for this reason.
MATCHER_P2(IsOneSided, row, reason, "") {
  return IsRow(arg.first, row) && !arg.second && arg.one_sided == reason;
}

// A connection of this observation, which needs no other.
MATCHER_P(IsWholeIn, row, "") {
  return IsRow(arg.first, row) && !arg.second && !arg.one_sided;
}

// Who owns which addresses.
class Ownership {
 public:
  Ownership& Owns(const Place& place, absl::string_view address) {
    owned_.emplace_back(place, Address(address));
    return *this;
  }
  // Nobody who speaks for the host has a lease in force.
  Ownership& IsSilent(const Place& place) {
    silent_.insert(place.host);
    return *this;
  }

  std::vector<AddressOwner> operator()(const Reporter& asker,
                                       const IpAddress& address) const {
    std::set<AddressOwner> owners;
    for (const auto& [place, owned] : owned_) {
      if (owned != address || place.network != asker.network) continue;
      if (address.is_host_local() && place.host != asker.host) continue;
      owners.insert({place.host, place.netns, silent_.contains(place.host)});
    }
    return {owners.begin(), owners.end()};
  }

 private:
  std::vector<std::pair<Place, IpAddress>> owned_;
  std::set<std::string> silent_;
};

inline std::vector<Connection> Joined(const std::vector<Observation>& rows,
                                      const Ownership& ownership = {}) {
  return Join(rows, ownership);
}

// A client's host, a server's host, and a third.
inline const Place kC = {.host = "c"};
inline const Place kS = {.host = "s"};
inline const Place kOther = {.host = "other"};

inline Observation Client(const Place& place = kC) {
  return End(place, "10.0.0.9:51000", "10.0.0.5:5432");
}
inline Observation Server(const Place& place = kS) {
  return End(place, "10.0.0.5:5432", "10.0.0.9:51000");
}

// Each end's host owns its own address.
inline Ownership EachItsOwn() {
  return Ownership().Owns(kC, "10.0.0.9").Owns(kS, "10.0.0.5");
}

inline Place On(absl::string_view host, absl::string_view netns) {
  return {.host = std::string(host), .netns = std::string(netns)};
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_MODEL_JOINED_H_
