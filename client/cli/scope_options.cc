#include "client/cli/scope_options.h"

#include <CLI/CLI.hpp>

#include "client/cli/arguments.h"

namespace connreg::cli {

void AddScopeOptions(CLI::App* app, ScopeOptions* options) {
  app->add_option("--host", options->host, "Only what this host reports")
      ->type_name("NAME")
      ->check(NameError);
  AddNetworkOption(app, &options->network);
  app->add_option("--transport", options->transport, "Only tcp, or only udp")
      ->type_name("TRANSPORT")
      ->check(CLI::IsMember({"tcp", "udp"}));
}

void AddNetworkOption(CLI::App* app, std::string* network) {
  app->add_option("--network", *network, "Only this address space")
      ->type_name("NAME")
      ->check(NameError);
}

}  // namespace connreg::cli
