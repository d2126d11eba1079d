#ifndef CONNREG_CLIENT_AGENT_SERVE_H_
#define CONNREG_CLIENT_AGENT_SERVE_H_

#include "client/agent/collector.h"
#include "client/agent/exit_code.h"
#include "client/agent/flags.h"
#include "service/base/stop_signals.h"

namespace connreg {

// Reports on and on what `collector` sees, until one of `stop_signals` comes,
// and keeps the log of this process. Tells people on standard error what keeps
// it from starting.
ExitCode Serve(const Flags& flags, const Collector& collector,
               const StopSignals& stop_signals);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SERVE_H_
