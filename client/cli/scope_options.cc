#include "client/cli/scope_options.h"

#include <CLI/CLI.hpp>

#include "client/cli/arguments.h"
#include "service/flags/flag.h"

namespace connreg::cli {

void AddScopeOptions(CLI::App* app, ScopeOptions* options) {
  app->add_option("--host", options->host, "Only what this host reports")
      ->type_name("NAME")
      ->check(NameError);
  AddNetworkOption(app, &options->network);
  flags::AddChoice(app, {.name = "--transport", .help = "Only one of them"},
                   {"tcp", "udp"}, &options->transport);
}

void AddNetworkOption(CLI::App* app, std::string* network) {
  app->add_option("--network", *network, "Only this address space")
      ->type_name("NAME")
      ->check(NameError);
}

}  // namespace connreg::cli
