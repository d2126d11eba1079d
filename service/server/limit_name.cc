#include "service/server/limit_name.h"

namespace connreg {

absl::string_view NameOf(RowLimit limit) {
  switch (limit) {
    case RowLimit::kRows:
      return "rows";
    case RowLimit::kRowsPerReporter:
      return "rows_per_reporter";
    case RowLimit::kRowsPerFourTuple:
      return "rows_per_four_tuple";
    case RowLimit::kListenersPerEndpoint:
      return "listeners_per_endpoint";
    case RowLimit::kNamespacesPerReporter:
      return "namespaces_per_reporter";
    case RowLimit::kPrefixesPerReporter:
      return "prefixes_per_reporter";
    case RowLimit::kReporters:
      return "reporters";
  }
  return "unknown";
}

}  // namespace connreg
