#include "service/model/process.h"

namespace connreg {

size_t TextSize(const Process& process) {
  size_t size = process.name.size() + process.user.size() +
                process.executable.size() + process.cgroup.size();
  for (const std::string& argument : process.arguments)
    size += argument.size() + 1;
  return size;
}

}  // namespace connreg
