#include "service/core/agent_runs.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace connreg {
namespace {

constexpr size_t kMaxFollowed = 16;

}  // namespace

bool AgentRuns::IsFollowed(const std::string& instance) const {
  return std::find(followed_.begin(), followed_.end(), instance) !=
         followed_.end();
}

void AgentRuns::Accept(const std::string& instance) {
  if (instance == instance_) return;
  std::erase(followed_, instance);
  if (!instance_.empty()) followed_.push_back(std::move(instance_));
  if (followed_.size() > kMaxFollowed) followed_.pop_front();
  instance_ = instance;
}

}  // namespace connreg
