#ifndef CONNREG_TESTS_SUPPORT_FACTS_H_
#define CONNREG_TESTS_SUPPORT_FACTS_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/prefix.h"

// Facts for tests, written shortly. Text that does not parse ends the test.
namespace connreg {

inline Endpoint At(absl::string_view text) {
  return Endpoint::Parse(text).value();
}

inline FourTuple Pair(absl::string_view local, absl::string_view remote) {
  return FourTuple::Create(At(local), At(remote)).value();
}

inline ConnectionFacts Tcp(absl::string_view local, absl::string_view remote,
                           uint64_t cookie = 0) {
  return {.socket = {.transport = Transport::kTcp, .cookie = cookie},
          .tuple = Pair(local, remote)};
}

inline ListenerFacts TcpListener(absl::string_view local, uint64_t cookie = 0) {
  return {.socket = {.transport = Transport::kTcp, .cookie = cookie},
          .local = At(local)};
}

inline Reporter Agent(absl::string_view host,
                      absl::string_view network = "default") {
  return {.kind = ReporterKind::kAgent,
          .name = "agent",
          .host = std::string(host),
          .network = std::string(network)};
}

inline Reporter Program(absl::string_view host, absl::string_view name = "app",
                        absl::string_view network = "default") {
  return {.kind = ReporterKind::kProgram,
          .name = std::string(name),
          .host = std::string(host),
          .network = std::string(network)};
}

inline NetworkNamespace Owned(std::initializer_list<absl::string_view> prefixes,
                              absl::string_view netns = "") {
  NetworkNamespace told{.netns = std::string(netns)};
  for (const absl::string_view text : prefixes)
    told.prefixes.push_back({Prefix::Parse(text).value()});
  return told;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_SUPPORT_FACTS_H_
