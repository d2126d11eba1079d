#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// A socket of this process that is no server of ours.
class ForeignSocket {
 public:
  explicit ForeignSocket(int domain)
      : fd_(socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ForeignSocket(const ForeignSocket&) = delete;
  ForeignSocket& operator=(const ForeignSocket&) = delete;
  ~ForeignSocket() { close(fd_); }

  // Offers to share its port with whoever offers the same.
  void OfferToShare() {
    const int on = 1;
    EXPECT_EQ(setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
  }
  // Returns whether the kernel lets it listen on 127.0.0.1; 0 is any port.
  bool Listen(uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(port);
    return bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0 &&
           listen(fd_, 1) == 0;
  }
  uint16_t port() const {
    sockaddr_in name{};
    socklen_t size = sizeof(name);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size), 0);
    return ntohs(name.sin_port);
  }
  // Binds a Unix socket, on which nobody listens.
  bool Bind(const std::string& path) {
    const sockaddr_un name = Name(path);
    return bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) ==
           0;
  }
  // Lets the kernel keep one connection that is not accepted yet, the least.
  bool ListenWithoutAQueue() { return listen(fd_, 0) == 0; }
  bool Connect(const std::string& path) {
    const sockaddr_un name = Name(path);
    return connect(fd_, reinterpret_cast<const sockaddr*>(&name),
                   sizeof(name)) == 0;
  }

 private:
  static sockaddr_un Name(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof(name.sun_path) - 1);
    return name;
  }

  const int fd_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    std::string path = absl::StrCat(testing::TempDir(), "/connreg.XXXXXX");
    directory_ = mkdtemp(path.data());
  }
  ~ServerTest() override { std::filesystem::remove_all(directory_); }

  absl::StatusOr<std::unique_ptr<Server>> Start(
      const std::vector<std::string>& listen) {
    return Server::Start(Serving(listen), clock_);
  }

  static grpc::Status Ask(const std::string& address,
                          v1::GetStatusResponse* response) {
    const auto stub = v1::RegistryService::NewStub(NewChannel(address));
    return Call(*stub, &v1::RegistryService::Stub::GetStatus,
                v1::GetStatusRequest(), response);
  }
  static std::string RunAt(const std::string& address) {
    v1::GetStatusResponse response;
    const grpc::Status status = Ask(address, &response);
    EXPECT_TRUE(status.ok()) << address << ": " << status.error_message();
    return response.coverage().run_id();
  }

  std::string UnixAddress(const std::string& name) const {
    return absl::StrCat("unix:", directory_, "/", name);
  }

  FakeClock clock_;
  std::string directory_;
};

MATCHER_P(CannotListenOn, address, "") {
  *result_listener << "whose status is " << arg.status();
  return absl::IsFailedPrecondition(arg.status()) &&
         absl::StrContains(arg.status().message(),
                           absl::StrCat("cannot listen on ", address));
}

// ---- Where it serves ----

TEST_F(ServerTest, TellsThePortThatTheKernelChose) {
  const auto server = Start({"127.0.0.1:0"});
  ASSERT_THAT(server, IsOk());
  ASSERT_THAT((*server)->addresses(), SizeIs(1));
  const std::string& address = (*server)->addresses()[0];
  EXPECT_THAT(address, StartsWith("127.0.0.1:"));
  EXPECT_NE(address, "127.0.0.1:0");
  EXPECT_NE(RunAt(address), "");
}

TEST_F(ServerTest, ServesOneRegistryOnSeveralAddresses) {
  const auto server =
      Start({"127.0.0.1:0", UnixAddress("socket"), "127.0.0.1:0"});
  ASSERT_THAT(server, IsOk());
  const std::vector<std::string>& addresses = (*server)->addresses();
  ASSERT_THAT(addresses, SizeIs(3));
  EXPECT_NE(addresses[0], addresses[2]);
  EXPECT_EQ(addresses[1], UnixAddress("socket"));
  for (const std::string& address : addresses)
    EXPECT_EQ(RunAt(address), RunAt(addresses[0])) << address;
}

TEST_F(ServerTest, EachRunHasItsOwnId) {
  const auto one = Start({"127.0.0.1:0"});
  const auto other = Start({"127.0.0.1:0"});
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_NE(RunAt((*one)->addresses()[0]), RunAt((*other)->addresses()[0]));
}

TEST_F(ServerTest, PortIsFreeAgainWhenItIsDestroyed) {
  auto server = Start({"127.0.0.1:0"});
  ASSERT_THAT(server, IsOk());
  const std::string address = (*server)->addresses()[0];
  RunAt(address);
  server->reset();
  EXPECT_THAT(Start({address}), IsOk());
}

// ---- Ports that others have ----

TEST_F(ServerTest, PortOfAnotherServerIsRefusedByName) {
  const auto first = Start({"127.0.0.1:0"});
  ASSERT_THAT(first, IsOk());
  const std::string address = (*first)->addresses()[0];
  const auto second = Start({address});
  EXPECT_THAT(second, CannotListenOn(address));
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("Address already in use"));
  EXPECT_NE(RunAt(address), "");
}

TEST_F(ServerTest, PortOfAnyListeningSocketIsRefused) {
  ForeignSocket foreign(AF_INET);
  ASSERT_TRUE(foreign.Listen(0));
  const std::string address = absl::StrCat("127.0.0.1:", foreign.port());
  EXPECT_THAT(Start({address}), CannotListenOn(address));
}

TEST_F(ServerTest, PortIsNotSharedWithASocketThatOffersIt) {
  ForeignSocket foreign(AF_INET);
  foreign.OfferToShare();
  ASSERT_TRUE(foreign.Listen(0));
  const std::string address = absl::StrCat("127.0.0.1:", foreign.port());
  EXPECT_THAT(Start({address}), CannotListenOn(address));
}

TEST_F(ServerTest, PortCannotBeSharedByALaterSocket) {
  const auto server = Start({"127.0.0.1:0"});
  ASSERT_THAT(server, IsOk());
  const auto address = ListenAddress::Parse((*server)->addresses()[0]).value();
  ForeignSocket foreign(AF_INET);
  foreign.OfferToShare();
  EXPECT_FALSE(foreign.Listen(static_cast<uint16_t>(std::stoi(address.port))));
}

TEST_F(ServerTest, WildcardIsRefusedWhereAnAddressOfItIsTaken) {
  ForeignSocket foreign(AF_INET);
  ASSERT_TRUE(foreign.Listen(0));
  const std::string address = absl::StrCat("0.0.0.0:", foreign.port());
  EXPECT_THAT(Start({address}), CannotListenOn(address));
}

TEST_F(ServerTest, ServesNowhereIfItCannotServeEverywhere) {
  ForeignSocket foreign(AF_INET);
  ASSERT_TRUE(foreign.Listen(0));
  const std::string taken = absl::StrCat("127.0.0.1:", foreign.port());
  EXPECT_THAT(Start({UnixAddress("socket"), taken}), CannotListenOn(taken));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/socket"));
}

TEST_F(ServerTest, AddressThatIsNamedTwiceIsRefusedAndNotServed) {
  auto server = Start({"127.0.0.1:0"});
  ASSERT_THAT(server, IsOk());
  const std::string address = (*server)->addresses()[0];
  server->reset();
  EXPECT_THAT(Start({address, address}), CannotListenOn(address));
  v1::GetStatusResponse response;
  EXPECT_EQ(Ask(address, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, PathInADirectoryThatDoesNotExistIsRefused) {
  const std::string address = UnixAddress("no/such/directory");
  EXPECT_THAT(Start({address}), CannotListenOn(address));
}

TEST_F(ServerTest, HostThatIsNoNameIsRefused) {
  EXPECT_THAT(Start({"no..name:80"}), CannotListenOn("no..name:80"));
}

TEST_F(ServerTest, AddressOfAnotherMachineIsRefused) {
  EXPECT_THAT(Start({"192.0.2.1:0"}), CannotListenOn("192.0.2.1:0"));
}

// ---- Unix sockets ----

TEST_F(ServerTest, LiveUnixSocketIsNotRobbed) {
  const std::string address = UnixAddress("socket");
  const auto first = Start({address});
  ASSERT_THAT(first, IsOk());
  const std::string run = RunAt(address);
  EXPECT_THAT(Start({address}), CannotListenOn(address));
  EXPECT_EQ(RunAt(address), run);
}

TEST_F(ServerTest, LiveUnixSocketWithAFullQueueIsNotRobbed) {
  const std::string path = directory_ + "/socket";
  ForeignSocket busy(AF_UNIX);
  ASSERT_TRUE(busy.Bind(path));
  ASSERT_TRUE(busy.ListenWithoutAQueue());
  ForeignSocket waiting(AF_UNIX);
  ASSERT_TRUE(waiting.Connect(path));
  EXPECT_THAT(Start({"unix:" + path}), CannotListenOn("unix:" + path));
}

TEST_F(ServerTest, StaleUnixSocketIsReplaced) {
  { ASSERT_TRUE(ForeignSocket(AF_UNIX).Bind(directory_ + "/socket")); }
  ASSERT_TRUE(std::filesystem::is_socket(directory_ + "/socket"));
  const auto server = Start({UnixAddress("socket")});
  ASSERT_THAT(server, IsOk());
  EXPECT_NE(RunAt(UnixAddress("socket")), "");
}

TEST_F(ServerTest, FileInThePlaceOfAUnixSocketIsLeftAlone) {
  const std::string path = directory_ + "/file";
  std::ofstream(path) << "precious";
  EXPECT_THAT(Start({"unix:" + path}), CannotListenOn("unix:" + path));
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST_F(ServerTest, PathThatIsTooLongForAUnixSocketIsRefused) {
  const std::string address = UnixAddress(std::string(200, 'x'));
  EXPECT_THAT(Start({address}), CannotListenOn(address));
}

}  // namespace
}  // namespace connreg
