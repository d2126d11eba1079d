#ifndef CONNREG_CLIENT_CLI_PROCESS_FACTS_H_
#define CONNREG_CLIENT_CLI_PROCESS_FACTS_H_

#include <vector>

#include "client/cli/facts.h"

namespace connreg::cli {

// What is known of the processes that hold a socket. In CSV each column is a
// list with as many texts as there are processes, or empty where nothing is
// known of any; kWide says what they have in common once.
std::vector<SocketFact> ProcessFacts();

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_PROCESS_FACTS_H_
