#include "client/lib/client.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "connreg/v1/registry_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "service/base/error.h"
#include "service/wire/status.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// Lists three pages, of connections with one each, and keeps the tokens that it
// was asked with.
class PagingService final : public v1::RegistryService::Service {
 public:
  grpc::Status ListConnections(grpc::ServerContext*,
                               const v1::ListConnectionsRequest* request,
                               v1::ListConnectionsResponse* response) override {
    AnswerPage(*request, response);
    response->add_connections()->set_network(absl::StrCat(tokens.size()));
    return grpc::Status::OK;
  }

  grpc::Status ListEndpoints(grpc::ServerContext*,
                             const v1::ListEndpointsRequest* request,
                             v1::ListEndpointsResponse* response) override {
    AnswerPage(*request, response);
    return grpc::Status::OK;
  }

  grpc::Status ListHosts(grpc::ServerContext*,
                         const v1::ListHostsRequest* request,
                         v1::ListHostsResponse* response) override {
    AnswerPage(*request, response);
    return grpc::Status::OK;
  }

  grpc::Status BatchLookup(grpc::ServerContext*,
                           const v1::BatchLookupRequest* request,
                           v1::BatchLookupResponse* response) override {
    for (int i = 0; i < request->client_ports_size(); ++i)
      response->add_outcomes(v1::LOOKUP_OUTCOME_LISTENER);
    return grpc::Status::OK;
  }

  grpc::Status Lookup(grpc::ServerContext*, const v1::LookupRequest*,
                      v1::LookupResponse*) override {
    return ToGrpcStatus(
        InField("endpoint.port", InvalidArgument("PORT_ZERO", "port 0")));
  }

  // Answers when the caller has given up.
  grpc::Status GetStatus(grpc::ServerContext* context,
                         const v1::GetStatusRequest*,
                         v1::GetStatusResponse*) override {
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  }

  std::vector<std::string> tokens;
  std::vector<std::string> hosts;

 private:
  template <typename Request, typename Response>
  void AnswerPage(const Request& request, Response* response) {
    tokens.push_back(request.page_token());
    hosts.push_back(request.host());
    if (tokens.size() < 3)
      response->set_next_page_token(absl::StrCat("page", tokens.size() + 1));
  }
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = *Client::Create(address(), {.timeout = absl::Seconds(30)});
  }
  ~ClientTest() override { server_->Shutdown(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  PagingService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, AListingIsHandedOverPageByPage) {
  v1::ListConnectionsRequest request;
  request.set_host("web1");
  std::vector<std::string> networks;

  const auto page = [&](const v1::ListConnectionsResponse& response) {
    networks.push_back(response.connections(0).network());
    return absl::OkStatus();
  };

  ASSERT_THAT(client_->ListConnections(request, page), IsOk());
  EXPECT_THAT(networks, ElementsAre("1", "2", "3"));
  EXPECT_THAT(service_.tokens, ElementsAre("", "page2", "page3"));
  EXPECT_THAT(service_.hosts, ElementsAre("web1", "web1", "web1"));
}

TEST_F(ClientTest, EndpointsAndHostsAreListedToTheLastPageToo) {
  int pages = 0;
  const auto count = [&](const auto&) {
    ++pages;
    return absl::OkStatus();
  };

  ASSERT_THAT(client_->ListEndpoints({}, count), IsOk());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(service_.tokens, ElementsAre("", "page2", "page3"));

  service_.tokens.clear();
  ASSERT_THAT(client_->ListHosts({}, count), IsOk());
  EXPECT_EQ(pages, 6);
  EXPECT_THAT(service_.tokens, ElementsAre("", "page2", "page3"));
}

TEST_F(ClientTest, ABatchIsAnsweredInOneCall) {
  v1::BatchLookupRequest request;
  request.add_client_ports(51000);
  request.add_client_ports(51001);

  const absl::StatusOr<v1::BatchLookupResponse> response =
      client_->BatchLookup(request);

  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(response->outcomes(), ElementsAre(v1::LOOKUP_OUTCOME_LISTENER,
                                                v1::LOOKUP_OUTCOME_LISTENER));
}

TEST_F(ClientTest, AnErrorOfTheReaderEndsTheListing) {
  const auto page = [](const v1::ListConnectionsResponse&) {
    return absl::CancelledError("enough");
  };

  EXPECT_THAT(client_->ListConnections({}, page),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(service_.tokens.size(), 1u);
}

TEST_F(ClientTest, WhatTheServiceSaysOfAnErrorArrives) {
  const absl::Status status = client_->Lookup({}).status();

  EXPECT_THAT(status, IsInvalid("PORT_ZERO"));
  EXPECT_EQ(DetailOf(status)->field, "endpoint.port");
  EXPECT_EQ(status.message(), "port 0");
}

TEST_F(ClientTest, ACallEndsAtItsDeadline) {
  const auto client =
      *Client::Create(address(), {.timeout = absl::Milliseconds(100)});

  const absl::Status status = client->GetStatus().status();

  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat("no answer from ", address(), " within 100ms"));
}

TEST_F(ClientTest, ACallThatTheServerDoesNotKnowNamesTheServer) {
  const absl::Status status = client_->Register({}).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()),
              StartsWith(absl::StrCat("what answers at ", address(),
                                      " does not know this call")));
}

TEST_F(ClientTest, AProxyForWebTrafficIsNotAsked) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto client = *Client::Create(address(), {});

  EXPECT_THAT(client->Lookup({}), IsInvalid("PORT_ZERO"));
  unsetenv("http_proxy");
}

// A port of loopback that is taken, so that nobody else gets it, and that
// refuses connections, since nothing listens there.
class RefusingPort {
 public:
  RefusingPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, generic, size), 0);
    EXPECT_EQ(getsockname(socket_, generic, &size), 0);
    number_ = ntohs(address.sin_port);
  }
  ~RefusingPort() { close(socket_); }

  int socket() const { return socket_; }
  int number() const { return number_; }

 private:
  int socket_;
  int number_ = 0;
};

constexpr Client::Options kNoWait = {.wait = absl::ZeroDuration()};

TEST(ClientWithoutServiceTest, ARefusedConnectionNamesTheServerAndTheReason) {
  const RefusingPort port;
  const std::string server = absl::StrCat("127.0.0.1:", port.number());

  const absl::Status status =
      (*Client::Create(server, kNoWait))->GetStatus().status();

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(), absl::StrCat("no connregd answers at ", server,
                                           ": Connection refused"));
}

TEST(ClientWithoutServiceTest, AMissingUnixSocketNamesThePath) {
  const absl::Status status =
      (*Client::Create("unix:/nonexistent/a b.sock", kNoWait))
          ->GetStatus()
          .status();

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(),
            "no connregd answers at unix:/nonexistent/a b.sock: "
            "No such file or directory");
}

TEST(ClientWithoutServiceTest, AWaitInVainIsToldWithItsLength) {
  const absl::Status status =
      (*Client::Create("unix:/nonexistent/a.sock",
                       {.wait = absl::Milliseconds(80)}))
          ->GetStatus()
          .status();

  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(status.message(),
            "no connregd answers at unix:/nonexistent/a.sock: No such file or "
            "directory (tried for 80ms)");
}

TEST(ClientWithoutServiceTest, AServiceThatStartsLaterIsWaitedFor) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/connreg-client-", getpid(), ".sock");
  const auto client =
      *Client::Create("unix:" + path, {.wait = absl::Seconds(60)});
  PagingService service;
  std::unique_ptr<grpc::Server> server;
  std::thread starter([&] {
    absl::SleepFor(absl::Milliseconds(500));
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
  });

  EXPECT_THAT(client->Lookup({}), IsInvalid("PORT_ZERO"));

  starter.join();
  server->Shutdown();
}

// Accepts connections at a port of loopback, hangs each up at once, and counts.
class HangingUpPort {
 public:
  HangingUpPort() {
    EXPECT_EQ(listen(port_.socket(), SOMAXCONN), 0);
    acceptor_ = std::thread([this] { HangUp(); });
  }
  ~HangingUpPort() {
    shutdown(port_.socket(), SHUT_RDWR);
    acceptor_.join();
  }

  int number() const { return port_.number(); }
  int count() const { return count_; }

 private:
  void HangUp() {
    while (true) {
      const int connection = accept(port_.socket(), nullptr, nullptr);
      if (connection < 0) return;
      ++count_;
      close(connection);
    }
  }

  const RefusingPort port_;
  std::atomic<int> count_ = 0;
  std::thread acceptor_;
};

TEST(ClientWithoutServiceTest, EachTryConnectsAnew) {
  const HangingUpPort port;
  const auto client = *Client::Create(absl::StrCat("127.0.0.1:", port.number()),
                                      {.wait = absl::Milliseconds(900)});

  EXPECT_TRUE(absl::IsUnavailable(client->GetStatus().status()));

  // By itself gRPC tries once more after a second.
  EXPECT_GE(port.count(), 3);
}

TEST(ClientWithoutServiceTest, AMalformedServerIsRefusedBeforeAnyCall) {
  EXPECT_THAT(Client::Create("localhost", {}),
              IsInvalid("SERVER_ADDRESS_MALFORMED"));
}

}  // namespace
}  // namespace connreg
