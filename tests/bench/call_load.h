#ifndef CONNREG_TESTS_BENCH_CALL_LOAD_H_
#define CONNREG_TESTS_BENCH_CALL_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/bench/latencies.h"

namespace connreg {

// One piece that holds a copy of `bytes`.
grpc::ByteBuffer BufferOf(const std::string& bytes);
// DATA_LOSS: the buffer cannot be read.
absl::StatusOr<std::string> BytesOf(const grpc::ByteBuffer& buffer);

// CallLoad makes unary calls of one method over one connection, many at a time,
// from the thread that runs it. Messages are bytes that were made ready before
// and are not looked at afterwards, so that it costs as little as gRPC allows.
//
// Not thread-safe.
class CallLoad {
 public:
  struct Options {
    // The method, as HTTP/2 names it.
    std::string path;
    size_t in_flight = 1;
    // Nothing is measured before `warm_up` has passed, and then for `measured`.
    absl::Duration warm_up;
    absl::Duration measured;
    // Answers that are shorter are not what was asked for.
    size_t least_response_bytes = 0;
    // The process whose processor time is measured. 0: none.
    pid_t server = 0;
    // Where the last answer is put, if anywhere.
    grpc::ByteBuffer* answer = nullptr;
  };

  struct Tally {
    Latencies latencies;
    absl::Duration elapsed;
    uint64_t response_bytes = 0;
    absl::Duration server_cpu;
  };

  // REQUIRES: !requests.empty()
  CallLoad(std::shared_ptr<grpc::Channel> channel,
           std::vector<grpc::ByteBuffer> requests, const Options& options);
  // Not while calls are in flight.
  ~CallLoad();

  // DATA_LOSS: an answer was too short.
  // NOT_FOUND: there is no such process.
  // Any other: how a call has failed.
  absl::StatusOr<Tally> Run();

 private:
  struct Call;
  enum class Phase : uint8_t { kWarmUp, kMeasured, kOver };

  void Start(Call* call);
  // An answer has come.
  absl::Status Take(const Call& call, absl::Time now);
  absl::Status Advance(absl::Time now);
  // Until there is nothing in flight.
  void Drain(size_t in_flight);
  absl::StatusOr<absl::Duration> ServerCpu() const;

  const Options options_;
  const std::vector<grpc::ByteBuffer> requests_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  size_t next_request_ = 0;
  Phase phase_ = Phase::kWarmUp;
  absl::Time phase_start_;
  Tally tally_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_CALL_LOAD_H_
