#ifndef CONNREG_TESTS_SIMULATION_EXPECTED_ROWS_H_
#define CONNREG_TESTS_SIMULATION_EXPECTED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "service/model/address_owners.h"
#include "service/model/host.h"
#include "service/model/report.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"

namespace connreg::simulation {

// Where a row is among those of its reporter. There is one connection at a
// place; listeners share places, so their cookies are part of it.
using ListenerKey =
    std::tuple<std::string, Transport, Endpoint, std::string, uint64_t>;
using ConnectionKey =
    std::tuple<std::string, Transport, FourTuple, std::string>;

ListenerKey KeyOf(const ListenerFacts& facts);
ConnectionKey KeyOf(const ConnectionFacts& facts);

// What the registry should have of one reporter.
template <typename Facts>
struct ExpectedRow {
  // What it shows: what was said, and what it remembers.
  Facts facts;
  // Of what was said last.
  uint64_t digest = 0;
  uint64_t mark = 0;
  // That of its last change, once it was seen since.
  std::optional<uint64_t> revision;
};
struct ReporterRows {
  std::map<ListenerKey, ExpectedRow<ListenerFacts>> listeners;
  std::map<ConnectionKey, ExpectedRow<ConnectionFacts>> connections;
  // Of the snapshot that began last.
  uint64_t mark = 0;
  // What was told of network namespaces.
  std::map<std::string, NetworkNamespace> namespaces;

  size_t size() const { return listeners.size() + connections.size(); }
  RowDigest digest() const;
};

// ExpectedRows is what the registry should have, by what it has acknowledged:
// the words of connreg/v1/report.proto, one after the other, on plain maps.
class ExpectedRows {
 public:
  // A session was welcomed. Whether rows went, or namespaces changed.
  bool Open(const SessionOpening& opening);
  // A batch was acknowledged. Whether rows or namespaces have come,
  // gone or changed.
  bool Apply(const Reporter& reporter, const RowBatch& batch, const Ack& ack);
  // The reporter's lease has ended.
  void Remove(const Reporter& reporter) { rows_.erase(reporter); }

  const std::map<Reporter, ReporterRows>& rows() const { return rows_; }
  std::map<Reporter, ReporterRows>& rows() { return rows_; }
  // Null if there are none.
  const ReporterRows* Find(const Reporter& reporter) const;

 private:
  // Null if nobody did.
  const ConnectionFacts* SaidByAnother(const Reporter& reporter,
                                       const ConnectionKey& key,
                                       const ConnectionFacts& facts) const;

  std::map<Reporter, ReporterRows> rows_;
  std::map<HostKey, std::string> boot_ids_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_EXPECTED_ROWS_H_
