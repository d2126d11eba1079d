#include "tests/bench/redis_lister.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

constexpr size_t kListings = 20'000;
constexpr size_t kInFlight = 16;
// Of a hash that redis_load has told: five fields and their values.
constexpr size_t kStringsOfHash = 10;

}  // namespace

std::string RedisSetOf(const Endpoint& server) {
  return absl::StrCat("e:", server.ToString());
}

RedisLister::RedisLister(RedisPipeline* redis, const AcceptingFleet& fleet)
    : redis_(*redis) {
  for (size_t i = 0; i < kListings; ++i) {
    questions_.emplace_back();
    AppendCommand({"SMEMBERS", RedisSetOf(fleet.ServerOf(fleet.Draw(i)))},
                  &questions_.back());
  }
}

absl::StatusOr<uint64_t> RedisLister::Run(absl::Time end) {
  for (size_t i = 0; i < kInFlight; ++i) RETURN_IF_ERROR(Ask());
  while (!expected_.empty()) {
    const size_t hashes = expected_.front();
    expected_.pop_front();
    RETURN_IF_ERROR(hashes == 0 ? TakeMembers() : TakeHashes(hashes));
    if (hashes > 0 && absl::Now() < end) RETURN_IF_ERROR(Ask());
  }
  // The members, and their hashes.
  if (redis_.tally().strings != rows_ * (kStringsOfHash + 1))
    return absl::DataLossError("redis did not find each connection");
  return rows_;
}

absl::Status RedisLister::Ask() {
  expected_.push_back(0);
  return redis_.Send(questions_[asked_++ % questions_.size()]);
}

absl::Status RedisLister::TakeMembers() {
  std::vector<std::string> keys;
  RETURN_IF_ERROR(redis_.Take(&keys));
  if (keys.size() != AcceptingFleet::kConnectionsOfEndpoint)
    return absl::DataLossError("redis has another number of members");
  std::string commands;
  for (const std::string& key : keys)
    AppendCommand({"HGETALL", key}, &commands);
  expected_.push_back(keys.size());
  return redis_.Send(commands);
}

absl::Status RedisLister::TakeHashes(size_t count) {
  for (size_t i = 0; i < count; ++i) RETURN_IF_ERROR(redis_.Take());
  rows_ += count;
  return absl::OkStatus();
}

}  // namespace connreg
