#ifndef CONNREG_SERVICE_CORE_JOINER_H_
#define CONNREG_SERVICE_CORE_JOINER_H_

#include <vector>

#include "service/core/connection_table.h"
#include "service/core/host_directory.h"
#include "service/model/connection.h"
#include "service/model/query.h"

namespace connreg {

// The connections of one group of rows.
struct JoinedGroup {
  std::vector<Connection> live;
  // The latest first.
  std::vector<Connection> closed;
};

// Joiner makes connections of rows, by the rules of the model and by what is
// known of hosts and addresses.
//
// Thread-safe.
class Joiner {
 public:
  // Both outlive it.
  Joiner(const ConnectionTable& connections, const HostDirectory& hosts)
      : connections_(connections), hosts_(hosts) {}

  // The connections of each of `groups`, whose rows it takes, with the names of
  // their namespaces.
  std::vector<JoinedGroup> Join(std::vector<RowGroup>* groups) const;
  // The same without those names.
  std::vector<JoinedGroup> JoinUnnamed(std::vector<RowGroup>* groups) const;

  // Gives those of `connections` that lack an end because an address seems to
  // be translated that as the reason.
  void ExplainByNat(std::vector<JoinedGroup>* groups) const;

 private:
  void NameNamespaces(std::vector<JoinedGroup>* groups) const;

  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
};

// Whether an end of `connection` is in `scope`.
bool Matches(const Scope& scope, const Connection& connection);

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_JOINER_H_
