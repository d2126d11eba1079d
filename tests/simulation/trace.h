#ifndef CONNREG_TESTS_SIMULATION_TRACE_H_
#define CONNREG_TESTS_SIMULATION_TRACE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "tests/simulation/timeline.h"

namespace connreg::simulation {

// Trace is what happened in a run, line by line, and the first thing in it that
// was wrong. Writing costs more than the run itself, so most runs keep no
// lines.
class Trace {
 public:
  Trace(const Timeline& timeline, bool keeps_lines)
      : timeline_(timeline), keeps_lines_(keeps_lines) {}

  template <typename... Parts>
  void Note(const Parts&... parts) {
    if (keeps_lines_) lines_.push_back(Line(parts...));
  }

  // The run ends here, and was wrong. Only the first time counts.
  template <typename... Parts>
  void Fail(const Parts&... parts) {
    if (!failure_.empty()) return;
    failure_ = Line("WRONG: ", parts...);
    if (keeps_lines_) lines_.push_back(failure_);
  }

  bool has_failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }
  const std::vector<std::string>& lines() const { return lines_; }

  // The last `count` lines.
  std::string Last(size_t count) const {
    const size_t first = lines_.size() - std::min(count, lines_.size());
    return absl::StrJoin(lines_.begin() + static_cast<std::ptrdiff_t>(first),
                         lines_.end(), "\n");
  }

 private:
  template <typename... Parts>
  std::string Line(const Parts&... parts) const {
    return absl::StrCat(
        absl::Dec(absl::ToInt64Microseconds(timeline_.now()), absl::kSpacePad9),
        " ", parts...);
  }

  const Timeline& timeline_;
  const bool keeps_lines_;
  std::vector<std::string> lines_;
  std::string failure_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_TRACE_H_
