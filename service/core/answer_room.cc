#include "service/core/answer_room.h"

namespace connreg {
namespace {

constexpr size_t kRowBytes = 512;
constexpr size_t kProcessBytes = 64;

size_t WireSize(const Socket& socket) {
  size_t size = kRowBytes;
  for (const Process& process : socket.owners.processes())
    size += kProcessBytes + 5 * process.name.size();
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
