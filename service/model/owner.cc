#include "service/model/owner.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace connreg {

Owners Owners::Unknown(OwnerUnknownReason reason) {
  Owners owners;
  owners.unknown_reason_ = reason;
  return owners;
}

Owners Owners::Known(std::vector<Process> processes) {
  std::vector<SharedProcess> shared;
  shared.reserve(processes.size());
  for (Process& process : processes)
    shared.push_back(Share(std::move(process)));
  return KnownShared(std::move(shared));
}

Owners Owners::KnownShared(std::vector<SharedProcess> processes) {
  // What follows the start time makes the order total, so that the result does
  // not depend on that of `processes`.
  const auto order = [](const Process& process) {
    return std::tie(process.pid, process.start_time, process.name, process.uid,
                    process.user, process.executable, process.cgroup,
                    process.arguments, process.arguments_cut);
  };
  std::sort(processes.begin(), processes.end(),
            [&](const SharedProcess& a, const SharedProcess& b) {
              return std::make_tuple(a->process.pid == 1, order(a->process)) <
                     std::make_tuple(b->process.pid == 1, order(b->process));
            });
  processes.erase(
      std::unique(processes.begin(), processes.end(),
                  [](const SharedProcess& a, const SharedProcess& b) {
                    return a->process.pid == b->process.pid &&
                           a->process.start_time == b->process.start_time;
                  }),
      processes.end());
  Owners owners;
  if (processes.size() == 1) {
    owners.set_ = std::move(processes.front());
  } else {
    processes.shrink_to_fit();
    owners.set_ = std::make_shared<const SetOfMany>(std::move(processes));
  }
  return owners;
}

uint64_t Owners::Digest(absl::FunctionRef<uint64_t()> make) const {
  if (set_ == nullptr) return make();
  // Two threads may both make it, and it is the same.
  uint64_t digest = set_->digest.load(std::memory_order_relaxed);
  if (digest == 0) {
    digest = make();
    set_->digest.store(digest, std::memory_order_relaxed);
  }
  return digest;
}

bool Owners::operator==(const Owners& other) const {
  if (unknown_reason_ != other.unknown_reason_) return false;
  if (set_ == other.set_) return true;
  const ProcessRange ours = processes();
  const ProcessRange theirs = other.processes();
  return ours.size() == theirs.size() &&
         std::equal(ours.begin(), ours.end(), theirs.begin(),
                    [](const Process& a, const Process& b) {
                      return &a == &b || a == b;
                    });
}

}  // namespace connreg
