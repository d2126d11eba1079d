#include "service/core/answer_room.h"

#include <string>

namespace connreg {
namespace {

constexpr size_t kRowBytes = 512;
// With the id of a container.
constexpr size_t kProcessBytes = 160;
constexpr size_t kArgumentBytes = 3;

// The name stands twice, the second time escaped.
size_t WireSize(const Process& process) {
  size_t size = kProcessBytes + 5 * process.name.size() + process.user.size() +
                process.executable.size() + process.cgroup.size();
  for (const std::string& argument : process.arguments)
    size += kArgumentBytes + argument.size();
  return size;
}

size_t WireSize(const Socket& socket) {
  size_t size = kRowBytes;
  for (const Process& process : socket.owners.processes())
    size += WireSize(process);
  return size;
}

}  // namespace

size_t WireSize(const Connection& connection) {
  return WireSize(connection.first.facts.socket) +
         (connection.second ? WireSize(connection.second->facts.socket) : 0);
}

size_t WireSize(const ListenerAnswer& answer) {
  return WireSize(answer.listener.facts.socket);
}

size_t WireSize(const EndpointSummary& summary) {
  size_t size = kRowBytes;
  for (const ListenerAnswer& listener : summary.listeners)
    size += WireSize(listener);
  return size;
}

}  // namespace connreg
