#ifndef CONNREG_TESTS_BENCH_POSTGRES_LISTER_H_
#define CONNREG_TESTS_BENCH_POSTGRES_LISTER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/postgres_client.h"

namespace connreg {

// PostgresLister lists the connections of endpoints, several at a time, over
// one connection in libpq's pipeline mode.
//
// Not thread-safe.
class PostgresLister {
 public:
  // Of the endpoints drawn, every one in `step` from `first` on.
  PostgresLister(PostgresConnection connection, const AcceptingFleet& fleet,
                 size_t first, size_t step);

  // UNAVAILABLE: the server refuses.
  absl::Status Prepare();

  // Keeps so many questions in flight until `end`, and returns how many rows
  // were listed.
  //
  // DATA_LOSS: an endpoint has too few.
  // UNAVAILABLE: the server does not answer.
  // REQUIRES: it is prepared.
  absl::StatusOr<uint64_t> Run(size_t in_flight, absl::Time end);

 private:
  // Values as they travel.
  struct Question {
    std::string address;
    std::string port;
  };

  absl::Status Ask();
  absl::Status Take();

  PostgresConnection connection_;
  std::vector<Question> questions_;
  size_t asked_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_POSTGRES_LISTER_H_
