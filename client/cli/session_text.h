#ifndef CONNREG_CLIENT_CLI_SESSION_TEXT_H_
#define CONNREG_CLIENT_CLI_SESSION_TEXT_H_

#include <string>

#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

// What is known of an agent by its Report stream: in words for people, as facts
// for programs. What is not known is "-" for people, and else empty.
namespace connreg::cli {

// "5s", "1m30s"; for programs in seconds.
std::string IntervalText(const v1::Host& host, const Style& style);

// How far the agent's clock is ahead of the service's: "+12s", "-4m12s". In
// kTable one that is less than a second off is "-": the lag of messages is no
// less. In kWide to the millisecond; for programs in seconds.
std::string ClockText(const v1::Host& host, const Style& style);

// "0.1.0".
std::string AgentVersionText(const v1::Host& host, const Style& style);

// When another machine was refused that reports under the same name.
std::string NameConflictText(const v1::Host& host, const Style& style);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_SESSION_TEXT_H_
