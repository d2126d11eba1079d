#ifndef CONNREG_CLIENT_CLI_EXAMPLES_H_
#define CONNREG_CLIENT_CLI_EXAMPLES_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace connreg::cli {

// A command line as people type it, and what it is for.
struct Example {
  std::string line;
  std::string purpose;
};

// Puts `examples` before what the help of `app` ends with.
//
// REQUIRES: the commands below `app` are there already, since they end with the
// same.
void AddExamples(CLI::App* app, const std::vector<Example>& examples);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_EXAMPLES_H_
