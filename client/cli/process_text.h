#ifndef CONNREG_CLIENT_CLI_PROCESS_TEXT_H_
#define CONNREG_CLIENT_CLI_PROCESS_TEXT_H_

#include <string>

#include "connreg/v1/socket.pb.h"

// What is known of a process, in words for people. All of it is safe to show on
// a terminal.
namespace connreg::cli {

// "nginx,812"; of one without a name "?,812".
std::string ProcessText(const v1::Process& process);

// Whose it is: "redis"; "uid 999" where that user has no name; empty if it is
// not known.
std::string UserText(const v1::Process& process);

// The file that it runs; empty if it is not known.
std::string ExecutableText(const v1::Process& process);

// Its container, as container engines shorten ids: "3f2a9c0d1e2f"; empty if it
// is in none.
std::string ContainerText(const v1::Process& process);

// All of that, as far as it is known:
// "redis-server,16859 redis /usr/bin/redis-server [container 3f2a9c0d1e2f]".
std::string FullProcessText(const v1::Process& process);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_PROCESS_TEXT_H_
