#ifndef CONNREG_CLIENT_AGENT_GAPS_H_
#define CONNREG_CLIENT_AGENT_GAPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/model/coverage.h"

namespace connreg {

// How many gaps a report may have.
inline constexpr size_t kMaxGaps = 16;

// A gap whose description is cut to what a report takes. It reads "SUBJECT:
// REASON", where the subject is the same from one look to the next.
CoverageGap GapOf(GapKind kind, std::string description);

// What a gap's description is about, without the reason.
absl::string_view SubjectOf(absl::string_view description);

// Gaps gathers what is not seen of a host: the same of several network
// namespaces once, and no more than a report may have.
//
// Not thread-safe.
class Gaps {
 public:
  // `netns` is what people know the network namespace by; empty: it is the
  // agent's own, or the gap is of the host as a whole.
  void Add(const CoverageGap& gap, absl::string_view netns = "");

  // In the order in which they came. What there is no room for is summed up in
  // the last, which makes answers partial if any of it does.
  std::vector<CoverageGap> Take() &&;

 private:
  struct Gap {
    CoverageGap gap;
    std::string netns;
    bool is_of_several = false;
  };

  std::vector<Gap> gaps_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_GAPS_H_
