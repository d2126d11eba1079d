#include "client/cli/health.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/csv.h"
#include "client/cli/examples.h"
#include "service/base/status_macros.h"
#include "service/flags/flag.h"

namespace connreg::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

constexpr flags::DurationRange kPatience = {absl::ZeroDuration(),
                                            absl::Hours(24)};

// The name of `service` in grpc.health.v1.
std::string FullName(const std::string& service) {
  if (service == "registry") return "connreg.v1.RegistryService";
  if (service == "reporting") return "connreg.v1.ReportingService";
  return "";
}

// "not_serving"; "?" for a status that this build does not know.
std::string StatusFact(const HealthCheckResponse& response) {
  const std::string& name =
      HealthCheckResponse::ServingStatus_Name(response.status());
  return name.empty() ? "?" : absl::AsciiStrToLower(name);
}

// Why it does not serve, as far as its status can tell, and what to do.
std::string WhyNot(const HealthOptions& options,
                   const HealthCheckResponse& response) {
  if (response.status() != HealthCheckResponse::NOT_SERVING)
    return absl::StrCat("the service says \"", StatusFact(response), "\"");
  const bool waited = options.until_serving > absl::ZeroDuration();
  const std::string still =
      waited ? absl::StrCat("still so after ",
                            absl::FormatDuration(options.until_serving), ": ")
             : "";
  const absl::string_view why =
      options.service == "registry"
          ? "hosts have not had the time to come back since the service "
            "started, or it is draining"
          : "the service is draining: it stops after the calls in flight";
  return absl::StrCat(still, why,
                      waited ? "" : "; to wait for it: --until-serving 1m");
}

absl::StatusOr<HealthCheckResponse> Ask(Client& client,
                                        const HealthOptions& options) {
  const std::string service = FullName(options.service);
  return options.until_serving > absl::ZeroDuration()
             ? client.AwaitServing(service, options.until_serving)
             : client.CheckHealth(service);
}

}  // namespace

absl::StatusOr<ExitCode> Print(const HealthOptions& options,
                               const HealthCheckResponse& response,
                               const Output& output) {
  const bool serving = response.status() == HealthCheckResponse::SERVING;
  if (IsForPeople(output.format)) {
    output.out << (serving ? "serving" : "not serving") << '\n';
    if (!serving) output.err << WhyNot(options, response) << '\n';
  } else if (output.format == OutputFormat::kCsv) {
    output.out << CsvOfValues({{"service", FullName(options.service)},
                               {"status", StatusFact(response)}});
  } else {
    RETURN_IF_ERROR(WriteJson(response, output));
  }
  return serving ? ExitCode::kDone : ExitCode::kAbsent;
}

void AddHealth(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "health", "Whether the service serves, for scripts and probes");
  const auto options = std::make_shared<HealthOptions>();
  flags::AddChoice(
      app,
      {.name = "SERVICE",
       .help = "Only the service for readers (registry), which serves once "
               "hosts have had the time to come back, or that for reporters "
               "(reporting)"},
      {"registry", "reporting"}, &options->service);
  flags::AddDuration(app,
                     {.name = "--until-serving",
                      .help = "Wait until it serves, at most so long, whatever "
                              "--wait and --timeout say; 0s asks once"},
                     kPatience, &options->until_serving);
  AddExamples(app,
              {{"connreg health", "whether the service is up, by exit code"},
               {"connreg health --wait 0s --timeout 2s",
                "the same as a probe asks it, at once"},
               {"connreg health registry --until-serving 1m",
                "go on when answers are whole"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const HealthCheckResponse response,
                       Ask(client, *options));
      return Print(*options, response, output);
    };
  });
}

}  // namespace connreg::cli
