#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/wire/batch_lookup.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

const FourTuple kTuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");

// What each question found, in order.
using Findings = std::vector<std::pair<FourTuple, LookupFinding>>;

v1::BatchLookupResponse Answer(Findings findings,
                               const Coverage& coverage = {}) {
  BatchLookupQuestion question;
  BatchLookupAnswer answer{.coverage = coverage};
  for (auto& [tuple, found] : findings) {
    question.tuples.push_back(tuple);
    answer.found.push_back(std::move(found));
  }
  v1::BatchLookupResponse response;
  ToProto(question, answer, &response);
  return response;
}

v1::BatchLookupResponse Answer(LookupFinding found) {
  return Answer(Findings{{kTuple, std::move(found)}});
}

FoundConnections Found(Connection connection,
                       TupleOrder order = TupleOrder::kAsAsked) {
  return {.connections = {std::move(connection)}, .order = order};
}

// What the registry knows of the client's end of kTuple, and of the server's.
Observation ClientSide() {
  Observation side = Observed("app-1", kTuple);
  side.facts.socket.netns = "4026531840";
  side.facts.socket.cookie = 9;
  side.facts.socket.owners = Owners::Known(
      {{.pid = 7, .start_time = absl::FromUnixNanos(123), .name = "app"},
       {.pid = 8, .start_time = absl::FromUnixNanos(456), .name = "app"}});
  side.facts.state = ConnectionState::kFinWait2;
  return side;
}
Observation ServerSide() {
  Observation side = Observed("db-1", kTuple.Mirror());
  side.facts.socket.netns = "4026531841";
  side.facts.socket.cookie = 0xFFFF'FFFF'FFFF'FFFF;
  side.facts.socket.owners = Owners::Known({{.pid = 42, .name = "postgres"}});
  side.facts.state = ConnectionState::kCloseWait;
  return side;
}

// The texts that columns name, so that place 1 is the first.
std::vector<std::string> TextsOf(const v1::BatchLookupResponse& response) {
  std::vector<std::string> texts;
  size_t begin = 0;
  for (const size_t end : response.text_ends()) {
    texts.push_back(response.texts().substr(begin, end - begin));
    begin = end;
  }
  EXPECT_EQ(begin, response.texts().size());
  return texts;
}

// Where nothing is known of the end of the only question.
constexpr char kNothing[] =
    "hosts: 0 netns: 0 states: CONNECTION_STATE_UNSPECIFIED processes: 0 "
    "process_counts: 0 cookies: 0";

// ---- Connections ----

TEST(BatchLookupAnswerTest, TellsBothEndsOfAConnection) {
  Connection connection = TwoSided(ClientSide(), ServerSide());
  connection.evidence = RoleEvidence::kListener;
  const auto response = Answer(Found(connection));
  EXPECT_THAT(response, EqualsProto(R"pb(
                outcomes: LOOKUP_OUTCOME_CONNECTION
                match_counts: 1
                orders: TUPLE_ORDER_AS_ASKED
                role_evidences: ROLE_EVIDENCE_LISTENER
                one_sided_reasons: ONE_SIDED_REASON_UNSPECIFIED
                times: 0
                clients {
                  hosts: 1
                  netns: 2
                  states: CONNECTION_STATE_FIN_WAIT_2
                  processes: 1
                  process_counts: 2
                  cookies: 9
                }
                servers {
                  hosts: 4
                  netns: 5
                  states: CONNECTION_STATE_CLOSE_WAIT
                  processes: 2
                  process_counts: 1
                  cookies: 18446744073709551615
                }
                processes {
                  pids: 7
                  pids: 42
                  start_times: 123
                  start_times: 0
                  names: 3
                  names: 6
                }
                texts: "app-14026531840appdb-14026531841postgres"
                text_ends: 5
                text_ends: 15
                text_ends: 18
                text_ends: 22
                text_ends: 32
                text_ends: 40
                coverage {}
              )pb"));
}

TEST(BatchLookupAnswerTest, PutsTheOnlyEndThatIsReportedWhereItIs) {
  Connection connection = OneSided(ServerSide());
  connection.one_sided = OneSidedReason::kUnmanaged;
  const auto response = Answer(Found(connection));
  EXPECT_THAT(response.one_sided_reasons(),
              ElementsAre(v1::ONE_SIDED_REASON_UNMANAGED));
  EXPECT_THAT(response.clients(), EqualsProto(kNothing));
  EXPECT_THAT(response.servers().cookies(), ElementsAre(0xFFFF'FFFF'FFFF'FFFF));

  EXPECT_THAT(Answer(Found(OneSided(ClientSide()))).clients().cookies(),
              ElementsAre(9u));
  EXPECT_THAT(Answer(Found(OneSided(ClientSide()))).servers(),
              EqualsProto(kNothing));
}

TEST(BatchLookupAnswerTest, EndsAreThoseOfTheQuestionWhereItIsReversed) {
  const auto response = Answer(
      Findings{{kTuple.Mirror(), Found(TwoSided(ClientSide(), ServerSide()),
                                       TupleOrder::kReversed)}});
  EXPECT_THAT(response.orders(), ElementsAre(v1::TUPLE_ORDER_REVERSED));
  EXPECT_THAT(response.clients().cookies(), ElementsAre(0xFFFF'FFFF'FFFF'FFFF));
  EXPECT_THAT(response.servers().cookies(), ElementsAre(9u));
}

TEST(BatchLookupAnswerTest, SocketConnectedToItselfIsBothEnds) {
  const FourTuple self = Tuple("127.0.0.1:8088", "127.0.0.1:8088");
  Observation side = Observed("web-1", self);
  side.facts.socket.cookie = 7;
  const auto response = Answer(Findings{{self, Found(OneSided(side))}});
  EXPECT_THAT(response.clients().cookies(), ElementsAre(7u));
  EXPECT_THAT(response.servers(), EqualsProto(R"pb(
                hosts: 1
                netns: 0
                states: CONNECTION_STATE_ESTABLISHED
                processes: 0
                process_counts: 0
                cookies: 7
              )pb"));
}

TEST(BatchLookupAnswerTest, CountsAllConnectionsAndTellsTheFirst) {
  const auto response = Answer(
      FoundConnections{.connections = {OneSided(ClientSide()),
                                       OneSided(Observed("app-2", kTuple))}});
  EXPECT_THAT(response.match_counts(), ElementsAre(2u));
  EXPECT_THAT(response.clients().cookies(), ElementsAre(9u));
  EXPECT_THAT(TextsOf(response), ElementsAre("app-1", "4026531840", "app"));
}

// ---- Listeners ----

FoundListeners Takers(absl::string_view endpoint, TupleOrder order) {
  Listener listener = Listening("db-1", endpoint);
  listener.facts.socket.cookie = 5;
  return {.listeners = {{.listener = listener},
                        {.listener = Listening("db-2", endpoint)}},
          .endpoint = At(endpoint),
          .order = order};
}

TEST(BatchLookupAnswerTest, ListenerStandsAtTheServersEnd) {
  const auto response = Answer(Takers("10.0.0.5:5432", TupleOrder::kAsAsked));
  EXPECT_THAT(response.outcomes(), ElementsAre(v1::LOOKUP_OUTCOME_LISTENER));
  EXPECT_THAT(response.match_counts(), ElementsAre(2u));
  EXPECT_THAT(response.orders(), ElementsAre(v1::TUPLE_ORDER_AS_ASKED));
  EXPECT_THAT(response.role_evidences(),
              ElementsAre(v1::ROLE_EVIDENCE_UNSPECIFIED));
  EXPECT_THAT(response.times(), ElementsAre(0));
  EXPECT_THAT(response.clients(), EqualsProto(kNothing));
  EXPECT_THAT(response.servers(), EqualsProto(R"pb(
                hosts: 1
                netns: 0
                states: CONNECTION_STATE_UNSPECIFIED
                processes: 0
                process_counts: 0
                cookies: 5
              )pb"));
}

TEST(BatchLookupAnswerTest, ListenerStandsAtTheClientsEndWhereItTakesThat) {
  const auto response = Answer(Takers("10.0.0.9:51000", TupleOrder::kReversed));
  EXPECT_THAT(response.orders(), ElementsAre(v1::TUPLE_ORDER_REVERSED));
  EXPECT_THAT(response.clients().cookies(), ElementsAre(5u));
  EXPECT_THAT(response.servers(), EqualsProto(kNothing));
}

// ---- Nothing ----

TEST(BatchLookupAnswerTest, TellsEachReasonAndWhatMemoryCovers) {
  for (const auto& [reason, outcome] :
       std::vector<std::pair<AbsentReason, v1::LookupOutcome>>{
           {AbsentReason::kNotSeenSince, v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE},
           {AbsentReason::kNoSuchHost, v1::LOOKUP_OUTCOME_NO_SUCH_HOST},
           {AbsentReason::kHostStale, v1::LOOKUP_OUTCOME_HOST_STALE},
           {AbsentReason::kSyncing, v1::LOOKUP_OUTCOME_SYNCING}}) {
    const auto response = Answer(
        Absent{.reason = reason, .since = absl::FromUnixNanos(1'000'000'007)});
    EXPECT_THAT(response.outcomes(), ElementsAre(outcome));
    EXPECT_THAT(response.match_counts(), ElementsAre(0u));
    EXPECT_THAT(response.orders(), ElementsAre(v1::TUPLE_ORDER_UNSPECIFIED));
    EXPECT_THAT(response.times(), ElementsAre(1'000'000'007));
    EXPECT_THAT(response.clients(), EqualsProto(kNothing));
    EXPECT_THAT(response.servers(), EqualsProto(kNothing));
    EXPECT_THAT(response.texts(), IsEmpty());
  }
}

TEST(BatchLookupAnswerTest, TellsWhenTheLastOfTheEndedConnectionsEnded) {
  const auto response = Answer(Absent{
      .reason = AbsentReason::kClosed,
      .since = absl::FromUnixNanos(1),
      .closed = {OneSided(Ended(ClientSide(), absl::FromUnixNanos(300))),
                 OneSided(Ended(ServerSide(), absl::FromUnixNanos(200)))}});
  EXPECT_THAT(response.outcomes(), ElementsAre(v1::LOOKUP_OUTCOME_CLOSED));
  EXPECT_THAT(response.match_counts(), ElementsAre(2u));
  EXPECT_THAT(response.times(), ElementsAre(300));
  EXPECT_THAT(response.clients().cookies(), ElementsAre(9u));
  EXPECT_THAT(response.clients().states(),
              ElementsAre(v1::CONNECTION_STATE_FIN_WAIT_2));
  EXPECT_THAT(response.servers(), EqualsProto(kNothing));
}

TEST(BatchLookupAnswerTest, ConnectionEndedWhenItsLaterSideDid) {
  for (const auto& [client, server] :
       std::vector<std::pair<int64_t, int64_t>>{{300, 200}, {200, 300}}) {
    Connection connection =
        TwoSided(Ended(ClientSide(), absl::FromUnixNanos(client)),
                 Ended(ServerSide(), absl::FromUnixNanos(server)));
    connection.evidence = RoleEvidence::kInitiated;
    const auto response =
        Answer(Absent{.reason = AbsentReason::kClosed, .closed = {connection}});
    EXPECT_THAT(response.times(), ElementsAre(300));
    EXPECT_THAT(response.role_evidences(),
                ElementsAre(v1::ROLE_EVIDENCE_INITIATED));
    EXPECT_THAT(response.clients().cookies(), ElementsAre(9u));
    EXPECT_THAT(response.servers().cookies(),
                ElementsAre(0xFFFF'FFFF'FFFF'FFFF));
  }
}

// ---- Many questions ----

TEST(BatchLookupAnswerTest, EveryColumnIsAsLongAsThereAreQuestions) {
  const auto response = Answer(Findings{
      {kTuple, Found(TwoSided(ClientSide(), ServerSide()))},
      {kTuple, Takers("10.0.0.5:5432", TupleOrder::kAsAsked)},
      {kTuple, Absent{}},
      {kTuple, Absent{.reason = AbsentReason::kClosed,
                      .closed = {OneSided(
                          Ended(ClientSide(), absl::FromUnixNanos(300)))}}}});
  EXPECT_THAT(
      response.outcomes(),
      ElementsAre(v1::LOOKUP_OUTCOME_CONNECTION, v1::LOOKUP_OUTCOME_LISTENER,
                  v1::LOOKUP_OUTCOME_NOT_SEEN_SINCE,
                  v1::LOOKUP_OUTCOME_CLOSED));
  EXPECT_EQ(response.match_counts_size(), 4);
  EXPECT_EQ(response.orders_size(), 4);
  EXPECT_EQ(response.role_evidences_size(), 4);
  EXPECT_EQ(response.one_sided_reasons_size(), 4);
  EXPECT_EQ(response.times_size(), 4);
  for (const v1::EndColumns& ends : {response.clients(), response.servers()}) {
    EXPECT_EQ(ends.hosts_size(), 4);
    EXPECT_EQ(ends.netns_size(), 4);
    EXPECT_EQ(ends.states_size(), 4);
    EXPECT_EQ(ends.processes_size(), 4);
    EXPECT_EQ(ends.process_counts_size(), 4);
    EXPECT_EQ(ends.cookies_size(), 4);
  }
  EXPECT_EQ(response.processes().start_times_size(),
            response.processes().pids_size());
  EXPECT_EQ(response.processes().names_size(),
            response.processes().pids_size());
}

TEST(BatchLookupAnswerTest, NamesEachTextAndEachProcessOnce) {
  const auto response =
      Answer(Findings{{kTuple, Found(TwoSided(ClientSide(), ServerSide()))},
                      {kTuple, Absent{}},
                      {kTuple, Found(TwoSided(ClientSide(), ServerSide()))}});
  EXPECT_THAT(TextsOf(response),
              ElementsAreArray({"app-1", "4026531840", "app", "db-1",
                                "4026531841", "postgres"}));
  EXPECT_THAT(response.clients().hosts(), ElementsAre(1u, 0u, 1u));
  EXPECT_THAT(response.servers().netns(), ElementsAre(5u, 0u, 5u));
  EXPECT_THAT(response.processes().pids(), ElementsAre(7u, 42u));
  EXPECT_THAT(response.clients().processes(), ElementsAre(1u, 0u, 1u));
  EXPECT_THAT(response.servers().processes(), ElementsAre(2u, 0u, 2u));
}

TEST(BatchLookupAnswerTest, ProcessesThatDifferInAnythingAreNotOne) {
  const auto held_by = [](Process process) {
    Observation side = Observed("app-1", kTuple);
    side.facts.socket.owners = Owners::Known({std::move(process)});
    return std::pair<FourTuple, LookupFinding>{kTuple, Found(OneSided(side))};
  };
  const absl::Time start = absl::FromUnixNanos(123);
  const auto response = Answer(Findings{
      held_by({.pid = 7, .start_time = start, .name = "app"}),
      held_by({.pid = 8, .start_time = start, .name = "app"}),
      held_by(
          {.pid = 7, .start_time = absl::FromUnixNanos(124), .name = "app"}),
      held_by({.pid = 7, .start_time = start, .name = "sh"}),
      held_by({.pid = 7, .start_time = start, .name = "app"})});
  EXPECT_THAT(response.clients().processes(), ElementsAre(1u, 2u, 3u, 4u, 1u));
  EXPECT_THAT(response.processes().pids(), ElementsAre(7u, 8u, 7u, 7u));
  EXPECT_THAT(response.processes().start_times(),
              ElementsAre(123, 123, 124, 123));
}

TEST(BatchLookupAnswerTest, NameOfAProcessIsToldByteForByte) {
  Observation side = Observed("app-1", kTuple);
  side.facts.socket.owners = Owners::Known({{.pid = 7, .name = "w\xFF\n"}});
  const auto response = Answer(Found(OneSided(side)));
  EXPECT_THAT(TextsOf(response), ElementsAre("app-1", "w\xFF\n"));
  EXPECT_THAT(response.processes().names(), ElementsAre(2u));
}

TEST(BatchLookupAnswerTest, WhatAProcessDoesNotTellIsZero) {
  Observation side = Observed("app-1", kTuple);
  side.facts.socket.owners = Owners::Known({{.pid = 7}});
  EXPECT_THAT(Answer(Found(OneSided(side))).processes(),
              EqualsProto("pids: 7 start_times: 0 names: 0"));
}

TEST(BatchLookupAnswerTest, TellsWhichHostsItSpeaksFor) {
  EXPECT_THAT(
      Answer(Findings{}, {.run_id = "run-1", .revision = 7, .truncated = true})
          .coverage(),
      EqualsProto(R"pb(run_id: "run-1" revision: 7 truncated: true)pb"));
}

}  // namespace
}  // namespace connreg
