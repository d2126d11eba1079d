#ifndef CONNREG_TESTS_BENCH_REDIS_PIPELINE_H_
#define CONNREG_TESTS_BENCH_REDIS_PIPELINE_H_

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg {

// Appends a command as it travels.
void AppendCommand(const std::vector<absl::string_view>& words,
                   std::string* commands);

// RedisPipeline sends commands over one connection without waiting for the
// replies to those before, and counts what replies hold in place of making
// objects of them, so that it is not what Redis waits for.
//
// Not thread-safe.
class RedisPipeline {
 public:
  // What one reply held, and all before it.
  struct Tally {
    uint64_t strings = 0;
    uint64_t string_bytes = 0;
    uint64_t integers = 0;
    uint64_t nils = 0;
  };

  // UNAVAILABLE: nobody answers at that port of 127.0.0.1.
  static absl::StatusOr<std::unique_ptr<RedisPipeline>> Connect(int port);

  // Commands as AppendCommand() makes them. They are on their way when this
  // returns.
  absl::Status Send(absl::string_view commands);
  // The next reply. Its strings are put into `strings`, unless that is null.
  //
  // DATA_LOSS: the reply is an error.
  absl::Status Take(std::vector<std::string>* strings = nullptr);

  const Tally& tally() const { return tally_; }

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };

  explicit RedisPipeline(redisContext* context);

  static RedisPipeline& Of(const redisReadTask* task) {
    return *static_cast<RedisPipeline*>(task->privdata);
  }
  // What hiredis calls for each part of a reply.
  static void* NoteString(const redisReadTask* task, char* bytes, size_t size);
  static void* NoteArray(const redisReadTask* task, int size);
  static void* NoteInteger(const redisReadTask* task, long long value);
  static void* NoteNil(const redisReadTask* task);
  static void Forget(void*) {}

  redisReplyObjectFunctions functions_;
  std::unique_ptr<redisContext, Free> context_;
  Tally tally_;
  std::string error_;
  std::vector<std::string>* strings_ = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_REDIS_PIPELINE_H_
