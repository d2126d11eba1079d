#include "client/cli/status.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/cli/wording.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

void PrintLine(absl::string_view name, const absl::AlphaNum& value,
               const Output& output) {
  output.out << absl::StreamFormat("%-12s  %s\n", name, value.Piece());
}

void PrintAsTable(const v1::GetStatusResponse& response, const Output& output) {
  const v1::Coverage& coverage = response.coverage();
  PrintLine("version", Displayable(response.version()), output);
  PrintLine("started", TimeText(response.start_time()), output);
  PrintLine("run", Displayable(coverage.run_id()), output);
  PrintLine("revision", coverage.revision(), output);
  PrintLine("live hosts", coverage.live_host_count(), output);
  PrintLine("reporters", response.reporter_count(), output);
  PrintLine("observations", response.observation_count(), output);
  PrintLine("listeners", response.listener_count(), output);
}

}  // namespace

absl::StatusOr<ExitCode> Print(const v1::GetStatusResponse& response,
                               const Output& output) {
  if (output.format == OutputFormat::kTable) {
    PrintAsTable(response, output);
  } else {
    RETURN_IF_ERROR(WriteJson(response, output));
  }
  return ExitCode::kDone;
}

void AddStatus(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "status", "What the service is, and how much it holds");
  app->callback([action] {
    *action = [](Client& client,
                 const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::GetStatusResponse response,
                       client.GetStatus());
      return Print(response, output);
    };
  });
}

}  // namespace connreg::cli
