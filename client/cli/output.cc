#include "client/cli/output.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/csv.h"
#include "google/protobuf/util/json_util.h"

namespace connreg::cli {

void WriteTable(const Table& table, const Output& output) {
  if (output.format == OutputFormat::kCsv) {
    output.out << CsvHeader(table) << CsvRows(table);
  } else {
    const bool fits = output.format == OutputFormat::kTable;
    output.out << FormatTable(table, fits ? output.width : std::nullopt);
  }
}

absl::Status WriteJson(const google::protobuf::Message& message,
                       const Output& output) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = output.format == OutputFormat::kJson;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat(
        message.GetTypeName(), " as JSON: ", std::string(status.message())));
  }
  output.out << absl::StripSuffix(json, "\n") << '\n';
  return absl::OkStatus();
}

}  // namespace connreg::cli
