#include "tests/bench/redis_pipeline.h"

#include "absl/strings/str_cat.h"

namespace connreg {

void AppendCommand(const std::vector<absl::string_view>& words,
                   std::string* commands) {
  absl::StrAppend(commands, "*", words.size(), "\r\n");
  for (const absl::string_view word : words)
    absl::StrAppend(commands, "$", word.size(), "\r\n", word, "\r\n");
}

absl::StatusOr<std::unique_ptr<RedisPipeline>> RedisPipeline::Connect(
    int port) {
  redisContext* const context = redisConnect("127.0.0.1", port);
  if (context == nullptr) return absl::UnavailableError("no memory");
  std::unique_ptr<RedisPipeline> pipeline(new RedisPipeline(context));
  if (context->err != 0)
    return absl::UnavailableError(absl::StrCat("redis: ", context->errstr));
  return pipeline;
}

RedisPipeline::RedisPipeline(redisContext* context)
    : functions_{.createString = NoteString,
                 .createArray = NoteArray,
                 .createInteger = NoteInteger,
                 .createNil = NoteNil,
                 .freeObject = Forget},
      context_(context) {
  context->reader->fn = &functions_;
  context->reader->privdata = this;
  // Keeps its buffer for the next reply.
  context->reader->maxbuf = 0;
}

absl::Status RedisPipeline::Send(absl::string_view commands) {
  redisAppendFormattedCommand(context_.get(), commands.data(), commands.size());
  int done = 0;
  while (done == 0) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK)
      return absl::UnavailableError(absl::StrCat("redis: ", context_->errstr));
  }
  return absl::OkStatus();
}

absl::Status RedisPipeline::Take(std::vector<std::string>* strings) {
  strings_ = strings;
  void* reply = nullptr;
  const int result = redisGetReply(context_.get(), &reply);
  strings_ = nullptr;
  if (result != REDIS_OK)
    return absl::UnavailableError(absl::StrCat("redis: ", context_->errstr));
  if (!error_.empty())
    return absl::DataLossError(absl::StrCat("redis: ", error_));
  return absl::OkStatus();
}

void* RedisPipeline::NoteString(const redisReadTask* task, char* bytes,
                                size_t size) {
  RedisPipeline& pipeline = Of(task);
  if (task->type == REDIS_REPLY_ERROR) pipeline.error_.assign(bytes, size);
  ++pipeline.tally_.strings;
  pipeline.tally_.string_bytes += size;
  if (pipeline.strings_ != nullptr)
    pipeline.strings_->emplace_back(bytes, size);
  return &pipeline;
}

void* RedisPipeline::NoteArray(const redisReadTask* task, int) {
  return &Of(task);
}

void* RedisPipeline::NoteInteger(const redisReadTask* task, long long) {
  ++Of(task).tally_.integers;
  return &Of(task);
}

void* RedisPipeline::NoteNil(const redisReadTask* task) {
  ++Of(task).tally_.nils;
  return &Of(task);
}

}  // namespace connreg
