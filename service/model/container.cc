#include "service/model/container.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace connreg {
namespace {

constexpr size_t kIdSize = 64;

bool IsHex(absl::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

// The id that the control group `name` is named after: alone, or behind the
// engine's name and a dash, or a colon where systemd's names are used without
// systemd. Empty: none.
absl::string_view IdIn(absl::string_view name) {
  absl::ConsumeSuffix(&name, ".scope");
  if (name.size() < kIdSize) return "";
  const absl::string_view id = name.substr(name.size() - kIdSize);
  const absl::string_view engine = name.substr(0, name.size() - kIdSize);
  // The monitor of a container runs beside it, not in it.
  const bool names_container =
      engine.empty() || ((engine.back() == '-' || engine.back() == ':') &&
                         !absl::EndsWith(engine, "conmon-"));
  return names_container && IsHex(id) ? id : "";
}

}  // namespace

absl::string_view ContainerIn(absl::string_view cgroup) {
  for (const absl::string_view line : absl::StrSplit(cgroup, '\n')) {
    // "4:memory:/docker/ID": the hierarchy, its controllers, the path.
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() < 3) continue;
    std::vector<absl::string_view> names = absl::StrSplit(parts[2], '/');
    std::reverse(names.begin(), names.end());
    for (const absl::string_view name : names)
      if (const absl::string_view id = IdIn(name); !id.empty()) return id;
  }
  return "";
}

}  // namespace connreg
