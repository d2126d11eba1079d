#include "client/agent/row_name.h"

namespace connreg {
namespace {

Socket NameOf(const Socket& socket) {
  return {.netns = socket.netns,
          .transport = socket.transport,
          .cookie = socket.cookie,
          .inode = socket.inode};
}

}  // namespace

ListenerName NameOf(const ListenerFacts& facts) {
  return {NameOf(facts.socket), facts.local, facts.device};
}

ConnectionName NameOf(const ConnectionFacts& facts) {
  return {NameOf(facts.socket), facts.tuple, facts.device};
}

}  // namespace connreg
