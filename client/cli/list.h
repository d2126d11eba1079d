#ifndef CONNREG_CLIENT_CLI_LIST_H_
#define CONNREG_CLIENT_CLI_LIST_H_

#include "client/cli/command.h"

namespace CLI {
class App;
}

namespace connreg::cli {

void AddList(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_H_
