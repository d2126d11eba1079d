// How the conversations of Traffic go on (RFC 9293 §3.3.2).

#include <utility>

#include "tests/simulation/traffic.h"

namespace connreg::simulation {
namespace {

// How long the kernel keeps at most what remains of a socket in FIN-WAIT-2.
constexpr absl::Duration kFinTimeout = absl::Seconds(4);

}  // namespace

const ConnectionFacts* Traffic::Find(const End& end) {
  const bool is_there = end.machine != nullptr && end.number != 0 &&
                        end.machine->is_on() && end.machine->boot() == end.boot;
  return is_there ? end.machine->kernel().Find(end.netns, end.number) : nullptr;
}

void Traffic::SetState(const End& end, ConnectionState state) {
  if (Find(end) != nullptr)
    end.machine->kernel().SetState(end.netns, end.number, state);
}

void Traffic::EndSocket(const End& end, Ending ending) {
  if (Find(end) != nullptr)
    end.machine->kernel().End(end.netns, end.number, ending);
}

void Traffic::TimeOut(const End& end) {
  // Some last until the other side is done.
  if (world_.dice.OneIn(2)) return;
  world_.timeline.After(world_.dice.Between(absl::ZeroDuration(), kFinTimeout),
                        [end] { EndSocket(end, Ending::kTimedOut); });
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
    // Who listens is told both ends of what is not reset.
    Break(conversation, is_udp ? Ending::kClosed : Ending::kReset);
    return true;
  }
  if (client != nullptr && client->state == ConnectionState::kSynSent) {
    Establish(conversation);
  } else if (server != nullptr && !server->socket.owners.known() &&
             server->socket.owners.unknown_reason() ==
                 OwnerUnknownReason::kNotAccepted) {
    const End& end = *conversation.server;
    end.machine->kernel().SetOwners(end.netns, end.number, AnyOwners());
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
  server.number =
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
  if (closing == nullptr) return EndSocket(second, Ending::kClosed);
  KernelModel& kernel = first.machine->kernel();
  const bool is_held = closing->socket.inode != 0;
  switch (closing->state) {
    case ConnectionState::kFinWait1:
      // The last end that is left hears no answer.
      if (closed == nullptr && world_.dice.OneIn(2))
        return EndSocket(first, Ending::kClosed);
      SetState(second, ConnectionState::kCloseWait);
      SetState(first, ConnectionState::kFinWait2);
      if (!is_held) TimeOut(first);
      return;
    case ConnectionState::kFinWait2:
      if (is_held && world_.dice.OneIn(2)) {
        kernel.Orphan(first.netns, first.number);
        return TimeOut(first);
      }
      if (closed != nullptr && closed->state == ConnectionState::kCloseWait) {
        second.machine->kernel().Orphan(second.netns, second.number);
        return SetState(second, ConnectionState::kLastAck);
      }
      EndSocket(first, Ending::kTimeWait);
      return EndSocket(second, Ending::kClosed);
    default:
      // By shutdown(2) it is still held.
      if (world_.dice.OneIn(2)) kernel.Orphan(first.netns, first.number);
      return SetState(first, ConnectionState::kFinWait1);
  }
}

void Traffic::Break(Conversation& conversation, Ending ending) {
  EndSocket(conversation.client, ending);
  if (conversation.server) EndSocket(*conversation.server, ending);
}

void Traffic::Forget(size_t place) {
  conversations_[place] = std::move(conversations_.back());
  conversations_.pop_back();
}

}  // namespace connreg::simulation
