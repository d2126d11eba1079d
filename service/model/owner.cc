#include "service/model/owner.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace connreg {

size_t TextSize(const Process& process) {
  size_t size = process.name.size() + process.user.size() +
                process.executable.size() + process.cgroup.size();
  for (const std::string& argument : process.arguments)
    size += argument.size() + 1;
  return size;
}

Owners Owners::Unknown(OwnerUnknownReason reason) {
  Owners owners;
  owners.unknown_reason_ = reason;
  return owners;
}

Owners Owners::Known(std::vector<Process> processes) {
  // What follows the start time makes the order total, so that the result does
  // not depend on that of `processes`.
  const auto order = [](const Process& process) {
    return std::tie(process.pid, process.start_time, process.name, process.uid,
                    process.user, process.executable, process.cgroup,
                    process.arguments, process.arguments_cut);
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
  owners.processes_ =
      std::make_shared<const std::vector<Process>>(std::move(processes));
  return owners;
}

const std::vector<Process>& Owners::processes() const {
  static const std::vector<Process>& none = *new std::vector<Process>();
  return processes_ ? *processes_ : none;
}

bool Owners::operator==(const Owners& other) const {
  if (unknown_reason_ != other.unknown_reason_) return false;
  if (processes_ == other.processes_) return true;
  return processes() == other.processes();
}

}  // namespace connreg
