#ifndef CONNREG_SERVICE_FLAGS_LOG_FLAGS_H_
#define CONNREG_SERVICE_FLAGS_LOG_FLAGS_H_

#include <string>

#include "service/base/logger.h"

namespace CLI {
class App;
}

namespace connreg::flags {

// What --log-format and --log-level say: the flags of every program that keeps
// a log.
struct LogFlags {
  std::string format = "text";
  std::string level = "info";

  // REQUIRES: they are the defaults, or what a Program has set.
  Logger::Options options() const;
};

// Adds both flags. `flags` is to live as long as flag.h says of values.
void AddLogFlags(CLI::App* app, LogFlags* flags);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_LOG_FLAGS_H_
