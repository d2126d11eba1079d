#include "service/flags/program.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/status_macros.h"
#include "service/flags/complaint.h"
#include "service/flags/flag.h"
#include "service/flags/flag_file.h"
#include "service/flags/help.h"
#include "service/flags/sources.h"

namespace connreg::flags {
namespace {

absl::Status CheckPath(const std::string& path) {
  return path.empty() ? absl::InvalidArgumentError(
                            "the path is empty; write that of a file")
                      : absl::OkStatus();
}

}  // namespace

Program::Program(const Description& description)
    : version_(absl::StrCat(description.name, " ", description.version, "\n")),
      app_(std::make_unique<CLI::App>(description.summary, description.name)) {
  app_->footer(description.footer);
  app_->formatter_fn([](const CLI::App* app, const std::string& names,
                        CLI::AppFormatMode) { return HelpOf(*app, names); });
  app_->set_help_flag("-h,--help", "Print this, and exit");
  app_->set_version_flag("--version", version_, "Print the version, and exit");
  AddText(app_.get(),
          {.name = "--flagfile",
           .help = "A file of flags, one on each line; blank lines and those "
                   "that start with # are passed over",
           .type = "FILE",
           .command_line_only = true},
          CheckPath, &flag_file_);
}

Program::~Program() = default;

absl::StatusOr<std::optional<std::string>> Program::Parse(
    int argc, const char* const* argv) {
  RETURN_IF_ERROR(CheckWords(*app_, argc, argv));
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app_->help();
  } catch (const CLI::CallForVersion&) {
    return version_;
  } catch (const CLI::ParseError& error) {
    return ComplaintOf(*app_, error);
  }
  RETURN_IF_ERROR(SetFromEnvironment(app_.get()));
  if (!flag_file_.empty()) {
    ASSIGN_OR_RETURN(const std::vector<FlagLine> lines,
                     ReadFlagFile(flag_file_));
    RETURN_IF_ERROR(SetFromFile(lines, app_.get()));
  }
  return std::nullopt;
}

}  // namespace connreg::flags
