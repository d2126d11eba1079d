// Sockets that these tests close themselves are heard of through the real
// kernel.

#include <poll.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "client/agent/ends_table.h"
#include "client/agent/kernel.h"
#include "client/agent/socket_ends.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/loopback_sockets.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

class LoopbackEndsTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<SocketEnds>> ends = LinuxKernel().Ends();
    if (absl::IsPermissionDenied(ends.status()))
      GTEST_SKIP() << "the kernel tells it root alone";
    ASSERT_THAT(ends.status(), IsOk());
    ends_ = *std::move(ends);
  }

  // The end of a socket for which `is_it` holds, as soon as it is heard.
  EndedSocket AwaitEnd(absl::FunctionRef<bool(const DiagSocket&)> is_it) {
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (absl::Now() < end) {
      pollfd event{.fd = ends_->descriptor(), .events = POLLIN, .revents = 0};
      poll(&event, 1, 10'000);
      for (const EndedSocket& ended : ends_->Take().ended)
        if (is_it(ended.socket)) return ended;
    }
    ADD_FAILURE() << "nothing is heard of the socket";
    return {};
  }
  EndedSocket AwaitEnd(uint64_t cookie) {
    return AwaitEnd(
        [&](const DiagSocket& socket) { return socket.cookie == cookie; });
  }

  std::optional<DiagSocket> Ask(const DiagSocket& socket) {
    const auto answers = ends_->Ask({socket});
    EXPECT_THAT(answers.status(), IsOk());
    return answers.ok() ? answers->at(0) : std::nullopt;
  }

  std::unique_ptr<SocketEnds> ends_;
};

// A connection over loopback, and both of its cookies.
struct Pair {
  explicit Pair(const std::string& address = "127.0.0.1")
      : listener(Listening(address)),
        client(Connected(address, SOCK_STREAM, PortOf(listener))),
        server(Accepted(listener)),
        client_cookie(CookieOf(*client)),
        server_cookie(CookieOf(*server)),
        client_port(PortOf(*client)) {}

  // The FIN of the client has come to the server.
  void CloseClient() {
    client.reset();
    char byte;
    EXPECT_EQ(recv(server->get(), &byte, 1, 0), 0);
  }

  Descriptor listener;
  std::optional<Descriptor> client;
  std::optional<Descriptor> server;
  uint64_t client_cookie;
  uint64_t server_cookie;
  uint16_t client_port;
};

TEST_F(LoopbackEndsTest, HalfClosedConnectionLeavesARemainderOfTheSameCookie) {
  Pair pair;
  pair.CloseClient();
  const EndedSocket ended = AwaitEnd(pair.client_cookie);
  EXPECT_TRUE(ended.was_connected);
  EXPECT_EQ(ended.socket.transport, Transport::kTcp);
  EXPECT_EQ(ended.socket.local_port, pair.client_port);
  EXPECT_EQ(ended.socket.remote_port, PortOf(pair.listener));
  const std::optional<DiagSocket> left = Ask(ended.socket);
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->state, KernelState::kFinWait2);
  EXPECT_EQ(left->cookie, pair.client_cookie);
  EXPECT_EQ(left->inode, 0u);
}

TEST_F(LoopbackEndsTest, RemainderOfASocketNobodySawHasACookieOfItsOwn) {
  const Descriptor listener = Listening("127.0.0.1");
  std::optional<Descriptor> client(
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener)));
  const Descriptor server = Accepted(listener);
  const uint16_t port = PortOf(*client);
  client.reset();
  char byte;
  ASSERT_EQ(recv(server.get(), &byte, 1, 0), 0);
  DiagSocket socket = AwaitEnd([&](const DiagSocket& ended) {
                        return ended.local_port == port;
                      }).socket;
  socket.cookie = 0;
  const std::optional<DiagSocket> left = Ask(socket);
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->state, KernelState::kFinWait2);
  EXPECT_EQ(left->inode, 0u);
  EXPECT_EQ(Ask(*left), left);
}

TEST_F(LoopbackEndsTest, RemainderIsInTimeWaitOnceTheOtherSideIsDone) {
  Pair pair;
  pair.CloseClient();
  const EndedSocket client = AwaitEnd(pair.client_cookie);
  pair.server.reset();
  const EndedSocket server = AwaitEnd(pair.server_cookie);
  EXPECT_EQ(Ask(server.socket), std::nullopt);
  const std::optional<DiagSocket> left = Ask(client.socket);
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->state, KernelState::kTimeWait);
}

TEST_F(LoopbackEndsTest, OtherIncarnationIsNotTheOneThatIsAskedFor) {
  Pair pair;
  pair.CloseClient();
  DiagSocket other = AwaitEnd(pair.client_cookie).socket;
  other.cookie += 1'000'000;
  EXPECT_EQ(Ask(other), std::nullopt);
}

TEST_F(LoopbackEndsTest, ManyQuestionsAreAnsweredInTheirOrder) {
  Pair pair;
  pair.CloseClient();
  const DiagSocket remainder = AwaitEnd(pair.client_cookie).socket;
  DiagSocket nothing = remainder;
  nothing.cookie = 1;
  std::vector<DiagSocket> questions(1000, nothing);
  questions[777] = remainder;
  const auto answers = ends_->Ask(questions);
  ASSERT_THAT(answers.status(), IsOk());
  ASSERT_EQ(answers->size(), 1000u);
  for (size_t i = 0; i < 1000; ++i)
    EXPECT_EQ((*answers)[i].has_value(), i == 777) << i;
}

TEST_F(LoopbackEndsTest, RefusedAttemptWasNoConnection) {
  const uint16_t port = PortOf(Listening("127.0.0.1"));
  std::optional<Descriptor> client(
      std::in_place, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  const SocketAddress nobody = AddressFor("127.0.0.1", port);
  connect(client->get(), nobody.get(), nobody.size);
  pollfd refused{.fd = client->get(), .events = POLLOUT, .revents = 0};
  ASSERT_EQ(poll(&refused, 1, 10'000), 1);
  const uint64_t cookie = CookieOf(*client);
  client.reset();
  const EndedSocket ended = AwaitEnd(cookie);
  EXPECT_EQ(ended.socket.remote_port, port);
  EXPECT_FALSE(ended.was_connected);
}

TEST_F(LoopbackEndsTest, ConnectionOnWhichNothingWasSaidWasOne) {
  Pair pair;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(pair.client->get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  pair.client.reset();
  pollfd gone{.fd = pair.server->get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&gone, 1, 10'000), 1);
  pair.server.reset();
  EXPECT_TRUE(AwaitEnd(pair.server_cookie).was_connected);
}

TEST_F(LoopbackEndsTest, UdpSocketKeepsItsPorts) {
  const Descriptor server = Bound("127.0.0.1", SOCK_DGRAM);
  std::optional<Descriptor> client(
      Connected("127.0.0.1", SOCK_DGRAM, PortOf(server)));
  const uint64_t cookie = CookieOf(*client);
  client.reset();
  const EndedSocket ended = AwaitEnd(cookie);
  EXPECT_EQ(ended.socket.transport, Transport::kUdp);
  EXPECT_EQ(ended.socket.remote_port, PortOf(server));
  EXPECT_FALSE(ended.was_connected);
}

TEST_F(LoopbackEndsTest, Ipv6IsHeardToo) {
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  Pair pair("::1");
  pair.CloseClient();
  const EndedSocket ended = AwaitEnd(pair.client_cookie);
  EXPECT_EQ(ended.socket.family, SocketFamily::kIpv6);
  const std::optional<DiagSocket> left = Ask(ended.socket);
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->state, KernelState::kFinWait2);
}

TEST_F(LoopbackEndsTest, TableHasNewsWhenASocketOfANamespaceEnds) {
  EndsTable table;
  EndsTable::Search search = table.Begin();
  ASSERT_THAT(search.NoteNetns("own", {.is_own = true}, LinuxKernel()), IsOk());
  table.Take(std::move(search));
  Bound("127.0.0.1", SOCK_DGRAM);
  pollfd event{.fd = table.descriptor(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&event, 1, 10'000), 1);
  ASSERT_EQ(table.WithNews().size(), 1u);
  EXPECT_EQ(table.WithNews()[0]->first, "own");
  // Nothing is left of one that is let go.
  table.Take(table.Begin());
  EXPECT_TRUE(table.WithNews().empty());
}

TEST_F(LoopbackEndsTest, LoopbackInterfaceHasItsName) {
  EXPECT_EQ(ends_->InterfaceName(1), "lo");
  EXPECT_EQ(ends_->InterfaceName(1'000'000), "");
}

TEST_F(LoopbackEndsTest, EndsThatThereIsNoRoomForAreSaidToBeLost) {
  const auto set_room = [&](int size) {
    return setsockopt(ends_->descriptor(), SOL_SOCKET, SO_RCVBUF, &size,
                      sizeof size);
  };
  ASSERT_EQ(set_room(1), 0);
  bool is_lossy = false;
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!is_lossy && absl::Now() < end) {
    for (int i = 0; i < 100; ++i) Bound("127.0.0.1", SOCK_DGRAM);
    is_lossy = ends_->Take().is_lossy;
  }
  EXPECT_TRUE(is_lossy);
  // And those that there is room for are heard again.
  ASSERT_EQ(set_room(100'000), 0);
  std::optional<Descriptor> last(Bound("127.0.0.1", SOCK_DGRAM));
  const uint64_t cookie = CookieOf(*last);
  ends_->Take();
  last.reset();
  EXPECT_EQ(AwaitEnd(cookie).socket.cookie, cookie);
}

}  // namespace
}  // namespace connreg
