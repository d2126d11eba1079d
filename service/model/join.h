#ifndef CONNREG_SERVICE_MODEL_JOIN_H_
#define CONNREG_SERVICE_MODEL_JOIN_H_

#include <vector>

#include "service/model/address_owners.h"
#include "service/model/connection.h"
#include "service/model/socket.h"

namespace connreg {

// Joins observations into connections. Each observation is of one end; its
// other end is an observation of the mirrored four-tuple, of the same network
// and transport, that lies
//   1. in the same network namespace of the same host, which is the only choice
//      for loopback and link-local addresses; else
//   2. in another network namespace of the same host; else
//   3. on another host, if of both addresses each end's namespace owns its own
//      and no other host owns either.
// A namespace that was not told may be any of its host, which is enough for 2
// and 3, and for 1 only if neither was told. Each end must be the other's only
// choice. What cannot be told stays apart, as one-sided connections that say
// why.
//
// Of sockets that have ended, two are ends of one connection only if their
// lives overlapped.
//
// `observations` are all that are known of their four-tuples, in any order,
// with one for each socket (see Representatives()); all are live, or all have
// ended.
std::vector<Connection> Join(std::vector<Observation> observations,
                             OwnersOfAddress owners);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_JOIN_H_
