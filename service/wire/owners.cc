#include "service/wire/owners.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/model/container.h"
#include "service/wire/enums.h"
#include "service/wire/process_limits.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Which argument-dependent lookup does not find: the first for messages, the
// second for times.
using connreg::CheckProcess;
using connreg::ToProto;

absl::Status CheckProcess(const v1::Process& proto) {
  return CheckProcess(ProcessView{
      .pid = proto.pid(),
      .name = proto.name(),
      .user = proto.user(),
      .executable = proto.executable(),
      .cgroup = proto.cgroup(),
      .arguments = {proto.arguments().begin(), proto.arguments().end()}});
}

absl::StatusOr<Process> ProcessFromProto(const v1::Process& proto) {
  RETURN_IF_ERROR(CheckProcess(proto));
  Process process{
      .pid = proto.pid(),
      .name = proto.name(),
      .user = proto.user(),
      .executable = proto.executable(),
      .cgroup = proto.cgroup(),
      .arguments = {proto.arguments().begin(), proto.arguments().end()},
      .arguments_cut = proto.arguments_cut()};
  if (proto.has_uid()) process.uid = proto.uid();
  if (proto.has_start_time()) {
    absl::StatusOr<absl::Time> start = TimeFromProto(proto.start_time());
    if (!start.ok()) return InField("start_time", start.status());
    process.start_time = *start;
  }
  return process;
}

absl::StatusOr<std::vector<Process>> ProcessesFromProto(
    const v1::Owners& proto) {
  RETURN_IF_ERROR(CheckProcessCount(proto.processes_size()));
  std::vector<Process> processes;
  size_t size = 0;
  for (int i = 0; i < proto.processes_size(); ++i) {
    absl::StatusOr<Process> process = ProcessFromProto(proto.processes(i));
    if (!process.ok())
      return InField(absl::StrCat("processes[", i, "]"), process.status());
    size += TextSize(*process);
    processes.push_back(*std::move(process));
  }
  RETURN_IF_ERROR(CheckOwnersTextSize(size));
  return processes;
}

// Its container's id, which ContainerIn() finds in lines of /proc/PID/cgroup.
std::string ContainerOf(const Process& process) {
  const std::string line = absl::StrCat("0::", process.cgroup);
  return std::string(ContainerIn(line));
}

void ToProto(const Process& process, v1::Process* proto) {
  proto->set_pid(process.pid);
  if (process.start_time != absl::Time())
    ToProto(process.start_time, proto->mutable_start_time());
  proto->set_name(process.name);
  proto->set_display_name(Displayable(process.name));
  if (process.uid) proto->set_uid(*process.uid);
  proto->set_user(process.user);
  proto->set_executable(process.executable);
  if (!process.cgroup.empty()) {
    proto->set_cgroup(process.cgroup);
    proto->set_container_id(ContainerOf(process));
  }
  for (const std::string& argument : process.arguments)
    proto->add_arguments(argument);
  proto->set_arguments_cut(process.arguments_cut);
}

}  // namespace

absl::StatusOr<Owners> OwnersFromProto(const v1::Owners& proto) {
  ASSIGN_OR_RETURN(const OwnerUnknownReason reason,
                   OwnerUnknownReasonFromProto(proto.unknown_reason()));
  if (proto.processes().empty()) return Owners::Unknown(reason);
  if (proto.unknown_reason() != v1::OWNER_UNKNOWN_REASON_UNSPECIFIED) {
    return InField(
        "unknown_reason",
        InvalidArgument("OWNER_KNOWN_AND_UNKNOWN",
                        "processes and a reason why there are none"));
  }
  ASSIGN_OR_RETURN(std::vector<Process> processes, ProcessesFromProto(proto));
  return Owners::Known(std::move(processes));
}

void ToProto(const Owners& owners, v1::Owners* proto) {
  if (!owners.known()) {
    proto->set_unknown_reason(ToProto(owners.unknown_reason()));
    return;
  }
  for (const Process& process : owners.processes())
    ToProto(process, proto->add_processes());
}

}  // namespace connreg
