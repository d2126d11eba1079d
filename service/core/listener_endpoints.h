#ifndef CONNREG_SERVICE_CORE_LISTENER_ENDPOINTS_H_
#define CONNREG_SERVICE_CORE_LISTENER_ENDPOINTS_H_

#include <cstddef>
#include <set>

#include "service/core/address_book.h"
#include "service/core/listener_table.h"
#include "service/model/query.h"
#include "service/net/endpoint.h"

namespace connreg {

// Adds the endpoints of `query` that have a listener, bound to the endpoint
// itself or to a wildcard: at least the first `limit` that are not below
// `first`, and some that may turn out to have none.
void AddListenerEndpoints(const ListenerTable& listeners,
                          const AddressBook& addresses,
                          const EndpointQuery& query, const Endpoint& first,
                          size_t limit, std::set<Endpoint>* endpoints);

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LISTENER_ENDPOINTS_H_
