#include "client/cli/coverage.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/wording.h"

namespace connreg::cli {
namespace {

// "1 host is", "2 hosts are".
std::string HostsAre(uint32_t count) {
  return absl::StrCat(CountText(count, "host"), count == 1 ? " is" : " are");
}

std::string SyncingText(const v1::Coverage& coverage) {
  const uint32_t expected = coverage.expected_host_count();
  return absl::StrCat("syncing, ", HostsAre(coverage.live_host_count()),
                      " back",
                      expected > 0 ? absl::StrCat(" (of ", expected, ")") : "");
}

std::string LimitedText(uint32_t count) {
  return absl::StrCat(CountText(count, "reporter"),
                      count == 1 ? " was" : " were", " refused rows");
}

// How many of the hosts that there should be are not known.
uint32_t Missing(const v1::Coverage& coverage) {
  const uint32_t known = coverage.live_host_count() +
                         coverage.syncing_host_count() +
                         coverage.stale_host_count();
  const uint32_t expected = coverage.expected_host_count();
  return expected > known ? expected - known : 0;
}

}  // namespace

bool IsPartial(const v1::Coverage& coverage) {
  return coverage.syncing() || Missing(coverage) > 0 ||
         coverage.syncing_host_count() > 0 || coverage.stale_host_count() > 0 ||
         coverage.gapped_host_count() > 0 ||
         coverage.limited_reporter_count() > 0 || coverage.truncated();
}

v1::Coverage CoverageOfAll(const v1::Coverage& earlier,
                           const v1::Coverage& last) {
  v1::Coverage all = last;
  all.set_syncing(earlier.syncing() || last.syncing());
  all.set_syncing_host_count(
      std::max(earlier.syncing_host_count(), last.syncing_host_count()));
  all.set_stale_host_count(
      std::max(earlier.stale_host_count(), last.stale_host_count()));
  all.set_gapped_host_count(
      std::max(earlier.gapped_host_count(), last.gapped_host_count()));
  all.set_limited_reporter_count(std::max(earlier.limited_reporter_count(),
                                          last.limited_reporter_count()));
  all.set_truncated(earlier.truncated() || last.truncated());
  return all;
}

std::string PartialText(const v1::Coverage& coverage, absl::string_view rest) {
  std::vector<std::string> parts;
  if (coverage.syncing()) parts.push_back(SyncingText(coverage));
  if (!coverage.syncing() && Missing(coverage) > 0) {
    parts.push_back(absl::StrCat(HostsAre(Missing(coverage)), " missing (of ",
                                 coverage.expected_host_count(), ")"));
  }
  if (coverage.syncing_host_count() > 0) {
    parts.push_back(
        absl::StrCat(HostsAre(coverage.syncing_host_count()), " syncing"));
  }
  if (coverage.stale_host_count() > 0) {
    parts.push_back(
        absl::StrCat(HostsAre(coverage.stale_host_count()), " silent"));
  }
  if (coverage.gapped_host_count() > 0) {
    parts.push_back(
        absl::StrCat(HostsAre(coverage.gapped_host_count()),
                     " seen in part (connreg list hosts --output wide)"));
  }
  if (coverage.limited_reporter_count() > 0)
    parts.push_back(LimitedText(coverage.limited_reporter_count()));
  if (coverage.truncated()) {
    parts.push_back(absl::StrCat("there are more",
                                 rest.empty() ? "" : absl::StrCat(": ", rest)));
  }
  return absl::StrJoin(parts, "; ");
}

void TellCoverage(const v1::Coverage& coverage, absl::string_view rest,
                  const Output& output) {
  if (!IsPartial(coverage) || output.format == OutputFormat::kJson) return;
  output.err << "coverage: partial: " << PartialText(coverage, rest) << '\n';
}

}  // namespace connreg::cli
