#ifndef CONNREG_CLIENT_CLI_EXIT_CODE_H_
#define CONNREG_CLIENT_CLI_EXIT_CODE_H_

namespace connreg::cli {

// What connreg tells the shell.
enum class ExitCode {
  // Found, or done.
  kDone = 0,
  // Nothing found, an empty list, no such row to take away, or a service that
  // says of itself that it is not serving.
  kAbsent = 1,
  // The command line is wrong, or the service calls the request malformed.
  kUsage = 2,
  // The service does not answer, or cannot do it.
  kNoAnswer = 3,
  // It was answered, but the answer may lack something: see v1.Coverage.
  kPartial = 4,
};

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_EXIT_CODE_H_
