#ifndef CONNREG_TESTS_BENCH_RING_FLEET_H_
#define CONNREG_TESTS_BENCH_RING_FLEET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/agent/snapshot.h"
#include "service/model/owner.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"

namespace connreg {

// RingFleet is what there is on many hosts: each has a server, and clients of
// the next one's. So each connection is reported from both ends.
class RingFleet {
 public:
  // REQUIRES: hosts > 0 and rows > 0
  RingFleet(size_t hosts, size_t rows);

  size_t hosts() const { return hosts_; }
  // Of each host.
  size_t rows() const { return rows_; }
  // How many of a host's connections are to the next one.
  size_t clients() const { return (rows_ - 1) / 2; }

  static std::string NameOf(size_t host);
  Snapshot SnapshotOf(size_t host) const;

  // As the client of the connection `number` sees it.
  FourTuple TupleOf(size_t host, size_t number) const;

 private:
  void AddListeners(size_t host, const Owners& owners,
                    NetnsSnapshot* netns) const;
  void AddConnections(size_t host, const Owners& owners,
                      NetnsSnapshot* netns) const;

  const size_t hosts_;
  const size_t rows_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_RING_FLEET_H_
