#include "tests/unit/flags/tool_fixture.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/flags/flag.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {
namespace {

absl::Status CheckName(const std::string& text) {
  return absl::StrContains(text, " ") ? absl::InvalidArgumentError(absl::StrCat(
                                            "\"", text, "\" holds a blank"))
                                      : absl::OkStatus();
}

void AddCommands(CLI::App* app, std::string* ttl) {
  app->fallthrough();
  app->require_subcommand(0, 1);
  CLI::App* const group = app->add_subcommand("add", "Adds something");
  group->require_subcommand(1);
  CLI::App* const command = group->add_subcommand("row", "Adds a row");
  command->add_option("NAME", "What it is called")->required();
  AddText(command,
          {.name = "--ttl", .help = "How long it stays", .type = "DURATION"},
          CheckName, ttl);
  app->add_subcommand("status", "Says how it is");
}

}  // namespace

ToolTest::ToolTest() {
  std::string pattern = testing::TempDir() + "/tool-XXXXXX";
  file_ = absl::StrCat(mkdtemp(pattern.data()), "/tool.flags");
  for (const char* variable :
       {"CONNREG_GRACE", "CONNREG_SIZE", "CONNREG_MAX_ROWS", "CONNREG_FAST",
        "CONNREG_SLOW", "CONNREG_HOST", "CONNREG_FORMAT", "CONNREG_LISTEN"})
    unsetenv(variable);
}

ToolTest::~ToolTest() {
  unlink(file_.c_str());
  rmdir(file_.substr(0, file_.rfind('/')).c_str());
}

std::string ToolTest::FlagFile(const std::string& text) {
  std::ofstream(file_, std::ios::binary) << text;
  return file_;
}

absl::StatusOr<std::optional<std::string>> ToolTest::Parse(
    std::vector<std::string> words) {
  SetDefaults();
  Program program({.name = "tool",
                   .version = "1.2.3",
                   .summary = "Does things.",
                   .footer = "The end.\n"});
  Declare(&program);
  std::vector<const char*> argv = {"tool"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return program.Parse(static_cast<int>(argv.size()), argv.data());
}

void ToolTest::Take(const std::vector<std::string>& words) {
  EXPECT_THAT(Parse(words), IsOkAndHolds(std::nullopt));
}

std::string ToolTest::Printed(const std::vector<std::string>& words) {
  const auto parsed = Parse(words);
  EXPECT_THAT(parsed, IsOk());
  return parsed.ok() ? parsed->value_or("(nothing)") : "";
}

std::string ToolTest::Refusal(const std::vector<std::string>& words) {
  const auto parsed = Parse(words);
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(parsed.status().message());
}

void ToolTest::SetDefaults() {
  grace_ = absl::Minutes(2);
  size_ = 4 << 20;
  rows_ = 5'000'000;
  fast_ = false;
  slow_ = true;
  once_ = false;
  host_ = "web1";
  format_ = "table";
  listen_ = {"here"};
  ttl_ = "1h";
}

void ToolTest::Declare(Program* program) {
  CLI::App* const app = program->app();
  AddDuration(app, {.name = "--grace", .help = "How long"},
              {absl::ZeroDuration(), absl::Hours(24)}, &grace_);
  AddSize(app, {.name = "--size", .help = "How large"}, {64 << 10, 64 << 20},
          &size_);
  AddCount(app, {.name = "--max-rows", .help = "How many"}, {.min = 1}, &rows_);
  AddSwitch(app, {.name = "--fast", .help = "Hurries"}, &fast_);
  AddSwitch(app, {.name = "--slow", .help = "Does not"}, &slow_);
  AddSwitch(app, {.name = "--once", .help = "Ends", .command_line_only = true},
            &once_);
  AddText(app, {.name = "--host", .help = "Who", .type = "NAME"}, CheckName,
          &host_);
  AddChoice(app, {.name = "--format", .help = "In which form"},
            {"table", "json"}, &format_);
  AddList(app, {.name = "--listen", .help = "Where", .type = "ADDRESS"},
          CheckName, &listen_);
  AddCommands(app, &ttl_);
}

}  // namespace connreg::flags
