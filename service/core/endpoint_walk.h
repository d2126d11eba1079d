#ifndef CONNREG_SERVICE_CORE_ENDPOINT_WALK_H_
#define CONNREG_SERVICE_CORE_ENDPOINT_WALK_H_

#include <cstddef>
#include <map>
#include <set>

#include "service/core/connection_table.h"
#include "service/core/host_directory.h"
#include "service/core/joiner.h"
#include "service/model/query.h"

namespace connreg {

// EndpointWalk makes one page of a listing of endpoints: it asks the indexes
// which endpoints may be next, and then goes through the rows of each of those
// alone.
//
// Not thread-safe; the tables that it reads are.
class EndpointWalk {
 public:
  // All outlive it.
  EndpointWalk(const EndpointQuery& query, const ConnectionTable& connections,
               const HostDirectory& hosts, const Joiner& joiner)
      : query_(query),
        connections_(connections),
        hosts_(hosts),
        joiner_(joiner) {}

  // The page, without its coverage.
  EndpointPage Page();

 private:
  using Summaries = std::map<EndpointPlace, EndpointSummary>;

  // The lowest endpoint that may be on the page.
  Endpoint First() const;
  // What is at `endpoint`, by transport and network.
  Summaries At(const Endpoint& endpoint);
  static EndpointSummary& SummaryOf(const EndpointPlace& place,
                                    Summaries* summaries);
  void CountConnections(const Endpoint& endpoint, Summaries* summaries);
  // Adds what would take packets for `endpoint`, and to `there` where that is
  // reason enough to list it.
  void AddListeners(const Endpoint& endpoint, Summaries* summaries,
                    std::set<EndpointPlace>* there) const;

  const EndpointQuery& query_;
  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
  const Joiner& joiner_;
  // How many four-tuples were gone through.
  size_t walked_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ENDPOINT_WALK_H_
