#ifndef CONNREG_SERVICE_MODEL_PROCESS_H_
#define CONNREG_SERVICE_MODEL_PROCESS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace connreg {

// A process. Its id and its start time name it, since ids are used again; the
// rest says what it is, as far as that is known. Texts are any bytes.
struct Process {
  int32_t pid = 0;
  absl::Time start_time;
  // The kernel's name of it (/proc/PID/comm).
  std::string name;
  // The effective user, and what the host calls that user.
  std::optional<uint32_t> uid;
  std::string user;
  // The file that it runs.
  std::string executable;
  // The path of its control group.
  std::string cgroup;
  // What it was started with, if that is reported at all, and whether there
  // was more.
  std::vector<std::string> arguments;
  bool arguments_cut = false;

  bool operator==(const Process&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Process& process) {
    return H::combine(std::move(h), process.pid, process.start_time,
                      process.name, process.uid, process.user,
                      process.executable, process.cgroup, process.arguments,
                      process.arguments_cut);
  }
};

// How many bytes its arguments may have, counting one more for each.
inline constexpr size_t kMaxArgumentsSize = 4096;

// How many bytes of text tell of it, counting one more for each argument.
size_t TextSize(const Process& process);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_PROCESS_H_
