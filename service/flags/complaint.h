#ifndef CONNREG_SERVICE_FLAGS_COMPLAINT_H_
#define CONNREG_SERVICE_FLAGS_COMPLAINT_H_

#include "absl/status/status.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace connreg::flags {

// What is wrong with the command line that `app` has just refused to parse, in
// our words, as an INVALID_ARGUMENT: one line, after the name of the command
// that it is about, and with where to look it up unless it says what to write.
absl::Status ComplaintOf(const CLI::App& app, const CLI::ParseError& error);

// INVALID_ARGUMENT: a word of the command line is one that CLI11 would take for
//   something else: "--name=", whose value it would take from the next word, or
//   "--no-name=value".
absl::Status CheckWords(const CLI::App& app, int argc, const char* const* argv);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_COMPLAINT_H_
