#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "service/net/ip_address.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::Each;
using testing::ElementsAre;

using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";

std::string BytesOf(const std::string& address) {
  const std::array<uint8_t, 16> bytes =
      IpAddress::Parse(address).value().bytes();
  return std::string(bytes.begin(), bytes.end());
}

void Ask(const std::string& client, const std::string& server,
         v1::BatchLookupRequest* request) {
  const v1::Endpoint client_end = At(client);
  const v1::Endpoint server_end = At(server);
  request->mutable_client_addresses()->append(BytesOf(client_end.address()));
  request->add_client_ports(client_end.port());
  request->mutable_server_addresses()->append(BytesOf(server_end.address()));
  request->add_server_ports(server_end.port());
}

v1::BatchLookupRequest Asking(
    const std::vector<std::pair<std::string, std::string>>& questions) {
  v1::BatchLookupRequest request;
  for (const auto& [client, server] : questions) Ask(client, server, &request);
  return request;
}

// The text that a column names; empty for 0.
std::string TextAt(const v1::BatchLookupResponse& response, uint32_t place) {
  if (place == 0) return "";
  const uint32_t begin =
      place == 1 ? 0 : response.text_ends(static_cast<int>(place) - 2);
  return response.texts().substr(
      begin, response.text_ends(static_cast<int>(place) - 1) - begin);
}

std::vector<std::string> HostsOf(const v1::BatchLookupResponse& response,
                                 const v1::EndColumns& ends) {
  std::vector<std::string> hosts;
  for (const uint32_t place : ends.hosts())
    hosts.push_back(TextAt(response, place));
  return hosts;
}

class BatchLookupTest : public ServiceTest {
 protected:
  Fault FaultOfBatch(const v1::BatchLookupRequest& request) {
    v1::BatchLookupResponse response;
    return FaultOf(Call(*reading_, &Reading::BatchLookup, request, &response));
  }

  static v1::Observation Owned(v1::Observation row, int32_t pid,
                               const std::string& name) {
    v1::Process* process =
        row.mutable_socket()->mutable_owners()->add_processes();
    process->set_pid(pid);
    process->set_name(name);
    return row;
  }
};

// ---- What is found ----

TEST_F(BatchLookupTest, EachQuestionIsAnsweredInItsPlace) {
  Register(Report(Agent("web-1"), {.listeners = {Listening(kServer)},
                                   .connections = {Accepted(kServer, kClient)},
                                   .addresses = {"10.0.0.5"}}));
  Register(Report(Agent("silent-1"), {.addresses = {"10.0.0.7"}},
                  /*ttl_seconds=*/30));
  const Rows ended = {.connections = {Accepted("10.0.0.6:80", kClient)}};
  Register(Report(Agent("web-1"), ended));
  Deregister(Withdrawal(Agent("web-1"), ended));
  AdvanceAndExpire(absl::Seconds(30));

  const v1::BatchLookupResponse response =
      BatchLookup(Asking({{kClient, kServer},
                          {"10.0.0.8:51000", kServer},
                          {"10.0.0.8:51000", "10.0.0.4:80"},
                          {kClient, "10.0.0.6:80"},
                          {kClient, "10.0.0.7:80"}}));
  EXPECT_THAT(
      response.outcomes(),
      ElementsAre(v1::LOOKUP_OUTCOME_CONNECTION, v1::LOOKUP_OUTCOME_LISTENER,
                  v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE, v1::LOOKUP_OUTCOME_CLOSED,
                  v1::LOOKUP_OUTCOME_HOST_STALE));
  EXPECT_THAT(response.match_counts(), ElementsAre(1, 1, 0, 1, 0));
  EXPECT_THAT(HostsOf(response, response.servers()),
              ElementsAre("web-1", "web-1", "", "web-1", ""));
  EXPECT_THAT(HostsOf(response, response.clients()),
              ElementsAre("", "", "", "", ""));
  const int64_t start = GetStatus().start_time().seconds() * 1'000'000'000;
  EXPECT_THAT(response.times(), ElementsAre(0, 0, start, start, start));
}

TEST_F(BatchLookupTest, ListenerIsToldWithTheEndOfTheLastConnection) {
  const Rows ended = {.connections = {Accepted(kServer, kClient)}};
  Register(Report(Agent("web-1"), {.listeners = {Listening(kServer)},
                                   .connections = ended.connections,
                                   .addresses = {"10.0.0.5"}}));
  clock_.Advance(absl::Seconds(5));
  Deregister(Withdrawal(Agent("web-1"), ended));
  const v1::BatchLookupResponse response =
      BatchLookup(Asking({{kClient, kServer}, {"10.0.0.8:51000", kServer}}));
  EXPECT_THAT(response.outcomes(), Each(v1::LOOKUP_OUTCOME_LISTENER));
  const int64_t start = GetStatus().start_time().seconds();
  EXPECT_THAT(response.times(), ElementsAre((start + 5) * 1'000'000'000, 0));
}

TEST_F(BatchLookupTest, HostThatNobodyReportsForIsNamedAsTheReason) {
  v1::BatchLookupRequest request = Asking({{kClient, kServer}});
  request.set_host("web-2");
  EXPECT_THAT(BatchLookup(request).outcomes(),
              ElementsAre(v1::LOOKUP_OUTCOME_NO_SUCH_HOST));
}

TEST_F(BatchLookupTest, OrderIsThatOfTheQuestionAndEndsAreAsItNamesThem) {
  Register(Report(Agent("web-1"), {.connections = {Accepted(kServer, kClient)},
                                   .addresses = {"10.0.0.5"}}));
  Register(Report(Agent("app-1"), {.connections = {Initiated(kClient, kServer)},
                                   .addresses = {"10.0.0.9"}}));
  const v1::BatchLookupResponse response =
      BatchLookup(Asking({{kClient, kServer}, {kServer, kClient}}));
  EXPECT_THAT(response.orders(),
              ElementsAre(v1::TUPLE_ORDER_AS_ASKED, v1::TUPLE_ORDER_REVERSED));
  EXPECT_THAT(HostsOf(response, response.clients()),
              ElementsAre("app-1", "web-1"));
  EXPECT_THAT(HostsOf(response, response.servers()),
              ElementsAre("web-1", "app-1"));
  EXPECT_THAT(response.one_sided_reasons(),
              Each(v1::ONE_SIDED_REASON_UNSPECIFIED));
  EXPECT_THAT(response.role_evidences(), Each(v1::ROLE_EVIDENCE_INITIATED));
}

TEST_F(BatchLookupTest, EndIsToldWithItsSocketAndItsProcess) {
  v1::Observation row = Owned(Owned(Accepted(kServer, kClient, 7), 42,
                                    "we\xFF"
                                    "b"),
                              43, "web");
  row.mutable_socket()->set_netns("ns");
  row.mutable_socket()
      ->mutable_owners()
      ->mutable_processes(0)
      ->mutable_start_time()
      ->set_seconds(5);
  row.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  Register(Report(Agent("web-1"), {.connections = {row}}));

  const v1::BatchLookupResponse response =
      BatchLookup(Asking({{kClient, kServer}}));
  const v1::EndColumns& servers = response.servers();
  EXPECT_EQ(TextAt(response, servers.netns(0)), "ns");
  EXPECT_EQ(servers.states(0), v1::CONNECTION_STATE_CLOSE_WAIT);
  EXPECT_EQ(servers.process_counts(0), 2u);
  EXPECT_EQ(servers.cookies(0), 7u);
  EXPECT_EQ(servers.processes(0), 1u);
  EXPECT_THAT(response.processes().pids(), ElementsAre(42));
  EXPECT_THAT(response.processes().start_times(), ElementsAre(5'000'000'000));
  EXPECT_EQ(TextAt(response, response.processes().names(0)),
            "we\xFF"
            "b");

  const v1::EndColumns& clients = response.clients();
  EXPECT_THAT(clients.hosts(), ElementsAre(0));
  EXPECT_THAT(clients.netns(), ElementsAre(0));
  EXPECT_THAT(clients.states(), ElementsAre(v1::CONNECTION_STATE_UNSPECIFIED));
  EXPECT_THAT(clients.processes(), ElementsAre(0));
  EXPECT_THAT(clients.process_counts(), ElementsAre(0));
  EXPECT_THAT(clients.cookies(), ElementsAre(0));
}

TEST_F(BatchLookupTest, TextsAndProcessesAreToldOnce) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  v1::BatchLookupRequest request;
  for (int i = 0; i < 10; ++i) {
    const std::string client = absl::StrCat("10.0.0.9:", 50'000 + i);
    *report.add_connections() = Owned(Accepted(kServer, client), 42, "web");
    Ask(client, kServer, &request);
  }
  Register(report);
  const v1::BatchLookupResponse response = BatchLookup(request);
  EXPECT_THAT(response.outcomes(), SizeIs(10));
  EXPECT_THAT(response.processes().pids(), ElementsAre(42));
  EXPECT_EQ(response.texts().size(), std::string("web-1web").size());
  EXPECT_THAT(response.text_ends(), SizeIs(2));
}

TEST_F(BatchLookupTest, MatchesAreCountedAndTheFirstIsTold) {
  v1::Observation udp = Accepted(kServer, kClient);
  udp.mutable_socket()->set_transport(v1::TRANSPORT_UDP);
  Register(Report(Agent("web-1"),
                  {.connections = {Accepted(kServer, kClient), udp}}));
  v1::BatchLookupRequest request =
      Asking({{kClient, kServer}, {kClient, kServer}});
  EXPECT_THAT(BatchLookup(request).match_counts(), ElementsAre(2, 2));
  request.add_transports(v1::TRANSPORT_UDP);
  request.add_transports(v1::TRANSPORT_UNSPECIFIED);
  EXPECT_THAT(BatchLookup(request).match_counts(), ElementsAre(1, 2));
}

TEST_F(BatchLookupTest, NetworkAndHostHoldForAllQuestions) {
  Register(
      Report(Agent("web-1"), {.connections = {Accepted(kServer, kClient)}}));
  v1::BatchLookupRequest request = Asking({{kClient, kServer}});
  request.set_network("vpc-b");
  EXPECT_THAT(BatchLookup(request).outcomes(),
              ElementsAre(v1::LOOKUP_OUTCOME_NO_SUCH_HOST));
  request.set_network("default");
  request.set_host("web-1");
  EXPECT_THAT(BatchLookup(request).outcomes(),
              ElementsAre(v1::LOOKUP_OUTCOME_CONNECTION));
}

TEST_F(BatchLookupTest, ZonesTellLinkLocalAddressesApart) {
  Register(Report(Agent("web-1"),
                  {.connections = {Accepted("[fe80::5%eth0]:80",
                                            "[fe80::9%eth0]:51000")}}));
  v1::BatchLookupRequest request = Asking({{"[fe80::9]:51000", "[fe80::5]:80"},
                                           {"[fe80::9]:51000", "[fe80::5]:80"},
                                           {kClient, kServer}});
  request.add_zones("eth0");
  request.add_zones("eth1");
  request.add_zones("");
  EXPECT_THAT(BatchLookup(request).outcomes(),
              ElementsAre(v1::LOOKUP_OUTCOME_CONNECTION,
                          v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE,
                          v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE));
}

TEST_F(BatchLookupTest, AnswerTellsWhatItSpeaksFor) {
  Register(Report(Agent("web-1")));
  const v1::Coverage coverage =
      BatchLookup(Asking({{kClient, kServer}})).coverage();
  EXPECT_EQ(coverage.run_id(), GetStatus().coverage().run_id());
  EXPECT_EQ(coverage.live_host_count(), 1u);
}

// ---- Columns ----

TEST_F(BatchLookupTest, AThousandQuestionsAreAnsweredAndNoMore) {
  v1::BatchLookupRequest request;
  for (int i = 0; i < 1000; ++i)
    Ask(absl::StrCat("10.0.0.9:", 20'000 + i), kServer, &request);
  const v1::BatchLookupResponse response = BatchLookup(request);
  EXPECT_THAT(response.outcomes(), SizeIs(1000));
  EXPECT_THAT(response.servers().hosts(), SizeIs(1000));
  EXPECT_THAT(response.clients().cookies(), SizeIs(1000));

  Ask(kClient, kServer, &request);
  EXPECT_THAT(FaultOfBatch(request),
              IsRefusal("TOO_MANY_QUESTIONS", "client_addresses"));
}

TEST_F(BatchLookupTest, NoQuestionIsRefused) {
  EXPECT_THAT(FaultOfBatch({}),
              IsRefusal("QUESTION_MISSING", "client_addresses"));
}

TEST_F(BatchLookupTest, ColumnsOfAnotherLengthAreRefused) {
  const v1::BatchLookupRequest good =
      Asking({{kClient, kServer}, {kServer, kClient}});
  v1::BatchLookupRequest request = good;
  request.mutable_client_ports()->RemoveLast();
  EXPECT_THAT(FaultOfBatch(request),
              IsRefusal("COLUMN_LENGTH", "client_ports"));
  request = good;
  request.mutable_server_addresses()->resize(16);
  EXPECT_THAT(FaultOfBatch(request),
              IsRefusal("COLUMN_LENGTH", "server_addresses"));
  request = good;
  request.add_transports(v1::TRANSPORT_TCP);
  EXPECT_THAT(FaultOfBatch(request), IsRefusal("COLUMN_LENGTH", "transports"));
  request = good;
  request.add_zones("");
  EXPECT_THAT(FaultOfBatch(request), IsRefusal("COLUMN_LENGTH", "zones"));
}

TEST_F(BatchLookupTest, BadQuestionIsNamedByItsColumnAndItsPlace) {
  const auto second = [&](const std::string& client,
                          const std::string& server) {
    return FaultOfBatch(Asking({{kClient, kServer}, {client, server}}));
  };
  EXPECT_THAT(second("10.0.0.9:0", kServer),
              IsRefusal("PORT_ZERO", "client_ports[1]"));
  EXPECT_THAT(second(kClient, "10.0.0.5:65536"),
              IsRefusal("PORT_TOO_LARGE", "server_ports[1]"));
  EXPECT_THAT(second("0.0.0.0:1", kServer),
              IsRefusal("ADDRESS_WILDCARD", "client_addresses[1]"));
  EXPECT_THAT(second(kClient, "[::]:1"),
              IsRefusal("ADDRESS_WILDCARD", "server_addresses[1]"));
  EXPECT_THAT(second(kClient, "[2001:db8::1]:80"),
              IsRefusal("FAMILY_MISMATCH", "server_addresses[1]"));

  v1::BatchLookupRequest request =
      Asking({{kClient, kServer}, {kClient, kServer}});
  request.add_zones("");
  request.add_zones("eth0");
  EXPECT_THAT(FaultOfBatch(request), IsRefusal("ZONE_NOT_ALLOWED", "zones[1]"));
}

TEST_F(BatchLookupTest, AnswerIsThatOfASingleLookup) {
  Register(Report(Agent("web-1"), {.listeners = {Listening(kServer)},
                                   .connections = {Accepted(kServer, kClient)},
                                   .addresses = {"10.0.0.5"}}));
  for (const auto& [client, server] :
       std::vector<std::pair<std::string, std::string>>{
           {kClient, kServer},
           {kServer, kClient},
           {"10.0.0.8:1", kServer},
           {kServer, "10.0.0.8:1"}}) {
    const v1::BatchLookupResponse batch =
        BatchLookup(Asking({{client, server}}));
    const v1::LookupResponse single = Lookup(connreg::Asking(client, server));
    EXPECT_EQ(batch.outcomes(0) == v1::LOOKUP_OUTCOME_CONNECTION,
              single.has_connections());
    EXPECT_EQ(batch.outcomes(0) == v1::LOOKUP_OUTCOME_LISTENER,
              single.has_listeners());
    EXPECT_EQ(batch.orders(0), single.has_connections()
                                   ? single.connections().order()
                                   : single.listeners().order());
  }
}

}  // namespace
}  // namespace connreg
