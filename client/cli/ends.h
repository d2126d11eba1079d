#ifndef CONNREG_CLIENT_CLI_ENDS_H_
#define CONNREG_CLIENT_CLI_ENDS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"

namespace connreg::cli {

// What is said of one end, out of what is reported there.
using TextOf = absl::FunctionRef<std::string(const v1::Observation&)>;

// Ends are the two ends of a connection, in the order in which they are shown:
// the client first where the roles are known, else the local end of the first
// observation.
//
// Valid as long as the connection.
struct Ends {
  explicit Ends(const v1::Connection& connection);

  // ">" from the client to the server; "-" if the roles are not known.
  absl::string_view sign() const { return directed ? ">" : "-"; }

  // What `text` says of each end, with the sign between them, and `missing` for
  // an end that nobody reports. One that is both ends, or all that there is,
  // says it once.
  std::string Both(TextOf text, absl::string_view missing) const;

  // What is reported at each end, of which the only socket may be both; null if
  // nothing is.
  const v1::Observation* at_first() const;
  const v1::Observation* at_second() const;

  // Whether both ends are reported, and `text` says the same of them.
  bool Agree(TextOf text) const;

  // Whether the roles are known.
  bool directed = false;
  v1::Endpoint first;
  v1::Endpoint second;
  // What is reported at each; null if nothing is.
  const v1::Observation* first_side = nullptr;
  const v1::Observation* second_side = nullptr;
  // The connection's one socket where no end is missing, as when it is
  // connected to itself; then the sides are null.
  const v1::Observation* only = nullptr;
};

// How the connection ended: of two ends the later; null if it has not. Valid as
// long as the connection.
const v1::Closure* ClosureOf(const v1::Connection& connection);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ENDS_H_
