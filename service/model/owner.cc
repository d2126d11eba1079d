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
  // The name makes the order total, so that the result does not depend on that
  // of `processes`.
  const auto order = [](const Process& process) {
    return std::tie(process.pid, process.start_time, process.name);
  };
  std::sort(processes.begin(), processes.end(),
            [&](const Process& a, const Process& b) {
              return std::make_tuple(a.pid == 1, order(a)) <
                     std::make_tuple(b.pid == 1, order(b));
            });
  processes.erase(std::unique(processes.begin(), processes.end(),
                              [](const Process& a, const Process& b) {
                                return a.pid == b.pid &&
                                       a.start_time == b.start_time;
                              }),
                  processes.end());
  Owners owners;
  owners.processes_ = std::move(processes);
  return owners;
}

}  // namespace connreg
