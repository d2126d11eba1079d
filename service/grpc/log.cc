#include "service/grpc/log.h"

#include "grpc/support/log.h"
#include "service/base/log.h"

namespace connreg {
namespace {

LogLevel LevelOf(gpr_log_severity severity) {
  switch (severity) {
    case GPR_LOG_SEVERITY_DEBUG:
      return LogLevel::kDebug;
    case GPR_LOG_SEVERITY_INFO:
      return LogLevel::kInfo;
    case GPR_LOG_SEVERITY_ERROR:
      return LogLevel::kError;
  }
  return LogLevel::kError;
}

}  // namespace

void LogGrpcMessages() {
  // One message for all, so that they are limited together: their texts differ.
  gpr_set_log_function([](gpr_log_func_args* args) {
    Log(LevelOf(args->severity), "grpc", {{"text", args->message}});
  });
}

}  // namespace connreg
