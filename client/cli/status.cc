#include "client/cli/status.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/wording.h"
#include "client/lib/limit_text.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

void PrintLine(absl::string_view name, const absl::AlphaNum& value,
               const Output& output) {
  output.out << absl::StreamFormat("%-12s  %s\n", name, value.Piece());
}

// "3", "3 of 5".
std::string LiveText(const v1::Coverage& coverage) {
  const uint32_t expected = coverage.expected_host_count();
  return absl::StrCat(coverage.live_host_count(),
                      expected > 0 ? absl::StrCat(" of ", expected) : "");
}

// "0", "1, kept for 10m".
std::string StaleText(const v1::GetStatusResponse& response) {
  const uint32_t stale = response.coverage().stale_host_count();
  const absl::StatusOr<absl::Duration> grace =
      DurationFromProto(response.grace());
  const bool is_kept = stale > 0 && grace.ok();
  return absl::StrCat(
      stale,
      is_kept ? absl::StrCat(", kept for ", absl::FormatDuration(*grace)) : "");
}

void PrintAsTable(const v1::GetStatusResponse& response, const Output& output) {
  const v1::Coverage& coverage = response.coverage();
  const absl::Time now = output.clock.Now();
  PrintLine("version", Displayable(response.version()), output);
  PrintLine("started", AgoText(response.start_time(), now), output);
  PrintLine("run", Displayable(coverage.run_id()), output);
  PrintLine("revision", coverage.revision(), output);
  if (coverage.syncing())
    PrintLine("syncing", "hosts may not have come back yet", output);
  PrintLine("live hosts", LiveText(coverage), output);
  PrintLine("stale hosts", StaleText(response), output);
  PrintLine("reporters", response.reporter_count(), output);
  PrintLine("observations", response.observation_count(), output);
  PrintLine("listeners", response.listener_count(), output);
  PrintLine("closed", absl::StrCat(response.closed_count(), " remembered"),
            output);
  PrintLine("forgotten",
            absl::StrCat("nothing since ",
                         AgoText(response.not_seen_since_time(), now)),
            output);
  for (const v1::LimitReached& limit : response.limits()) {
    if (limit.refused_count() == 0) continue;
    PrintLine("refused",
              absl::StrCat(limit.refused_count(), ": ", LimitText(limit)),
              output);
  }
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
