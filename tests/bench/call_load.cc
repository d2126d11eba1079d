#include "tests/bench/call_load.h"

#include <time.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// A server that does not answer is told of, not waited for.
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::Status Failed(const std::string& path, const grpc::Status& status) {
  return absl::UnavailableError(absl::StrCat(path, ": ", status.error_code(),
                                             ": ", status.error_message()));
}

}  // namespace

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

absl::StatusOr<std::string> BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok())
    return absl::DataLossError("a message that cannot be read");
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// A call in flight, and the tag that says that it is over.
struct CallLoad::Call {
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Time start;
};

CallLoad::CallLoad(std::shared_ptr<grpc::Channel> channel,
                   std::vector<grpc::ByteBuffer> requests,
                   const Options& options)
    : options_(options),
      requests_(std::move(requests)),
      stub_(std::move(channel)) {}

CallLoad::~CallLoad() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

absl::StatusOr<CallLoad::Tally> CallLoad::Run() {
  std::vector<Call> calls(options_.in_flight);
  phase_start_ = absl::Now();
  for (Call& call : calls) Start(&call);
  absl::Status status;
  size_t in_flight = calls.size();
  while (status.ok() && phase_ != Phase::kOver) {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    Call* const call = static_cast<Call*>(tag);
    const absl::Time now = absl::Now();
    status = Take(*call, now);
    if (status.ok()) status = Advance(now);
    if (status.ok() && phase_ != Phase::kOver)
      Start(call);
    else
      --in_flight;
  }
  Drain(in_flight);
  if (!status.ok()) return status;
  return tally_;
}

void CallLoad::Start(Call* call) {
  call->context.emplace();
  call->context->set_deadline(absl::ToChronoTime(phase_start_ + kPatience));
  call->response.Clear();
  call->start = absl::Now();
  call->reader = stub_.PrepareUnaryCall(&*call->context, options_.path,
                                        requests_[next_request_], &queue_);
  next_request_ = (next_request_ + 1) % requests_.size();
  call->reader->StartCall();
  call->reader->Finish(&call->response, &call->status, call);
}

absl::Status CallLoad::Take(const Call& call, absl::Time now) {
  if (!call.status.ok()) return Failed(options_.path, call.status);
  const size_t bytes = call.response.Length();
  if (bytes < options_.least_response_bytes) {
    return absl::DataLossError(
        absl::StrCat(options_.path, ": an answer of ", bytes,
                     " bytes, where right ones are ", "longer than ",
                     options_.least_response_bytes));
  }
  if (options_.answer != nullptr) *options_.answer = call.response;
  if (phase_ != Phase::kMeasured) return absl::OkStatus();
  tally_.latencies.Add(now - call.start);
  tally_.response_bytes += bytes;
  return absl::OkStatus();
}

absl::Status CallLoad::Advance(absl::Time now) {
  const absl::Duration elapsed = now - phase_start_;
  if (phase_ == Phase::kWarmUp && elapsed >= options_.warm_up) {
    phase_ = Phase::kMeasured;
    phase_start_ = now;
    ASSIGN_OR_RETURN(tally_.server_cpu, ServerCpu());
  } else if (phase_ == Phase::kMeasured && elapsed >= options_.measured) {
    phase_ = Phase::kOver;
    tally_.elapsed = elapsed;
    ASSIGN_OR_RETURN(const absl::Duration cpu, ServerCpu());
    tally_.server_cpu = cpu - tally_.server_cpu;
  }
  return absl::OkStatus();
}

void CallLoad::Drain(size_t in_flight) {
  void* tag = nullptr;
  bool ok = false;
  for (; in_flight > 0; --in_flight) queue_.Next(&tag, &ok);
}

absl::StatusOr<absl::Duration> CallLoad::ServerCpu() const {
  if (options_.server == 0) return absl::ZeroDuration();
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(options_.server, &clock) != 0 ||
      clock_gettime(clock, &time) != 0)
    return absl::NotFoundError(
        absl::StrCat("process ", options_.server, ": no such process"));
  return absl::DurationFromTimespec(time);
}

}  // namespace connreg
