#include "client/cli/version.h"

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/csv.h"
#include "client/cli/examples.h"
#include "google/protobuf/struct.pb.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {

absl::string_view Version() { return CONNREG_VERSION; }

absl::StatusOr<ExitCode> PrintVersions(
    const absl::StatusOr<v1::GetStatusResponse>& status, const Output& output) {
  if (output.format == OutputFormat::kCsv) {
    std::vector<std::pair<std::string, std::string>> versions = {
        {"client", std::string(Version())}};
    if (status.ok())
      versions.push_back({"server", Displayable(status->version())});
    output.out << CsvOfValues(versions);
    return ExitCode::kDone;
  }
  if (IsForPeople(output.format)) {
    output.out << "connreg " << Version() << '\n';
    if (status.ok())
      output.out << "connregd " << Displayable(status->version()) << '\n';
    return ExitCode::kDone;
  }
  google::protobuf::Struct versions;
  auto& fields = *versions.mutable_fields();
  fields["client"].set_string_value(std::string(Version()));
  if (status.ok()) fields["server"].set_string_value(status->version());
  RETURN_IF_ERROR(WriteJson(versions, output));
  return ExitCode::kDone;
}

void AddVersion(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "version",
      "The version of this program, and of the service if it answers");
  AddExamples(app,
              {{"connreg version", "both versions"},
               {"connreg version --output json", "the same for a program"}});
  app->callback([action] {
    action->awaits_service = false;
    action->perform = [](Client& client, const Output& output) {
      return PrintVersions(client.GetStatus(), output);
    };
  });
}

}  // namespace connreg::cli
