#ifndef CONNREG_TESTS_BENCH_REDIS_LISTER_H_
#define CONNREG_TESTS_BENCH_REDIS_LISTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/net/endpoint.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/redis_pipeline.h"

namespace connreg {

// The key of the set of an endpoint's connections.
std::string RedisSetOf(const Endpoint& server);

// RedisLister lists the connections of endpoints, several at a time: the
// members of its set, then the hash of each.
//
// Not thread-safe.
class RedisLister {
 public:
  // `redis` is to outlive it, and not to be used beside it.
  RedisLister(RedisPipeline* redis, const AcceptingFleet& fleet);

  // Lists until `end`, and returns how many rows were listed.
  //
  // DATA_LOSS: an endpoint has too few, or a connection is not there.
  // UNAVAILABLE: the server does not answer.
  absl::StatusOr<uint64_t> Run(absl::Time end);

 private:
  absl::Status Ask();
  absl::Status TakeMembers();
  absl::Status TakeHashes(size_t count);

  RedisPipeline& redis_;
  std::vector<std::string> questions_;
  size_t asked_ = 0;
  // What is on its way, in order: so many hashes, or if 0 the members of a set.
  std::deque<size_t> expected_;
  uint64_t rows_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_REDIS_LISTER_H_
