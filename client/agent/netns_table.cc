#include "client/agent/netns_table.h"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <utility>

#include "client/agent/netns_search.h"

namespace connreg {
namespace {

using Work = absl::FunctionRef<void()>;

// Runs `work` on a thread of its own, and waits for its end.
absl::Status RunAside(Work work) {
  pthread_t thread;
  const int error = pthread_create(
      &thread, nullptr,
      [](void* of_work) -> void* {
        (*static_cast<Work*>(of_work))();
        return nullptr;
      },
      &work);
  if (error != 0) return absl::ErrnoToStatus(error, "a thread to enter it");
  pthread_join(thread, nullptr);
  return absl::OkStatus();
}

// Moves the calling thread alone.
absl::Status Enter(const HeldNetns& netns) {
  if (!netns.file.ok()) return netns.file.status();
  if (setns(netns.file->get(), CLONE_NEWNET) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "setns");
}

}  // namespace

NetnsVisit LinuxNetnsTable::VisitAll(Visit visit) const {
  const NetnsFindings findings = FindNetns("/proc", kNetnsFolders);
  NetnsVisit result{.hidden_processes = findings.hidden_processes,
                    .listing = findings.listing};
  visit(findings.own, kernel_);
  if (findings.others.empty()) return result;
  const absl::Status started = RunAside([&] {
    for (const HeldNetns& netns : findings.others) {
      const absl::Status entered = Enter(netns);
      if (entered.ok())
        visit(netns.found, kernel_);
      else
        result.closed.push_back({netns.found, entered});
    }
  });
  if (!started.ok())
    for (const HeldNetns& netns : findings.others)
      result.closed.push_back({netns.found, started});
  return result;
}

}  // namespace connreg
