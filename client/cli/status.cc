#include "client/cli/status.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/coverage.h"
#include "client/cli/csv.h"
#include "client/cli/examples.h"
#include "client/cli/facts.h"
#include "client/cli/wording.h"
#include "client/lib/limit_text.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

void PrintLine(absl::string_view name, const absl::AlphaNum& value,
               const Output& output) {
  output.out << absl::StreamFormat("%-13s  %s\n", name, value.Piece());
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

// What has to come to pass before answers no longer say that it is syncing.
std::string SyncingText(const v1::Coverage& coverage) {
  const uint32_t expected = coverage.expected_host_count();
  return absl::StrCat(
      "hosts may not have come back yet; until connregd --sync-time is over",
      expected > 0 ? absl::StrCat(" or ", CountText(expected, "host"),
                                  expected == 1 ? " is back" : " are back")
                   : "",
      ", and no host is syncing, or twice that time is over");
}

void PrintCompleteness(const v1::GetStatusResponse& response,
                       const Output& output) {
  const v1::Coverage& coverage = response.coverage();
  PrintLine("coverage",
            IsPartial(coverage)
                ? absl::StrCat("partial: ", PartialText(coverage, ""))
                : "complete",
            output);
  if (coverage.syncing()) PrintLine("syncing", SyncingText(coverage), output);
  PrintLine("live hosts", LiveText(coverage), output);
  PrintLine("syncing hosts", coverage.syncing_host_count(), output);
  PrintLine("stale hosts", StaleText(response), output);
  if (response.has_expiry_held_time()) {
    PrintLine(
        "expiry held",
        absl::StrCat("since ",
                     TimeText(response.expiry_held_time(), output.style()),
                     ": so many hosts went silent at once that stale "
                     "ones keep their rows until fewer are (connregd "
                     "--hold-expiry)"),
        output);
  }
  PrintLine("sessions", response.session_count(), output);
  PrintLine("divergences", response.divergence_count(), output);
}

void PrintForPeople(const v1::GetStatusResponse& response,
                    const Output& output) {
  const v1::Coverage& coverage = response.coverage();
  const Style style = output.style();
  PrintLine("version", Displayable(response.version()), output);
  PrintLine("started", TimeText(response.start_time(), style), output);
  PrintLine("run", Displayable(coverage.run_id()), output);
  PrintLine("revision", coverage.revision(), output);
  PrintCompleteness(response, output);
  PrintLine("reporters", response.reporter_count(), output);
  PrintLine("observations", response.observation_count(), output);
  PrintLine("listeners", response.listener_count(), output);
  PrintLine("closed", absl::StrCat(response.closed_count(), " remembered"),
            output);
  PrintLine("forgotten",
            absl::StrCat("nothing since ",
                         TimeText(response.not_seen_since_time(), style)),
            output);
  for (const v1::LimitReached& limit : response.limits()) {
    if (limit.refused_count() == 0 && style.format == OutputFormat::kTable)
      continue;
    PrintLine("refused",
              absl::StrCat(limit.refused_count(), ": ", LimitText(limit)),
              output);
  }
}

std::string CsvOf(const v1::GetStatusResponse& response) {
  const v1::Coverage& coverage = response.coverage();
  std::vector<std::pair<std::string, std::string>> values;
  const auto add = [&](absl::string_view name, const absl::AlphaNum& value) {
    values.push_back({std::string(name), std::string(value.Piece())});
  };
  add("version", Displayable(response.version()));
  add("start_time", TimeFact(response.start_time()));
  add("run_id", Displayable(coverage.run_id()));
  add("revision", coverage.revision());
  add("syncing", FlagFact(coverage.syncing()));
  add("live_host_count", coverage.live_host_count());
  add("syncing_host_count", coverage.syncing_host_count());
  add("stale_host_count", coverage.stale_host_count());
  add("expected_host_count", NumberFact(coverage.expected_host_count()));
  add("gapped_host_count", coverage.gapped_host_count());
  add("limited_reporter_count", coverage.limited_reporter_count());
  add("expiry_held_time", TimeFact(response.expiry_held_time()));
  add("session_count", response.session_count());
  add("divergence_count", response.divergence_count());
  add("reporter_count", response.reporter_count());
  add("observation_count", response.observation_count());
  add("listener_count", response.listener_count());
  add("closed_count", response.closed_count());
  add("not_seen_since_time", TimeFact(response.not_seen_since_time()));
  add("grace_seconds", SecondsFact(response.grace()));
  for (const v1::LimitReached& limit : response.limits()) {
    const std::string name = EnumFact(limit.limit());
    add(absl::StrCat("limit_", name), limit.value());
    add(absl::StrCat("refused_", name), limit.refused_count());
  }
  return CsvOfValues(values);
}

}  // namespace

absl::StatusOr<ExitCode> Print(const v1::GetStatusResponse& response,
                               const Output& output) {
  if (IsForPeople(output.format)) {
    PrintForPeople(response, output);
  } else if (output.format == OutputFormat::kCsv) {
    output.out << CsvOf(response);
  } else {
    RETURN_IF_ERROR(WriteJson(response, output));
  }
  return ExitCode::kDone;
}

void AddStatus(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "status",
      "What the service is, how much it holds, and how complete that is");
  AddExamples(
      app,
      {{"connreg status", "version, hosts and rows of the service"},
       {"connreg status --output json", "the same for a program"},
       {"connreg status --wait 30s", "as soon as the service has started"}});
  app->callback([action] {
    action->perform = [](Client& client,
                         const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::GetStatusResponse response,
                       client.GetStatus());
      return Print(response, output);
    };
  });
}

}  // namespace connreg::cli
