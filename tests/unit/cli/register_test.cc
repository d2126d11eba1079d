#include "client/cli/register.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

RegisterConnectionOptions Connection() {
  RegisterConnectionOptions options;
  options.side.client = "10.0.0.9:51000";
  options.side.server = "10.0.0.5:5432";
  options.common.reporter.host = "web1";
  return options;
}

RegisterListenerOptions Listener(const std::string& endpoint) {
  RegisterListenerOptions options;
  options.endpoint = endpoint;
  options.common.reporter.host = "web1";
  return options;
}

TEST(RegisterTest, AConnectionIsReportedFromTheClientsSide) {
  EXPECT_THAT(RequestOf(Connection()), IsOkAndHolds(EqualsText(R"(
    reporter { kind: REPORTER_KIND_PROGRAM name: "connreg" host: "web1" }
    ttl { seconds: 3600 }
    connections {
      socket { transport: TRANSPORT_TCP }
      local { address: "10.0.0.9" port: 51000 }
      remote { address: "10.0.0.5" port: 5432 }
      role: ROLE_CLIENT
      role_evidence: ROLE_EVIDENCE_DECLARED
    })")));
}

TEST(RegisterTest, TheServersSideIsItsMirror) {
  RegisterConnectionOptions options = Connection();
  options.side.side = "server";

  const absl::StatusOr<v1::RegisterRequest> request = RequestOf(options);

  ASSERT_THAT(request, IsOk());
  const v1::Observation& row = request->connections(0);
  EXPECT_THAT(row.local(), EqualsText(R"(address: "10.0.0.5" port: 5432)"));
  EXPECT_THAT(row.remote(), EqualsText(R"(address: "10.0.0.9" port: 51000)"));
  EXPECT_EQ(row.role(), v1::ROLE_SERVER);
  EXPECT_EQ(row.role_evidence(), v1::ROLE_EVIDENCE_DECLARED);
}

TEST(RegisterTest, EveryOptionReachesTheRequest) {
  RegisterConnectionOptions options = Connection();
  options.state = "close-wait";
  options.common.socket = {.udp = false, .netns = "blue"};
  options.common.reporter.name = "deploy";
  options.common.reporter.network = "site-b";
  options.common.ttl = "90s";
  options.common.pid = 812;
  options.common.process = "nginx";
  options.common.addresses = {"10.0.0.9", "127.0.0.0/8"};

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    reporter {
      kind: REPORTER_KIND_PROGRAM name: "deploy" host: "web1" network: "site-b"
    }
    ttl { seconds: 90 }
    namespaces {
      netns: "blue"
      prefixes { prefix: "10.0.0.9" }
      prefixes { prefix: "127.0.0.0/8" }
    }
    connections {
      socket {
        netns: "blue"
        transport: TRANSPORT_TCP
        owners { processes { pid: 812 name: "nginx" } }
      }
      local { address: "10.0.0.9" port: 51000 }
      remote { address: "10.0.0.5" port: 5432 }
      state: CONNECTION_STATE_CLOSE_WAIT
      role: ROLE_CLIENT
      role_evidence: ROLE_EVIDENCE_DECLARED
    })")));
}

TEST(RegisterTest, AListenerIsReportedAsItIs) {
  RegisterListenerOptions options = Listener("[::]:53");
  options.common.socket.udp = true;
  options.v6_only = true;
  options.device = "eth0";

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    reporter { kind: REPORTER_KIND_PROGRAM name: "connreg" host: "web1" }
    ttl { seconds: 3600 }
    listeners {
      socket { transport: TRANSPORT_UDP }
      local { address: "::" port: 53 }
      v6_only: true
      device: "eth0"
    })")));
}

TEST(RegisterTest, AMalformedWordNamesItsArgument) {
  const auto field = [](const auto& options) {
    return DetailOf(RequestOf(options).status())->field;
  };
  RegisterConnectionOptions client = Connection();
  client.side.client = "10.0.0.9";
  RegisterConnectionOptions server = Connection();
  server.side.server = "db1:5432";
  RegisterConnectionOptions ttl = Connection();
  ttl.common.ttl = "soon";

  EXPECT_EQ(field(client), "CLIENT");
  EXPECT_EQ(field(server), "SERVER");
  EXPECT_EQ(field(ttl), "--ttl");
  EXPECT_EQ(field(Listener("::1")), "ENDPOINT");
}

TEST(RegisterTest, TheLeaseIsToldInWords) {
  Captured captured;
  const auto response =
      FromText<v1::RegisterResponse>("ttl { seconds: 5400 } accepted_count: 1");

  EXPECT_THAT(Print(response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "registered; the lease lasts 1h30m\n");
  EXPECT_EQ(captured.err.str(), "");
}

TEST(RegisterTest, ARefusedRowIsAnError) {
  Captured captured;
  const auto response = FromText<v1::RegisterResponse>(R"(
    ttl { seconds: 3600 }
    refusals {
      field: "connections[0].remote.address"
      reason: "ADDRESS_WILDCARD"
      description: "0.0.0.0 is no address to connect to"
    })");

  EXPECT_THAT(Print(response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kUsage));
  EXPECT_EQ(captured.out.str(), "");
  EXPECT_EQ(captured.err.str(),
            "connreg: refused: connections[0].remote.address: 0.0.0.0 is no "
            "address to connect to\n");
}

TEST(RegisterTest, ARowWithoutRoomIsAnErrorThatNamesTheLimit) {
  Captured captured;
  const auto response = FromText<v1::RegisterResponse>(R"(
    ttl { seconds: 3600 }
    limits { limit: ROW_LIMIT_ROWS value: 5000000 refused_count: 1 })");

  EXPECT_THAT(Print(response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kNoAnswer));
  EXPECT_EQ(captured.out.str(), "");
  EXPECT_EQ(captured.err.str(),
            "connreg: not registered: the service takes at most 5000000 rows "
            "(ROW_LIMIT_ROWS)\n");
}

TEST(RegisterTest, AddressesWithoutRoomLeaveTheRowRegistered) {
  Captured captured;
  const auto response = FromText<v1::RegisterResponse>(R"(
    ttl { seconds: 3600 }
    accepted_count: 1
    limits {
      limit: ROW_LIMIT_PREFIXES_PER_REPORTER value: 64 refused_count: 1
    })");

  EXPECT_THAT(Print(response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kNoAnswer));
  EXPECT_EQ(captured.out.str(), "registered; the lease lasts 1h\n");
  EXPECT_EQ(captured.err.str(),
            "connreg: addresses not registered: the service takes at most 64 "
            "prefixes of one reporter (ROW_LIMIT_PREFIXES_PER_REPORTER)\n");
}

TEST(RegisterTest, CsvHasALineForEachValue) {
  Captured captured;
  const auto response =
      FromText<v1::RegisterResponse>("ttl { seconds: 3600 } accepted_count: 1");

  EXPECT_THAT(Print(response, captured.As(OutputFormat::kCsv)),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "name,value\r\nttl_seconds,3600\r\naccepted_count,1\r\n"
            "malformed_count,0\r\n");
}

TEST(RegisterTest, JsonIsTheResponse) {
  Captured captured;
  const auto response =
      FromText<v1::RegisterResponse>("ttl { seconds: 3600 } accepted_count: 1");

  EXPECT_THAT(Print(response, captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "{\"ttl\":\"3600s\",\"acceptedCount\":1}\n");
}

}  // namespace
}  // namespace connreg::cli
