#ifndef CONNREG_CLIENT_CLI_ORDER_H_
#define CONNREG_CLIENT_CLI_ORDER_H_

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "connreg/v1/socket.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/net/endpoint.h"
#include "service/wire/socket.h"

namespace connreg::cli {

// What endpoints are ordered by: numerically, and first what is none.
inline std::optional<Endpoint> PlaceOfEndpoint(const v1::Endpoint& endpoint) {
  const absl::StatusOr<Endpoint> parsed = EndpointFromProto(endpoint);
  return parsed.ok() ? std::optional(*parsed) : std::nullopt;
}

// `rows` by rising `place_of`; those of one place as they came. Valid as long
// as `rows`.
template <typename Row, typename PlaceOf>
std::vector<const Row*> SortedBy(
    const google::protobuf::RepeatedPtrField<Row>& rows, PlaceOf place_of) {
  using Place = decltype(place_of(rows[0]));
  std::vector<std::pair<Place, const Row*>> placed;
  for (const Row& row : rows) placed.push_back({place_of(row), &row});
  std::stable_sort(
      placed.begin(), placed.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Row*> sorted;
  for (const auto& [place, row] : placed) sorted.push_back(row);
  return sorted;
}

// `rows` as they came. Valid as long as `rows`.
template <typename Row>
std::vector<const Row*> AsTheyCame(
    const google::protobuf::RepeatedPtrField<Row>& rows) {
  std::vector<const Row*> all;
  for (const Row& row : rows) all.push_back(&row);
  return all;
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ORDER_H_
