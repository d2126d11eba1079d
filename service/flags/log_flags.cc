#include "service/flags/log_flags.h"

#include <vector>

#include "service/flags/flag.h"

namespace connreg::flags {
namespace {

constexpr LogLevel kLevels[] = {LogLevel::kDebug, LogLevel::kInfo,
                                LogLevel::kWarning, LogLevel::kError};

constexpr char kText[] = "text";
constexpr char kJson[] = "json";

std::vector<std::string> LevelNames() {
  std::vector<std::string> names;
  for (const LogLevel level : kLevels) names.emplace_back(NameOf(level));
  return names;
}

}  // namespace

Logger::Options LogFlags::options() const {
  Logger::Options options;
  if (format == kJson) options.format = LogFormat::kJson;
  for (const LogLevel known : kLevels)
    if (level == NameOf(known)) options.level = known;
  return options;
}

void AddLogFlags(CLI::App* app, LogFlags* flags) {
  AddChoice(app,
            {.name = "--log-format",
             .help = "How the log is written to standard error: as logfmt, or "
                     "a JSON object a line"},
            {kText, kJson}, &flags->format);
  AddChoice(app,
            {.name = "--log-level",
             .help = "What is logged: lines of this level, and of those after "
                     "it"},
            LevelNames(), &flags->level);
}

}  // namespace connreg::flags
