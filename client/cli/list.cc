#include "client/cli/list.h"

#include <CLI/CLI.hpp>

#include "client/cli/examples.h"
#include "client/cli/list_connections.h"
#include "client/cli/list_endpoints.h"
#include "client/cli/list_hosts.h"
#include "client/cli/list_listeners.h"

namespace connreg::cli {

void AddList(CLI::App* app, Action* action) {
  CLI::App* const group = app->add_subcommand(
      "list", "All connections, listeners, endpoints or hosts");
  group->require_subcommand(1);
  AddListConnections(group, action);
  AddListListeners(group, action);
  AddListEndpoints(group, action);
  AddListHosts(group, action);
  AddExamples(
      group,
      {{"connreg list connections",
        "every connection, with the process at each end"},
       {"connreg list listeners --host web1", "what listens on a host"},
       {"connreg list hosts --state stale", "which hosts have gone silent"}});
}

}  // namespace connreg::cli
