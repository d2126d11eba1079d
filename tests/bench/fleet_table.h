#ifndef CONNREG_TESTS_BENCH_FLEET_TABLE_H_
#define CONNREG_TESTS_BENCH_FLEET_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "service/base/clock.h"
#include "service/core/capacity.h"
#include "service/core/connection_table.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"
#include "tests/bench/accepting_fleet.h"

namespace connreg {

// FleetTable is a ConnectionTable in which a whole fleet is reported.
//
// Its table is thread-safe, it is not.
class FleetTable {
 public:
  // So many hosts are in the table. There may be so many more.
  FleetTable(size_t hosts, size_t more_hosts);

  const ConnectionTable& table() const { return table_; }
  // How much memory the process took for it, as it was filled.
  size_t bytes() const { return bytes_; }
  // Questions about the hosts that are in the table, drawn at random, of which
  // each has one answer.
  const std::vector<FourTuple>& questions() const { return questions_; }

  // What an agent says of a host, as it is put into the table.
  using Rows = std::vector<std::vector<ConnectionFacts>>;
  Rows RowsOf(size_t host) const;
  // Adds all rows of a host, or takes them away.
  void Add(size_t host, const Rows& rows);
  void Remove(size_t host);

 private:
  const AcceptingFleet fleet_;
  History history_;
  Capacity capacity_;
  ConnectionTable table_;
  // By the number of the host.
  std::vector<LeasePtr> leases_;
  std::vector<FourTuple> questions_;
  size_t bytes_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_FLEET_TABLE_H_
