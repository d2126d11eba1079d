#ifndef CONNREG_SERVICE_CORE_LISTER_H_
#define CONNREG_SERVICE_CORE_LISTER_H_

#include <cstddef>
#include <set>
#include <vector>

#include "service/core/connection_table.h"
#include "service/core/host_directory.h"
#include "service/core/joiner.h"
#include "service/model/query.h"

namespace connreg {

// Lister makes the pages of listings. What exists throughout a listing is on
// exactly one of its pages, since each listing has an order that what comes and
// goes does not change.
//
// Thread-safe.
class Lister {
 public:
  // All outlive it.
  Lister(const ConnectionTable& connections, const HostDirectory& hosts,
         const Joiner& joiner)
      : connections_(connections), hosts_(hosts), joiner_(joiner) {}

  // Pages without their coverage.
  ConnectionPage ListConnections(const ConnectionQuery& query) const;
  ListenerPage ListListeners(const ListenerQuery& query) const;
  EndpointPage ListEndpoints(const EndpointQuery& query) const;
  HostPage ListHosts(const HostQuery& query) const;

 private:
  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
  const Joiner& joiner_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LISTER_H_
