#ifndef CONNREG_SERVICE_MODEL_CONTAINER_H_
#define CONNREG_SERVICE_MODEL_CONTAINER_H_

#include "absl/strings/string_view.h"

namespace connreg {

// The id of the container that a process is in, of 64 hexadecimal digits, by
// `cgroup`, its /proc/PID/cgroup: container engines name a control group after
// each container, such as "docker-ID.scope" or "/kubepods/pod7/ID". Of nested
// containers it is the innermost. Empty: it is in none. Part of `cgroup`.
absl::string_view ContainerIn(absl::string_view cgroup);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_CONTAINER_H_
