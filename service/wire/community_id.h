#ifndef CONNREG_SERVICE_WIRE_COMMUNITY_ID_H_
#define CONNREG_SERVICE_WIRE_COMMUNITY_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "service/model/query.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"

namespace connreg {

// The name of a connection that flow logs share, whoever writes them: Community
// ID version 1 with the seed 0, "1:" and the Base64 of a SHA-1 over addresses,
// ports and transport. A four-tuple and its mirror have one. Zones do not
// enter, and neither do networks and hosts.
std::string CommunityIdOf(const FourTuple& tuple, Transport transport);

// Whether a four-tuple and its transport have the Community ID `text`.
//
// INVALID_ARGUMENT: `text` is of another version
//   (COMMUNITY_ID_VERSION_UNKNOWN), or is none (COMMUNITY_ID_MALFORMED).
absl::StatusOr<TuplePredicate> ParseCommunityId(absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_COMMUNITY_ID_H_
