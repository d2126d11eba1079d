#ifndef CONNREG_SERVICE_MODEL_BATCH_H_
#define CONNREG_SERVICE_MODEL_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/model/connection.h"
#include "service/model/coverage.h"
#include "service/model/owner.h"
#include "service/model/query.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"

// Lookups by the thousand.
namespace connreg {

// Lookups of four-tuples, all in one network and of one host's reports.
struct BatchLookupQuestion {
  // Client first.
  std::vector<FourTuple> tuples;
  // One for each of them, or none: then all are of any transport.
  std::vector<std::optional<Transport>> transports = {};
  std::string network = {};
  std::string host = {};

  std::optional<Transport> TransportOf(size_t place) const {
    return transports.empty() ? std::nullopt : transports[place];
  }
};

// One end of a connection that is there, as far as a batch tells of it. What it
// points to is kept by the answer that it is in.
struct BriefEnd {
  // Null: nothing is known of this end.
  const Reporter* reporter = nullptr;
  absl::string_view netns;
  const Owners* owners = nullptr;
  ConnectionState state = ConnectionState::kEstablished;
  uint64_t cookie = 0;
};

// The only connection that a question found, without what a batch does not
// tell.
struct BriefConnection {
  // The ends that the question calls the client's and the server's.
  BriefEnd client;
  BriefEnd server;
  TupleOrder order = TupleOrder::kUnknown;
  // As in Connection.
  RoleEvidence evidence = RoleEvidence::kUnknown;
  std::optional<OneSidedReason> one_sided;
};

// Brief where that is all there is to tell, as it is of nearly every
// connection.
using BatchFinding = std::variant<BriefConnection, LookupFinding>;

struct BatchLookupAnswer {
  // One for each subject, in their order.
  std::vector<BatchFinding> found;
  Coverage coverage;
  // What brief ends point to.
  std::shared_ptr<const void> kept = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_BATCH_H_
