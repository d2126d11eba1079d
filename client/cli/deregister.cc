#include "client/cli/deregister.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/csv.h"
#include "client/cli/examples.h"
#include "client/cli/wording.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

template <typename Options>
void SetAction(CLI::App* app, const std::shared_ptr<Options>& options,
               Action* action) {
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::DeregisterRequest request,
                       RequestOf(*options));
      ASSIGN_OR_RETURN(const v1::DeregisterResponse response,
                       client.Deregister(request));
      return Print(request, response, output);
    };
  });
}

void AddConnection(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "connection", "An end of a connection that was registered");
  const auto options = std::make_shared<DeregisterConnectionOptions>();
  AddSideOptions(app, &options->side);
  AddSocketOptions(app, &options->socket);
  AddReporterOptions(app, &options->reporter);
  AddExamples(app,
              {{"connreg deregister connection 10.0.0.9:51000 10.0.0.5:5432",
                "the client's end, of this host"},
               {"connreg deregister connection 10.0.0.9:51000 10.0.0.5:5432 "
                "--side server --host db1",
                "the server's"}});
  SetAction(app, options, action);
}

void AddListener(CLI::App* parent, Action* action) {
  CLI::App* const app =
      parent->add_subcommand("listener", "A listener that was registered");
  const auto options = std::make_shared<DeregisterListenerOptions>();
  app->add_option("ENDPOINT", options->endpoint, "Where it waits")
      ->required()
      ->type_name("");
  AddSocketOptions(app, &options->socket);
  AddReporterOptions(app, &options->reporter);
  AddExamples(
      app,
      {{"connreg deregister listener 10.0.0.5:5432", "that of this host"},
       {"connreg deregister listener '*:443' --host web1", "that of another"}});
  SetAction(app, options, action);
}

void AddAll(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "all", "All that this reporter said of this host, and its lease");
  const auto options = std::make_shared<DeregisterAllOptions>();
  AddReporterOptions(app, &options->reporter);
  AddExamples(app,
              {{"connreg deregister all", "what register said of this host"},
               {"connreg deregister all --host web1 --reporter deploy",
                "of another, under another name"}});
  SetAction(app, options, action);
}

}  // namespace

absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterConnectionOptions& options) {
  ASSIGN_OR_RETURN(v1::Observation row, SideOf(options.side));
  *row.mutable_socket() = SocketOf(options.socket);
  v1::DeregisterRequest request;
  *request.mutable_reporter() = ReporterOf(options.reporter);
  *request.add_connections() = std::move(row);
  return request;
}

absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterListenerOptions& options) {
  ASSIGN_OR_RETURN(const v1::Endpoint endpoint,
                   ParseEndpoint("ENDPOINT", options.endpoint));
  v1::DeregisterRequest request;
  *request.mutable_reporter() = ReporterOf(options.reporter);
  v1::Listener* const row = request.add_listeners();
  *row->mutable_socket() = SocketOf(options.socket);
  *row->mutable_local() = endpoint;
  return request;
}

absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterAllOptions& options) {
  v1::DeregisterRequest request;
  *request.mutable_reporter() = ReporterOf(options.reporter);
  request.set_all(true);
  return request;
}

absl::StatusOr<ExitCode> Print(const v1::DeregisterRequest& request,
                               const v1::DeregisterResponse& response,
                               const Output& output) {
  const bool found = response.removed_count() > 0;
  if (output.format == OutputFormat::kCsv) {
    output.out << CsvOfValues(
        {{"removed_count", absl::StrCat(response.removed_count())},
         {"absent_count", absl::StrCat(response.absent_count())}});
  } else if (!IsForPeople(output.format)) {
    RETURN_IF_ERROR(WriteJson(response, output));
  } else if (found) {
    output.out << "deregistered "
               << CountText(response.removed_count(), "socket") << '\n';
  } else {
    output.err << "nothing to deregister: reporter \""
               << OneLine(request.reporter().name()) << "\" of host \""
               << OneLine(request.reporter().host()) << "\" has no "
               << (request.all() ? "sockets" : "such socket") << '\n';
  }
  return found ? ExitCode::kDone : ExitCode::kAbsent;
}

void AddDeregister(CLI::App* app, Action* action) {
  CLI::App* const group = app->add_subcommand(
      "deregister", "Take back what register said, before its lease ends");
  group->require_subcommand(1);
  AddConnection(group, action);
  AddListener(group, action);
  AddAll(group, action);
  AddExamples(group, {{"connreg deregister listener 10.0.0.5:5432",
                       "nothing waits there any more"},
                      {"connreg deregister all --host web1",
                       "nor anywhere else on that host"}});
}

}  // namespace connreg::cli
