#include "service/wire/socket.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

constexpr char kConnection[] = R"pb(
  socket { transport: TRANSPORT_TCP }
  local { address: "10.0.0.9" port: 51000 }
  remote { address: "10.0.0.5" port: 5432 }
)pb";

constexpr char kListener[] = R"pb(
  socket { transport: TRANSPORT_TCP }
  local { address: "0.0.0.0" port: 5432 }
)pb";

constexpr char kReporter[] = R"pb(
  kind: REPORTER_KIND_AGENT
  name: "connreg-agent"
  host: "db-1"
  network: "vpc-a"
)pb";

// What becomes of a value that goes over the wire, in bytes.
template <typename Proto, typename Value, typename FromProto>
auto RoundTrip(const Value& value, FromProto parse) {
  Proto proto;
  ToProto(value, &proto);
  Proto received;
  EXPECT_TRUE(received.ParseFromString(proto.SerializeAsString()));
  return parse(received);
}

auto Sent(const ConnectionFacts& facts) {
  return RoundTrip<v1::Observation>(facts, ConnectionFactsFromProto);
}
auto Sent(const ListenerFacts& facts) {
  return RoundTrip<v1::Listener>(facts, ListenerFactsFromProto);
}

// A message with `text` put over a good one, and what it is refused for.
struct Refused {
  std::string text;
  std::string field;
  std::string reason;
};

template <typename Proto, typename FromProto>
void ExpectRefused(const std::string& good, FromProto parse,
                   const std::vector<Refused>& cases) {
  EXPECT_THAT(parse(FromText<Proto>(good)), IsOk());
  for (const auto& [text, field, reason] : cases) {
    const absl::Status status =
        parse(With(FromText<Proto>(good), text)).status();
    EXPECT_THAT(status, IsInvalid(reason)) << text;
    EXPECT_EQ(DetailOf(status).value_or(ErrorDetail{}).field, field) << text;
  }
}

// ---- Facts that come back as they were ----

TEST(SocketTest, ConnectionComesBackWithAllItsFacts) {
  EXPECT_THAT(Sent(FullConnection()), IsOkAndHolds(FullConnection()));
}

TEST(SocketTest, ConnectionOfFewFactsComesBack) {
  const ConnectionFacts facts{.tuple = Tuple("10.0.0.9:1", "10.0.0.5:65535")};
  EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
}

TEST(SocketTest, ConnectionComesBackInEachState) {
  for (int state = 1; state <= 8; ++state) {
    ConnectionFacts facts = FullConnection();
    facts.state = static_cast<ConnectionState>(state);
    EXPECT_THAT(Sent(facts), IsOkAndHolds(facts)) << state;
  }
}

TEST(SocketTest, ConnectionComesBackWithEachRoleAndItsEvidence) {
  for (const auto& [role, evidence] :
       std::vector<std::pair<Role, RoleEvidence>>{
           {Role::kUnknown, RoleEvidence::kUnknown},
           {Role::kServer, RoleEvidence::kListener},
           {Role::kClient, RoleEvidence::kInitiated},
           {Role::kBoth, RoleEvidence::kSelf},
           {Role::kBoth, RoleEvidence::kSimultaneous},
           {Role::kClient, RoleEvidence::kDeclared},
           {Role::kServer, RoleEvidence::kDeclared},
           {Role::kBoth, RoleEvidence::kDeclared}}) {
    const ConnectionFacts facts{
        .tuple = Tuple("127.0.0.1:8088", "127.0.0.1:8088"),
        .role = role,
        .evidence = evidence};
    EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
  }
}

TEST(SocketTest, ListenerComesBackWithAllItsFacts) {
  EXPECT_THAT(Sent(FullListener()), IsOkAndHolds(FullListener()));
}

TEST(SocketTest, BoundUdpSocketComesBack) {
  const ListenerFacts facts{.socket = {.transport = Transport::kUdp},
                            .local = At("0.0.0.0:53"),
                            .state = ListenerState::kBound};
  EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
}

TEST(SocketTest, EachReasonForUnknownOwnersComesBack) {
  for (int reason = 1; reason <= 6; ++reason) {
    ListenerFacts facts = FullListener();
    facts.socket.owners =
        Owners::Unknown(static_cast<OwnerUnknownReason>(reason));
    EXPECT_THAT(Sent(facts), IsOkAndHolds(facts)) << reason;
  }
}

TEST(SocketTest, ProcessWithoutAStartTimeComesBack) {
  ListenerFacts facts = FullListener();
  facts.socket.owners = Owners::Known({{.pid = 42}});
  EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
}

TEST(SocketTest, UserThatIsNotToldIsNotRoot) {
  ListenerFacts facts = FullListener();
  facts.socket.uid = std::nullopt;
  EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
  facts.socket.uid = 0;
  EXPECT_THAT(Sent(facts), IsOkAndHolds(facts));
}

TEST(SocketTest, ReporterComesBack) {
  for (const ReporterKind kind :
       {ReporterKind::kAgent, ReporterKind::kProgram}) {
    const Reporter reporter{
        .kind = kind, .name = "web", .host = "vært-1", .network = "vpc-a"};
    EXPECT_THAT(RoundTrip<v1::Reporter>(reporter, ReporterFromProto),
                IsOkAndHolds(reporter));
  }
}

TEST(SocketTest, NetworkNamespacesComeBack) {
  NetworkNamespace netns{.netns = "4026531840", .name = "blue"};
  for (const absl::string_view text : {"10.0.0.5/32", "127.0.0.0/8", "::1/128",
                                       "fe80::1%eth0/128", "2001:db8::/64"})
    netns.prefixes.push_back({Prefix::Parse(text).value(), "eth0"});
  EXPECT_THAT(RoundTrip<v1::NetworkNamespace>(netns, NetworkNamespaceFromProto),
              IsOkAndHolds(netns));
}

TEST(SocketTest, EndpointComesBack) {
  for (const absl::string_view text :
       {"10.0.0.5:1", "0.0.0.0:80", "[::]:80", "[2001:db8::1]:65535",
        "[fe80::1%eth0]:22"}) {
    EXPECT_THAT(RoundTrip<v1::Endpoint>(At(text), EndpointFromProto),
                IsOkAndHolds(At(text)));
  }
}

// ---- What reports may leave out, or say in another way ----

TEST(SocketTest, ConnectionIsEstablishedUnlessToldOtherwise) {
  const ConnectionFacts expected{.tuple =
                                     Tuple("10.0.0.9:51000", "10.0.0.5:5432")};
  EXPECT_THAT(ConnectionFactsFromProto(FromText<v1::Observation>(kConnection)),
              IsOkAndHolds(expected));
}

TEST(SocketTest, RoleWithoutEvidenceIsDeclared) {
  const auto facts = ConnectionFactsFromProto(
      With(FromText<v1::Observation>(kConnection), "role: ROLE_CLIENT"));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->role, Role::kClient);
  EXPECT_EQ(facts->evidence, RoleEvidence::kDeclared);
}

TEST(SocketTest, MappedAddressIsIpv4) {
  EXPECT_THAT(
      EndpointFromProto(FromText<v1::Endpoint>(R"pb(address: "::ffff:10.0.0.5"
                                                    port: 80)pb")),
      IsOkAndHolds(At("10.0.0.5:80")));
}

TEST(SocketTest, AddressIsTakenInAnyFormAndAnsweredInOne) {
  for (const absl::string_view address :
       {"2001:DB8::1", "2001:db8:0:0::1", "2001:0db8:0:0:0:0:0:1"}) {
    v1::Endpoint proto;
    proto.set_address(std::string(address));
    proto.set_port(443);
    const absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto);
    ASSERT_THAT(endpoint, IsOk());
    v1::Endpoint answer;
    ToProto(*endpoint, &answer);
    EXPECT_EQ(answer.address(), "2001:db8::1");
  }
}

TEST(SocketTest, NetworkIsDefaultUnlessToldOtherwise) {
  auto proto = FromText<v1::Reporter>(kReporter);
  proto.clear_network();
  const auto reporter = ReporterFromProto(proto);
  ASSERT_THAT(reporter, IsOk());
  EXPECT_EQ(reporter->network, "default");
}

TEST(SocketTest, ProcessesAreOrderedWithPid1LastAndCountOnce) {
  const auto facts =
      ListenerFactsFromProto(With(FromText<v1::Listener>(kListener), R"pb(
        socket {
          owners {
            processes { pid: 1 name: "systemd" }
            processes { pid: 9 name: "sshd" }
            processes { pid: 3 name: "sshd" }
            processes { pid: 9 name: "sshd" }
          }
        }
      )pb"));
  ASSERT_THAT(facts, IsOk());
  std::vector<int> pids;
  for (const Process& process : facts->socket.owners.processes())
    pids.push_back(process.pid);
  EXPECT_THAT(pids, ElementsAre(3, 9, 1));
}

TEST(SocketTest, OutputOnlyFieldsAreNotRead) {
  const auto facts =
      ListenerFactsFromProto(With(FromText<v1::Listener>(kListener), R"pb(
        socket { owners { processes { pid: 3 display_name: "forged" } } }
        provenance { first_seen_time { nanos: -1 } }
        derived { multi_host: true }
      )pb"));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->socket.owners.processes()[0].name, "");
}

TEST(SocketTest, ProcessMayBeNamedByAnyBytes) {
  auto proto = FromText<v1::Listener>(kListener);
  auto* process = proto.mutable_socket()->mutable_owners()->add_processes();
  process->set_pid(3);
  process->set_name(std::string(64, '\xFF'));
  EXPECT_THAT(ListenerFactsFromProto(proto), IsOk());
}

// ---- Refusals ----

TEST(SocketTest, BadEndpointIsRefused) {
  ExpectRefused<v1::Endpoint>(
      R"pb(address: "10.0.0.5" port: 80)pb", EndpointFromProto,
      {{R"pb(address: "")pb", "address", "ADDRESS_EMPTY"},
       {R"pb(address: "10.0.0")pb", "address", "ADDRESS_MALFORMED"},
       {R"pb(address: "10.0.0.05")pb", "address", "ADDRESS_MALFORMED"},
       {R"pb(address: "10.0.0.5:80")pb", "address", "ADDRESS_MALFORMED"},
       {R"pb(address: " 10.0.0.5")pb", "address", "ADDRESS_MALFORMED"},
       {R"pb(address: "localhost")pb", "address", "ADDRESS_MALFORMED"},
       {R"pb(address: "2001:db8::1%eth0")pb", "address", "ZONE_NOT_ALLOWED"},
       {R"pb(address: "fe80::1%")pb", "address", "ZONE_EMPTY"},
       {"port: 0", "port", "PORT_ZERO"},
       {"port: 65536", "port", "PORT_TOO_LARGE"},
       {"port: 4294967295", "port", "PORT_TOO_LARGE"}});
}

TEST(SocketTest, BadAddressIsRefusedWithItsPosition) {
  EXPECT_THAT(EndpointFromProto(FromText<v1::Endpoint>(R"pb(address: "10.0.x.5"
                                                            port: 80)pb")),
              IsInvalidAt("ADDRESS_MALFORMED", 5));
}

TEST(SocketTest, BadReporterIsRefused) {
  const std::string long_name(256, 'x');
  ExpectRefused<v1::Reporter>(
      kReporter, ReporterFromProto,
      {{"kind: REPORTER_KIND_UNSPECIFIED", "kind", "ENUM_UNSPECIFIED"},
       {"kind: 3", "kind", "ENUM_UNKNOWN"},
       {R"pb(name: "")pb", "name", "TEXT_EMPTY"},
       {R"pb(name: "a\nb")pb", "name", "TEXT_MALFORMED"},
       {absl::StrCat("name: '", long_name, "'"), "name", "TEXT_TOO_LONG"},
       {R"pb(host: "")pb", "host", "TEXT_EMPTY"},
       {R"pb(host: "\302\233")pb", "host", "TEXT_MALFORMED"},
       {absl::StrCat("host: '", long_name, "'"), "host", "TEXT_TOO_LONG"},
       {R"pb(network: "\177")pb", "network", "TEXT_MALFORMED"},
       {absl::StrCat("network: '", long_name, "'"), "network",
        "TEXT_TOO_LONG"}});
}

TEST(SocketTest, BadNetworkNamespacesAreRefused) {
  ExpectRefused<v1::NetworkNamespace>(
      R"pb(netns: "1"
           prefixes { prefix: "10.0.0.5" })pb",
      NetworkNamespaceFromProto,
      {{R"pb(netns: "\000")pb", "netns", "TEXT_MALFORMED"},
       {R"pb(name: "\n")pb", "name", "TEXT_MALFORMED"},
       {R"pb(prefixes { prefix: "" })pb", "prefixes[1].prefix",
        "ADDRESS_EMPTY"},
       {R"pb(prefixes { prefix: "10.0.0.1" }
             prefixes { prefix: "10.0.0.0/33" })pb",
        "prefixes[2].prefix", "PREFIX_LENGTH_OUT_OF_RANGE"},
       {R"pb(prefixes { prefix: "10.0.0.0/x" })pb", "prefixes[1].prefix",
        "PREFIX_LENGTH_MALFORMED"},
       {R"pb(prefixes { prefix: "10.0.0.5" device: "sixteen-letters-" })pb",
        "prefixes[1].device", "TEXT_TOO_LONG"}});
}

// What every row has.
std::vector<Refused> BadSockets() {
  return {
      {"socket { transport: TRANSPORT_UNSPECIFIED }", "socket.transport",
       "ENUM_UNSPECIFIED"},
      {"socket { transport: 3 }", "socket.transport", "ENUM_UNKNOWN"},
      {"socket { family: 3 }", "socket.family", "ENUM_UNKNOWN"},
      {R"pb(socket { netns: "\n" })pb", "socket.netns", "TEXT_MALFORMED"},
      {absl::StrCat("socket { netns: '", std::string(256, 'x'), "' }"),
       "socket.netns", "TEXT_TOO_LONG"},
      {"socket { owners { unknown_reason: 7 } }",
       "socket.owners.unknown_reason", "ENUM_UNKNOWN"},
      {"socket { owners { processes { pid: 3 } "
       "unknown_reason: OWNER_UNKNOWN_REASON_NO_HOLDER } }",
       "socket.owners.unknown_reason", "OWNER_KNOWN_AND_UNKNOWN"},
      {"socket { owners { processes { pid: 3 } processes { pid: 0 } } }",
       "socket.owners.processes[1].pid", "PID_OUT_OF_RANGE"},
      {"socket { owners { processes { pid: -1 } } }",
       "socket.owners.processes[0].pid", "PID_OUT_OF_RANGE"},
      {absl::StrCat("socket { owners { processes { pid: 3 name: '",
                    std::string(65, 'x'), "' } } }"),
       "socket.owners.processes[0].name", "TEXT_TOO_LONG"},
      {"socket { owners { processes { pid: 3 "
       "start_time { nanos: -1 } } } }",
       "socket.owners.processes[0].start_time", "TIME_OUT_OF_RANGE"},
      {R"pb(local { address: "10.0.0" })pb", "local.address",
       "ADDRESS_MALFORMED"},
      {"local { port: 0 }", "local.port", "PORT_ZERO"},
      {"local { port: 65536 }", "local.port", "PORT_TOO_LARGE"},
      {"state: 99", "state", "ENUM_UNKNOWN"},
  };
}

TEST(SocketTest, BadConnectionIsRefused) {
  std::vector<Refused> cases = BadSockets();
  cases.insert(cases.end(),
               {{R"pb(local { address: "0.0.0.0" })pb", "local.address",
                 "ADDRESS_WILDCARD"},
                {R"pb(remote { address: "0.0.0.0" })pb", "remote.address",
                 "ADDRESS_WILDCARD"},
                {R"pb(remote { address: "::" })pb", "remote.address",
                 "ADDRESS_WILDCARD"},
                {R"pb(remote { address: "2001:db8::1" })pb", "remote.address",
                 "FAMILY_MISMATCH"},
                {"remote { port: 0 }", "remote.port", "PORT_ZERO"},
                {"socket { transport: TRANSPORT_UDP } "
                 "state: CONNECTION_STATE_CLOSE_WAIT",
                 "state", "STATE_NOT_OF_TRANSPORT"},
                {"role: 4", "role", "ENUM_UNKNOWN"},
                {"role_evidence: 6", "role_evidence", "ENUM_UNKNOWN"}});
  ExpectRefused<v1::Observation>(kConnection, ConnectionFactsFromProto, cases);
}

TEST(SocketTest, RoleThatItsEvidenceDoesNotGiveIsRefused) {
  std::vector<Refused> cases;
  for (const absl::string_view text :
       {"role_evidence: ROLE_EVIDENCE_LISTENER",
        "role_evidence: ROLE_EVIDENCE_DECLARED",
        "role: ROLE_CLIENT role_evidence: ROLE_EVIDENCE_LISTENER",
        "role: ROLE_SERVER role_evidence: ROLE_EVIDENCE_INITIATED",
        "role: ROLE_CLIENT role_evidence: ROLE_EVIDENCE_SIMULTANEOUS",
        "role: ROLE_SERVER role_evidence: ROLE_EVIDENCE_SELF",
        // Its ends differ.
        "role: ROLE_BOTH role_evidence: ROLE_EVIDENCE_SELF"}) {
    cases.push_back(
        {std::string(text), "role_evidence", "ROLE_WITHOUT_EVIDENCE"});
  }
  ExpectRefused<v1::Observation>(kConnection, ConnectionFactsFromProto, cases);
}

TEST(SocketTest, BadListenerIsRefused) {
  std::vector<Refused> cases = BadSockets();
  cases.insert(
      cases.end(),
      {{"state: LISTENER_STATE_BOUND", "state", "STATE_NOT_OF_TRANSPORT"},
       {"socket { transport: TRANSPORT_UDP } "
        "state: LISTENER_STATE_LISTEN",
        "state", "STATE_NOT_OF_TRANSPORT"},
       {R"pb(device: "wlp0s20f3-guest2")pb", "device", "TEXT_TOO_LONG"},
       {R"pb(device: "eth\n")pb", "device", "TEXT_MALFORMED"}});
  ExpectRefused<v1::Listener>(kListener, ListenerFactsFromProto, cases);
}

TEST(SocketTest, MoreThanAThousandProcessesAreRefused) {
  auto proto = FromText<v1::Listener>(kListener);
  auto* owners = proto.mutable_socket()->mutable_owners();
  for (int pid = 1; pid <= 1000; ++pid) owners->add_processes()->set_pid(pid);
  EXPECT_THAT(ListenerFactsFromProto(proto), IsOk());

  owners->add_processes()->set_pid(1001);
  const absl::Status status = ListenerFactsFromProto(proto).status();
  EXPECT_THAT(DetailOf(status),
              Optional(ErrorDetail{"TOO_MANY_PROCESSES",
                                   "socket.owners.processes", std::nullopt}));
}

TEST(SocketTest, RowWithoutItsEndpointsIsRefused) {
  auto connection = FromText<v1::Observation>(kConnection);
  connection.clear_remote();
  EXPECT_THAT(
      DetailOf(ConnectionFactsFromProto(connection).status()),
      Optional(ErrorDetail{"ENDPOINT_MISSING", "remote", std::nullopt}));
  connection.clear_local();
  EXPECT_THAT(DetailOf(ConnectionFactsFromProto(connection).status()),
              Optional(ErrorDetail{"ENDPOINT_MISSING", "local", std::nullopt}));
  EXPECT_THAT(DetailOf(ConnectionNameFromProto(connection).status()),
              Optional(ErrorDetail{"ENDPOINT_MISSING", "local", std::nullopt}));

  auto listener = FromText<v1::Listener>(kListener);
  listener.clear_local();
  EXPECT_THAT(DetailOf(ListenerFactsFromProto(listener).status()),
              Optional(ErrorDetail{"ENDPOINT_MISSING", "local", std::nullopt}));
  EXPECT_THAT(DetailOf(ListenerNameFromProto(listener).status()),
              Optional(ErrorDetail{"ENDPOINT_MISSING", "local", std::nullopt}));
}

TEST(SocketTest, RefusalNamesTheValue) {
  const absl::Status status =
      ConnectionFactsFromProto(With(FromText<v1::Observation>(kConnection),
                                    R"pb(remote { address: "10.0.0" })pb"))
          .status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("10.0.0"));
}

// ---- Names of rows ----

TEST(SocketTest, NameReadsOnlyWhatNamesARow) {
  const auto connection =
      ConnectionNameFromProto(With(FromText<v1::Observation>(kConnection), R"pb(
        socket {
          netns: "n"
          cookie: 7
          inode: 8
          family: 99
          owners { processes { pid: -1 } }
        }
        state: 99
        role: 99
        device: "eth1"
      )pb"));
  ASSERT_THAT(connection, IsOk());
  EXPECT_EQ(connection->device, "eth1");
  EXPECT_EQ(connection->tuple, Tuple("10.0.0.9:51000", "10.0.0.5:5432"));
  EXPECT_EQ(connection->socket,
            (Socket{.netns = "n", .cookie = 7, .inode = 8}));

  const auto listener =
      ListenerNameFromProto(With(FromText<v1::Listener>(kListener), R"pb(
        socket { cookie: 7 }
        state: 99
        device: "eth0"
      )pb"));
  ASSERT_THAT(listener, IsOk());
  EXPECT_EQ(listener->device, "eth0");
  EXPECT_EQ(listener->local, At("0.0.0.0:5432"));
  EXPECT_EQ(listener->socket.cookie, 7u);
}

TEST(SocketTest, BadNameIsRefused) {
  const std::vector<Refused> cases = {
      {"socket { transport: TRANSPORT_UNSPECIFIED }", "socket.transport",
       "ENUM_UNSPECIFIED"},
      {R"pb(socket { netns: "\n" })pb", "socket.netns", "TEXT_MALFORMED"},
      {"local { port: 0 }", "local.port", "PORT_ZERO"}};
  ExpectRefused<v1::Observation>(kConnection, ConnectionNameFromProto, cases);
  ExpectRefused<v1::Listener>(kListener, ListenerNameFromProto, cases);
}

}  // namespace
}  // namespace connreg
