#include "client/cli/side_options.h"

#include <CLI/CLI.hpp>

#include "client/cli/arguments.h"
#include "service/base/status_macros.h"
#include "service/flags/flag.h"

namespace connreg::cli {

void AddSideOptions(CLI::App* app, SideOptions* options) {
  app->add_option("CLIENT", options->client, "The end that initiated it")
      ->required()
      ->type_name("");
  app->add_option("SERVER", options->server, "The end that accepted it")
      ->required()
      ->type_name("");
  flags::AddChoice(app,
                   {.name = "--side", .help = "Whose end of it the host has"},
                   {"client", "server"}, &options->side);
}

absl::StatusOr<v1::Observation> SideOf(const SideOptions& options) {
  ASSIGN_OR_RETURN(const v1::Endpoint client,
                   ParseEndpoint("CLIENT", options.client));
  ASSIGN_OR_RETURN(const v1::Endpoint server,
                   ParseEndpoint("SERVER", options.server));
  v1::Observation side;
  *side.mutable_local() = options.is_server() ? server : client;
  *side.mutable_remote() = options.is_server() ? client : server;
  return side;
}

}  // namespace connreg::cli
