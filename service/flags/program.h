#ifndef CONNREG_SERVICE_FLAGS_PROGRAM_H_
#define CONNREG_SERVICE_FLAGS_PROGRAM_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}

namespace connreg::flags {

// Program is the command line of a program, with its environment and its flag
// file: the one place where it is decided which of them counts.
//
// What stands on the command line goes before the environment, that before the
// file of --flagfile, and that before the default. The environment variable of
// --max-rows is CONNREG_MAX_ROWS, and so on; an empty one is none. Which flags
// are taken from there, flag.h says. Every program has --flagfile, --help and
// --version, from the command line only.
//
// It prints nothing: what its caller is to print, it returns.
class Program {
 public:
  struct Description {
    // "connregd".
    std::string name;
    std::string version;
    // What it is or does, in a sentence or two.
    std::string summary;
    // Lines that end the help, such as the exit codes.
    std::string footer;
  };

  explicit Program(const Description& description);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  // What flags, arguments and commands are added to, before Parse().
  CLI::App* app() { return app_.get(); }

  // Sets what was declared. Returns the text to print instead of going on, for
  // --help and --version.
  //
  // INVALID_ARGUMENT: the usage is wrong. The message is one line, without the
  //   name of the program; for a wrong value it names the flag, the variable,
  //   or the line of the flag file.
  absl::StatusOr<std::optional<std::string>> Parse(int argc,
                                                   const char* const* argv);

 private:
  const std::string version_;
  // The path of --flagfile; empty unless given.
  std::string flag_file_;
  const std::unique_ptr<CLI::App> app_;
};

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_PROGRAM_H_
