#include <string>
#include <vector>

#include "client/cli/columns.h"
#include "client/cli/csv.h"
#include "client/cli/facts.h"
#include "client/cli/render.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using ShownAbsent = Plain<v1::Absent>;

std::vector<ColumnOf<ShownAbsent>> Columns() {
  return {
      {"", Shows::kNowhere, "absent_reason",
       [](const auto& absent) { return EnumFact(absent.row.reason()); }},
      {"", Shows::kNowhere, "not_seen_since_time",
       [](const auto& absent) {
         return TimeFact(absent.row.not_seen_since_time());
       }},
      {"", Shows::kNowhere, "stale_hosts",
       [](const auto& absent) {
         std::vector<std::string> hosts;
         for (const v1::StaleHost& host : absent.row.stale_hosts())
           hosts.push_back(Displayable(host.host()));
         return CsvList(hosts);
       }},
  };
}

}  // namespace

Table AbsentAsTable(const v1::Absent& absent, const Style& style) {
  return TableOf(Columns(), std::vector<const v1::Absent*>{&absent}, style);
}

}  // namespace connreg::cli
