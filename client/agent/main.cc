// connreg-agent reports the sockets of its host and network namespace.

#include <limits.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/agent/collector.h"
#include "client/agent/exit_code.h"
#include "client/agent/flags.h"
#include "client/agent/kernel.h"
#include "client/agent/proc.h"
#include "client/agent/run.h"
#include "client/lib/client.h"
#include "service/base/clock.h"

namespace connreg {
namespace {

std::string HostName() {
  // The last byte stays NUL: a name that is too long comes without one.
  std::array<char, HOST_NAME_MAX + 2> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Another one for each run.
std::string RunName() {
  return absl::StrCat("connreg-agent-once-",
                      absl::ToUnixMicros(Clock::System().Now()));
}

ExitCode Run(const Flags& flags) {
  const absl::StatusOr<std::unique_ptr<Client>> client =
      Client::Create(flags.server, {});
  if (!client.ok()) {
    std::cerr << ErrorLine(client.status()) << "\n";
    return ExitCodeOf(client.status());
  }
  const LinuxKernel kernel;
  const ProcFs processes("/proc");
  return RunOnce(
      flags, RunName(), Collector(kernel, processes),
      [&](const v1::RegisterRequest& request) {
        return (*client)->Register(request);
      },
      std::cout, std::cerr);
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  const std::variant<connreg::Flags, connreg::ExitCode> parsed =
      connreg::ParseFlags(argc, argv, connreg::HostName(), std::cout,
                          std::cerr);
  const auto* flags = std::get_if<connreg::Flags>(&parsed);
  return static_cast<int>(flags != nullptr
                              ? connreg::Run(*flags)
                              : std::get<connreg::ExitCode>(parsed));
}
