// How the conversations of Traffic go on (RFC 9293 §3.3.2).

#include <utility>

#include "tests/simulation/traffic.h"

namespace connreg::simulation {

const ConnectionFacts* Traffic::Find(const End& end) {
  const bool is_there = end.machine != nullptr && end.cookie != 0 &&
                        end.machine->is_on() && end.machine->boot() == end.boot;
  return is_there ? end.machine->kernel().Find(end.netns, end.cookie) : nullptr;
}

void Traffic::SetState(const End& end, ConnectionState state) {
  if (Find(end) != nullptr)
    end.machine->kernel().SetState(end.netns, end.cookie, state);
}

void Traffic::EndSocket(const End& end, bool told) {
  if (Find(end) != nullptr)
    end.machine->kernel().End(end.netns, end.cookie, told);
}

bool Traffic::GoOn(Conversation& conversation) {
  const ConnectionFacts* const client = Find(conversation.client);
  const ConnectionFacts* const server =
      conversation.server ? Find(*conversation.server) : nullptr;
  if (client == nullptr && server == nullptr) return true;
  const bool is_udp =
      client != nullptr && client->socket.transport == Transport::kUdp;
  const bool is_refused = client != nullptr &&
                          client->state == ConnectionState::kSynSent &&
                          world_.dice.OneIn(8);
  if (is_udp || is_refused || world_.dice.OneIn(12)) {
    Reset(conversation);
    return true;
  }
  if (client != nullptr && client->state == ConnectionState::kSynSent) {
    Establish(conversation);
  } else if (server != nullptr && !server->socket.owners.known() &&
             server->socket.owners.unknown_reason() ==
                 OwnerUnknownReason::kNotAccepted) {
    const End& end = *conversation.server;
    end.machine->kernel().SetOwners(end.netns, end.cookie, AnyOwners());
  } else {
    Close(conversation);
  }
  return false;
}

void Traffic::Establish(Conversation& conversation) {
  SetState(conversation.client, ConnectionState::kEstablished);
  if (!conversation.accepts) return;
  End& server = *conversation.server;
  const std::optional<ConnectionFacts> accepts =
      std::exchange(conversation.accepts, std::nullopt);
  if (!server.machine->is_on() || server.machine->boot() != server.boot) return;
  server.cookie =
      server.machine->kernel().Connect(server.netns, *accepts).value_or(0);
}

void Traffic::Close(Conversation& conversation) {
  const End nobody;
  const End& server = conversation.server ? *conversation.server : nobody;
  const End& first = conversation.client_closes ? conversation.client : server;
  const End& second = conversation.client_closes ? server : conversation.client;
  const ConnectionFacts* const closing = Find(first);
  const ConnectionFacts* const closed = Find(second);
  // Whoever is alone with it gives it up.
  if (closing == nullptr) return EndSocket(second, /*told=*/true);
  KernelModel& kernel = first.machine->kernel();
  switch (closing->state) {
    case ConnectionState::kFinWait1:
      // The last end that is left hears no answer.
      if (closed == nullptr && world_.dice.OneIn(2))
        return EndSocket(first, /*told=*/true);
      SetState(second, ConnectionState::kCloseWait);
      return SetState(first, ConnectionState::kFinWait2);
    case ConnectionState::kFinWait2:
      if (closing->socket.inode != 0 && world_.dice.OneIn(2))
        return kernel.Orphan(first.netns, first.cookie);
      if (closed != nullptr && closed->state == ConnectionState::kCloseWait) {
        second.machine->kernel().Orphan(second.netns, second.cookie);
        return SetState(second, ConnectionState::kLastAck);
      }
      // What is left goes on to TIME-WAIT, and nobody is told. A socket that is
      // still held tells its end.
      EndSocket(first, /*told=*/closing->socket.inode != 0);
      return EndSocket(second, /*told=*/true);
    default:
      // By shutdown(2) it is still held.
      if (world_.dice.OneIn(2)) kernel.Orphan(first.netns, first.cookie);
      return SetState(first, ConnectionState::kFinWait1);
  }
}

void Traffic::Reset(Conversation& conversation) {
  EndSocket(conversation.client, /*told=*/true);
  if (conversation.server) EndSocket(*conversation.server, /*told=*/true);
}

void Traffic::Forget(size_t place) {
  conversations_[place] = std::move(conversations_.back());
  conversations_.pop_back();
}

}  // namespace connreg::simulation
