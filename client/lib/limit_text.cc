#include "client/lib/limit_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace connreg {
namespace {

absl::string_view WhatIsLimited(v1::RowLimit limit) {
  switch (limit) {
    case v1::ROW_LIMIT_ROWS_PER_REPORTER:
      return "rows of one reporter";
    case v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE:
      return "connections of one four-tuple";
    case v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT:
      return "listeners of one endpoint on a host";
    case v1::ROW_LIMIT_NAMESPACES_PER_REPORTER:
      return "address lists of one reporter";
    case v1::ROW_LIMIT_PREFIXES_PER_REPORTER:
      return "prefixes of one reporter";
    case v1::ROW_LIMIT_REPORTERS:
      return "reporters";
    default:
      return "rows";
  }
}

}  // namespace

bool KeepsOutRows(v1::RowLimit limit) {
  return limit != v1::ROW_LIMIT_NAMESPACES_PER_REPORTER &&
         limit != v1::ROW_LIMIT_PREFIXES_PER_REPORTER;
}

std::string LimitText(const v1::LimitReached& reached) {
  const std::string& name = v1::RowLimit_Name(reached.limit());
  return absl::StrCat("the service takes at most ", reached.value(), " ",
                      WhatIsLimited(reached.limit()), " (",
                      name.empty() ? "?" : name, ")");
}

}  // namespace connreg
