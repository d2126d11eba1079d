#ifndef CONNREG_CLIENT_CLI_OUTPUT_H_
#define CONNREG_CLIENT_CLI_OUTPUT_H_

#include <cstddef>
#include <optional>
#include <ostream>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/table.h"
#include "google/protobuf/message.h"
#include "service/base/clock.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

enum class OutputFormat {
  // For people: what most questions need, as wide as the terminal. Times are
  // ages.
  kTable,
  // For people who want to know more: nothing is left out or shortened, however
  // wide that is. Times are exact, as in all that follow.
  kWide,
  // For spreadsheets, and programs of few lines: rows under a header, whose
  // columns depend on the kind of row alone (see csv.h).
  kCsv,
  // For programs: the whole response as one JSON document.
  kJson,
  // One JSON document a line: a row each.
  kNdjson,
};

inline bool IsForPeople(OutputFormat format) {
  return format == OutputFormat::kTable || format == OutputFormat::kWide;
}

// How rows are shown.
struct Style {
  OutputFormat format;
  // What ages are counted to.
  absl::Time now;
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

  Style style() const { return {format, clock.Now()}; }
};

// Writes `table` in any format but JSON's; as CSV with its header.
void WriteTable(const Table& table, const Output& output);

// Writes `message` in proto3's JSON: over several lines, or for kNdjson on one.
//
// REQUIRES: output.format is one of JSON's.
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
