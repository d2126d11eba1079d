#include "tests/bench/lookup_load.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/wire/socket.h"

namespace connreg {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(5);

// Of ascending `latencies`, the one that `share` of them are not above.
std::string AtShare(const std::vector<absl::Duration>& latencies,
                    double share) {
  const size_t place =
      static_cast<size_t>(share * static_cast<double>(latencies.size() - 1));
  return absl::StrFormat("%.1f ms",
                         absl::ToDoubleMilliseconds(latencies[place]));
}

}  // namespace

LookupLoad::LookupLoad(const RingFleet& fleet, std::unique_ptr<Client> client)
    : fleet_(fleet), client_(std::move(client)), thread_([this] { Run(); }) {}

LookupLoad::~LookupLoad() {
  ends_ = true;
  thread_.join();
}

void LookupLoad::Run() {
  std::mt19937 random;
  std::uniform_int_distribution<size_t> host(0, fleet_.hosts() - 1);
  std::uniform_int_distribution<size_t> number(0, fleet_.clients() - 1);
  while (!ends_) {
    Ask(host(random), number(random));
    absl::SleepFor(kPause);
  }
}

void LookupLoad::Ask(size_t host, size_t number) {
  const FourTuple tuple = fleet_.TupleOf(host, number);
  v1::LookupRequest request;
  ToProto(tuple.local(), request.mutable_four_tuple()->mutable_client());
  ToProto(tuple.remote(), request.mutable_four_tuple()->mutable_server());
  const absl::Time start = absl::Now();
  const absl::StatusOr<v1::LookupResponse> response = client_->Lookup(request);
  const absl::Duration took = absl::Now() - start;
  const MutexLock lock(mutex_);
  if (!response.ok()) {
    ++tally_.without_answer;
    return;
  }
  tally_.latencies.push_back(took);
  if (response->has_connections()) ++tally_.found;
}

std::string LookupLoad::Tell() {
  Tally tally;
  {
    const MutexLock lock(mutex_);
    std::swap(tally, tally_);
  }
  std::vector<absl::Duration>& latencies = tally.latencies;
  std::sort(latencies.begin(), latencies.end());
  return absl::StrCat(
      "lookups: ", latencies.size(), " answered, ", tally.found,
      " with the connection",
      latencies.empty()
          ? ""
          : absl::StrCat(" (median ", AtShare(latencies, 0.5), ", 99th ",
                         AtShare(latencies, 0.99), ", longest ",
                         AtShare(latencies, 1), ")"),
      "; ", tally.without_answer, " while no service was there");
}

}  // namespace connreg
