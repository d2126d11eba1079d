#ifndef CONNREG_TESTS_UNIT_AGENT_MADE_ROWS_H_
#define CONNREG_TESTS_UNIT_AGENT_MADE_ROWS_H_

#include <cstdint>
#include <string>

#include "service/model/socket.h"

// Rows for tests, of network namespace "1".
namespace connreg {

inline ListenerFacts Listening(const std::string& local, uint64_t cookie,
                               SocketFamily family = SocketFamily::kIpv4) {
  return {.socket = {.netns = "1",
                     .transport = Transport::kTcp,
                     .family = family,
                     .cookie = cookie,
                     .inode = 1000 + cookie},
          .local = Endpoint::Parse(local).value(),
          .device = ""};
}

inline ConnectionFacts Connected(const std::string& local,
                                 const std::string& remote, uint64_t cookie) {
  return {.socket = Listening(local, cookie).socket,
          .tuple = FourTuple::Create(Endpoint::Parse(local).value(),
                                     Endpoint::Parse(remote).value())
                       .value()};
}

// One of many, told apart by `number`.
inline ConnectionFacts Connected(uint16_t number, uint64_t cookie) {
  return Connected("10.0.0.5:22", "10.0.0.9:" + std::to_string(10'000 + number),
                   cookie);
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_MADE_ROWS_H_
