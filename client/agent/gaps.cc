#include "client/agent/gaps.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "service/base/utf8.h"

namespace connreg {
namespace {

// As many bytes as a gap's description may have.
constexpr size_t kMaxDescription = 255;

// The start of `text` of at most `limit` bytes that cuts no character in two.
absl::string_view StartOf(absl::string_view text, size_t limit) {
  size_t end = 0;
  while (end < text.size()) {
    const size_t length = FirstUtf8Character(text.substr(end)).length;
    const size_t next = end + (length == 0 ? 1 : length);
    if (next > limit) break;
    end = next;
  }
  return text.substr(0, end);
}

// "SUBJECT, PLACE: REASON".
std::string WithPlace(absl::string_view description, absl::string_view place) {
  const absl::string_view subject = SubjectOf(description);
  return absl::StrCat(subject, ", ", place, description.substr(subject.size()));
}

}  // namespace

CoverageGap GapOf(GapKind kind, std::string description) {
  description.resize(StartOf(description, kMaxDescription).size());
  return {kind, std::move(description)};
}

absl::string_view SubjectOf(absl::string_view description) {
  return description.substr(0, description.find(": "));
}

void Gaps::Add(const CoverageGap& gap, absl::string_view netns) {
  const auto known =
      absl::c_find_if(gaps_, [&](const Gap& one) { return one.gap == gap; });
  if (known == gaps_.end())
    gaps_.push_back({gap, std::string(netns)});
  else if (known->netns != netns)
    known->is_of_several = true;
}

std::vector<CoverageGap> Gaps::Take() && {
  std::vector<CoverageGap> all;
  for (const Gap& one : gaps_) {
    const std::string place =
        one.is_of_several ? "in several network namespaces"
                          : absl::StrCat("in network namespace ", one.netns);
    const bool is_elsewhere = one.is_of_several || !one.netns.empty();
    all.push_back(is_elsewhere ? GapOf(one.gap.kind,
                                       WithPlace(one.gap.description, place))
                               : one.gap);
  }
  if (all.size() <= kMaxGaps) return all;
  const auto rest = all.begin() + (kMaxGaps - 1);
  const auto partial = std::find_if(
      rest, all.end(),
      [](const CoverageGap& gap) { return MakesPartial(gap.kind); });
  const CoverageGap others =
      GapOf((partial == all.end() ? rest : partial)->kind,
            absl::StrCat("others: ", all.end() - rest,
                         " more gaps than a report has room for"));
  all.erase(rest, all.end());
  all.push_back(others);
  return all;
}

}  // namespace connreg
