#include "service/core/machine_claims.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace connreg {
namespace {

constexpr size_t kMaxDisplaced = 16;

}  // namespace

MachineClaims::Verdict MachineClaims::Judge(const std::string& boot_id,
                                            bool is_attached,
                                            bool has_leases) const {
  if (boot_id_.empty() || boot_id == boot_id_) return Verdict::kSame;
  if (is_attached) return Verdict::kTaken;
  const bool came_back = std::find(displaced_.begin(), displaced_.end(),
                                   boot_id) != displaced_.end();
  return came_back && has_leases ? Verdict::kTaken : Verdict::kNext;
}

void MachineClaims::Accept(const std::string& boot_id) {
  if (boot_id == boot_id_) return;
  std::erase(displaced_, boot_id);
  if (!boot_id_.empty()) displaced_.push_back(std::move(boot_id_));
  if (displaced_.size() > kMaxDisplaced) displaced_.pop_front();
  boot_id_ = boot_id;
}

}  // namespace connreg
