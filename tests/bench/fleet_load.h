#ifndef CONNREG_TESTS_BENCH_FLEET_LOAD_H_
#define CONNREG_TESTS_BENCH_FLEET_LOAD_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/report_call.h"

namespace connreg {

// FleetLoad reports the hosts of a fleet, each in a session of its own, as
// their agents do; but what they say is made ready before any of it is sent.
// The sessions last until it is destroyed, or their hosts are removed.
//
// Not thread-safe.
class FleetLoad {
 public:
  // `fleet` is to outlive it.
  FleetLoad(const std::string& target, const AcceptingFleet& fleet);
  ~FleetLoad();

  struct Timing {
    // Connections, of all hosts named.
    size_t rows = 0;
    // From the first message sent until the last one was answered.
    absl::Duration elapsed;
  };

  // Tells all there is on `count` hosts from the host `first` on, of all of
  // them at once, after each was welcomed.
  //
  // DATA_LOSS: the service has not taken all of it.
  // UNAVAILABLE: a stream has ended.
  // REQUIRES: they are hosts of the fleet, and have no sessions.
  absl::StatusOr<Timing> Add(size_t first, size_t count);
  // Ends their sessions so that their rows go, of all of them at once.
  //
  // UNAVAILABLE: a stream did not end as it should.
  // REQUIRES: they have sessions.
  absl::StatusOr<Timing> Remove(size_t first, size_t count);

  // Does what the connections need for so long.
  void Serve(absl::Duration time);

 private:
  using Calls = std::vector<ReportCall*>;

  grpc::ByteBuffer OpeningOf(size_t host) const;
  std::vector<grpc::ByteBuffer> SnapshotOf(size_t host) const;
  // Until none of `calls` is busy, or the first of them was not as it should.
  absl::Status ServeUntilIdle(Calls calls);
  void ServeUntilEnded(Calls calls);
  void ServeNext();

  const AcceptingFleet& fleet_;
  // A connection each, since one carries a limited number of streams.
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  // By the number of the host.
  std::map<size_t, std::unique_ptr<ReportCall>> calls_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_FLEET_LOAD_H_
