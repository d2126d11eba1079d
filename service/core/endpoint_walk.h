#ifndef CONNREG_SERVICE_CORE_ENDPOINT_WALK_H_
#define CONNREG_SERVICE_CORE_ENDPOINT_WALK_H_

#include <cstddef>
#include <map>
#include <optional>
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
  // Without the names of namespaces.
  EndpointPage UnnamedPage();

  using Summaries = std::map<EndpointPlace, EndpointSummary>;

  // The lowest endpoint that may be on the page.
  Endpoint First() const;
  // What is at `endpoint`, by transport, network, host and namespace.
  Summaries At(const Endpoint& endpoint);
  static EndpointSummary& SummaryOf(const EndpointPlace& place,
                                    Summaries* summaries);
  void CountConnections(const Endpoint& endpoint, Summaries* summaries);
  // Puts the ends that nobody reports where they must be, if that is one place.
  void PlaceUnreportedEnds(Summaries* summaries,
                           std::set<EndpointPlace>* there) const;
  // Where `unplaced` is: in the namespace that owns its address; if none is
  // known to, in the one that has sockets `there`. Nothing if there are others.
  std::optional<EndpointPlace> SolePlace(
      const EndpointPlace& unplaced,
      const std::set<EndpointPlace>& there) const;
  // Where `endpoint`, an end of `connection`, is; without a host if it is not
  // reported. Nothing if the query is not about it.
  struct End {
    EndpointPlace place;
    ConnectionState state;
  };
  std::optional<End> EndOf(const Endpoint& endpoint,
                           const Connection& connection) const;
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
