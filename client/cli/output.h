#ifndef CONNREG_CLIENT_CLI_OUTPUT_H_
#define CONNREG_CLIENT_CLI_OUTPUT_H_

#include <cstddef>
#include <optional>
#include <ostream>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "service/base/clock.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

enum class OutputFormat {
  // For people.
  kTable,
  // The whole response as one JSON document.
  kJson,
  // One JSON document a line: a row each.
  kNdjson,
};

// Where a command writes, and how.
struct Output {
  OutputFormat format = OutputFormat::kTable;
  // What was asked for.
  std::ostream& out;
  // Remarks and errors.
  std::ostream& err;
  // The columns of the terminal that `out` is; unset if it is none.
  std::optional<size_t> width;
  // By which the ages of what is told are counted.
  const Clock& clock;
};

// Writes `message` in proto3's JSON: over several lines, or for kNdjson on one.
//
// REQUIRES: output.format is not kTable.
absl::Status WriteJson(const google::protobuf::Message& message,
                       const Output& output);

// The same for each of `rows`.
template <typename Rows>
absl::Status WriteEachAsJson(const Rows& rows, const Output& output) {
  for (const auto& row : rows) RETURN_IF_ERROR(WriteJson(row, output));
  return absl::OkStatus();
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_OUTPUT_H_
