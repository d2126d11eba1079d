#ifndef CONNREG_SERVICE_MODEL_NAT_H_
#define CONNREG_SERVICE_MODEL_NAT_H_

#include "absl/types/span.h"
#include "service/model/address_owners.h"
#include "service/model/connection.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// The end of `lone`, a one-sided connection, that would be the client's if an
// address were translated on the way: its own if it is UNMANAGED, and the other
// one if it is NOT_REPORTED.
const Endpoint& TranslatedClient(const Connection& lone);

// Whether address translation could explain why `lone` lacks its other end, by
// what is known of it alone. If not, nothing else makes SuspectsNat() true.
bool MayBeTranslated(const Connection& lone);
// The same of one that lacks its other end for `reason`, and whose reporter has
// `role`.
bool MayBeTranslated(OneSidedReason reason, Role role);

// Whether translation of the server's address (DNAT) would explain why `lone`,
// which is UNMANAGED or NOT_REPORTED, lacks its other end. So it would if
// another observation of its network and transport has the same client and
// another server, lacks its mirror too, and nobody owns the server's address
// that the client knows; unless a known role says that the ends of the two are
// others.
//
// `at_client` are the live observations that have TranslatedClient(lone) at
// either end.
bool SuspectsNat(const Connection& lone,
                 absl::Span<const Observation> at_client,
                 OwnersOfAddress owners);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_NAT_H_
