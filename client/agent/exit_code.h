#ifndef CONNREG_CLIENT_AGENT_EXIT_CODE_H_
#define CONNREG_CLIENT_AGENT_EXIT_CODE_H_

namespace connreg {

// What connreg-agent tells whoever started it.
enum class ExitCode {
  // Everything that the host shows is reported.
  kReported = 0,
  // The service refused rows, or a part of the host could not be read.
  kIncomplete = 1,
  // The command line is wrong, or the service calls what it says malformed.
  kUsage = 2,
  // The service does not answer, or cannot do it.
  kNoAnswer = 3,
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_EXIT_CODE_H_
