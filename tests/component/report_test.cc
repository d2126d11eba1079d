#include "service/wire/report.h"

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/report_client.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ReportTest : public ServiceTest {
 protected:
  using ServiceTest::ServiceTest;

  v1::Host OnlyHost() {
    const v1::ListHostsResponse listed = ListHosts();
    EXPECT_THAT(listed.hosts(), SizeIs(1));
    return listed.hosts_size() == 1 ? listed.hosts(0) : v1::Host();
  }

  bool BecomesState(v1::HostState state) {
    return Eventually([&] { return OnlyHost().state() == state; });
  }

  // A session that was welcomed and has no rows.
  std::unique_ptr<ReportClient> Session(const std::string& host = "web-1") {
    auto client = std::make_unique<ReportClient>(*reporting_);
    client->Open(Opening(host));
    return client;
  }

  // With what a session ends that `change` was done to its next message.
  Fault FaultAfter(const AgentMessage& message,
                   const std::function<void(v1::ReportRequest*)>& change) {
    const auto client = Session();
    v1::ReportRequest request;
    ToProto(message, &request);
    change(&request);
    client->Send(request);
    return client->End();
  }
};

// ---- Welcome ----

TEST_F(ReportTest, AgentOfWhichNothingIsKnownIsToSayEverything) {
  ReportClient client(*reporting_);
  const v1::Welcome welcome =
      client.Open(Opening("web-1", {.rows = 1, .sum = 7}));
  EXPECT_TRUE(welcome.snapshot_wanted());
  EXPECT_GT(welcome.epoch(), 0u);
  EXPECT_EQ(welcome.run_id(), GetStatus().coverage().run_id());
  EXPECT_EQ(welcome.ttl().seconds(), 30);
  EXPECT_EQ(welcome.reconnect_window().seconds(), 10);
  EXPECT_EQ(welcome.max_rows(), 10'000u);
  EXPECT_EQ(welcome.max_bytes(), 4u << 20);
}

TEST_F(ReportTest, AgentOfWhichEverythingIsKnownIsToSayNothing) {
  const ListenerFacts row = ListenerAt("10.0.0.5:80");
  {
    ReportClient client(*reporting_);
    client.Open(Opening("web-1", {.rows = 1}));
    client.Tell(Snapshot(1, {row}));
  }
  const uint64_t revision = GetStatus().coverage().revision();
  RowDigest digest;
  digest.Add(DigestOf(row));
  ReportClient client(*reporting_);
  EXPECT_FALSE(client.Open(Opening("web-1", digest)).snapshot_wanted());
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_LIVE);
  EXPECT_EQ(GetStatus().coverage().revision(), revision);
}

TEST_F(ReportTest, HostIsSyncingUntilItsSnapshotEnds) {
  ReportClient client(*reporting_);
  client.Open(Opening("web-1", {.rows = 1}));
  RowBatch part = Snapshot(1, {ListenerAt("10.0.0.5:80")});
  part.last = false;
  client.Tell(part);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_SYNCING);
  EXPECT_EQ(GetStatus().coverage().syncing_host_count(), 1u);
  part = Snapshot(2, {ListenerAt("10.0.0.5:81")});
  part.first = false;
  client.Tell(part);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_LIVE);
  EXPECT_THAT(ListListeners().listeners(), SizeIs(2));
}

// ---- Rows ----

TEST_F(ReportTest, WhatIsAcknowledgedIsSeenByAnyLaterRead) {
  const auto client = Session();
  client->Tell(Delta(1, {ListenerAt("10.0.0.5:80")},
                     {ConnectionOf("10.0.0.5:80", "10.0.0.9:51000")}));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
  RowBatch gone = Delta(2, {});
  gone.gone_listeners = {{.local = ListenerAt("10.0.0.5:80").local}};
  client->Tell(gone);
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
}

TEST_F(ReportTest, EachMessageIsAnsweredInItsOrder) {
  const auto client = Session();
  constexpr uint64_t kBatches = 100;
  for (uint64_t seq = 1; seq <= kBatches; ++seq)
    ASSERT_TRUE(client->Send(AgentMessage(
        Delta(seq, {ListenerAt(absl::StrCat("10.0.0.5:", seq))}))));
  for (uint64_t seq = 1; seq <= kBatches; ++seq)
    ASSERT_EQ(client->ReadAck().seq(), seq);
  EXPECT_EQ(client->Tell(KeepAlive()).seq(), kBatches);
}

TEST_F(ReportTest, BadRowIsRefusedAloneAndTheSessionLives) {
  const auto client = Session();
  v1::ReportRequest request;
  ToProto(AgentMessage(Delta(1, {},
                             {ConnectionOf("10.0.0.5:80", "10.0.0.9:51000"),
                              ConnectionOf("10.0.0.5:80", "10.0.0.9:51001")})),
          &request);
  request.mutable_rows()->mutable_connections()->set_remote_ports(0, 0);
  ASSERT_TRUE(client->Send(request));
  const v1::Ack ack = client->ReadAck();
  EXPECT_EQ(ack.seq(), 1u);
  EXPECT_THAT(ack.refused_connections(), ElementsAre(0));
  ASSERT_THAT(ack.refusals(), SizeIs(1));
  EXPECT_EQ(ack.refusals(0).field(), "rows.connections.remote_ports[0]");
  EXPECT_EQ(ack.refusals(0).index(), 0u);
  EXPECT_EQ(ack.refusals(0).reason(), "PORT_ZERO");
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
  EXPECT_EQ(client->Tell(KeepAlive()).seq(), 1u);
}

TEST_F(ReportTest, BadEndedConnectionIsRefusedAlone) {
  const auto client = Session();
  RowBatch batch = Delta(1, {});
  batch.ended = {ConnectionOf("10.0.0.5:80", "10.0.0.9:51000"),
                 ConnectionOf("10.0.0.5:80", "10.0.0.9:51001")};
  v1::ReportRequest request;
  ToProto(AgentMessage(batch), &request);
  request.mutable_rows()->mutable_ended_connections()->set_remote_ports(1, 0);
  ASSERT_TRUE(client->Send(request));
  const v1::Ack ack = client->ReadAck();
  EXPECT_THAT(ack.refused_connections(), IsEmpty());
  ASSERT_THAT(ack.refusals(), SizeIs(1));
  EXPECT_EQ(ack.refusals(0).field(), "rows.ended_connections.remote_ports[1]");
  EXPECT_EQ(ack.refusals(0).index(), 1u);
  EXPECT_EQ(GetStatus().closed_count(), 1u);
}

TEST_F(ReportTest, ClaimThatIsWrongIsCountedAndASnapshotWanted) {
  const auto client = Session();
  EXPECT_FALSE(
      client->Tell(KeepAlive{.digest = RowDigest()}).snapshot_wanted());
  EXPECT_TRUE(client->Tell(KeepAlive{.digest = RowDigest{.rows = 1}})
                  .snapshot_wanted());
  EXPECT_EQ(GetStatus().divergence_count(), 1u);
  EXPECT_EQ(OnlyHost().session().divergence_count(), 1u);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_SYNCING);
  client->Tell(Snapshot(1, {}));
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_LIVE);
}

// ---- The end ----

TEST_F(ReportTest, HostWhoseStreamIsLostIsStale) {
  const auto client = Session();
  EXPECT_TRUE(OnlyHost().session().attached());
  EXPECT_EQ(GetStatus().session_count(), 1u);
  client->Cancel();
  EXPECT_TRUE(BecomesState(v1::HOST_STATE_STALE));
  EXPECT_FALSE(OnlyHost().session().attached());
  EXPECT_EQ(GetStatus().session_count(), 0u);
}

TEST_F(ReportTest, StreamThatIsHalfClosedIsLost) {
  const auto client = Session();
  EXPECT_EQ(client->HalfClose().code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_STALE);
}

TEST_F(ReportTest, GoodbyeLeavesTheRowsForTheNextRun) {
  const auto client = Session();
  client->Tell(Delta(1, {ListenerAt("10.0.0.5:80")}));
  ASSERT_TRUE(client->Send(Goodbye()));
  EXPECT_EQ(client->End().code, grpc::StatusCode::OK);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_STALE);
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(ReportTest, GoodbyeForGoodTakesTheRowsAway) {
  const auto client = Session();
  client->Tell(Delta(1, {ListenerAt("10.0.0.5:80")}));
  ASSERT_TRUE(client->Send(Goodbye{.remove = true}));
  EXPECT_EQ(client->End().code, grpc::StatusCode::OK);
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
}

TEST_F(ReportTest, WhatWasSentBeforeTheEndIsAnsweredFirst) {
  const auto client = Session();
  ASSERT_TRUE(client->Send(Delta(1, {ListenerAt("10.0.0.5:80")})));
  ASSERT_TRUE(client->Send(Delta(3, {})));
  EXPECT_EQ(client->ReadAck().seq(), 1u);
  EXPECT_THAT(client->End(), IsRefusal("SEQ_OUT_OF_ORDER", "rows.seq"));
}

TEST_F(ReportTest, NextSessionEndsTheOneBefore) {
  const auto older = Session();
  const auto newer = Session();
  const Fault fault = older->End();
  EXPECT_EQ(fault.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(fault.reason, "SESSION_SUPERSEDED");
  EXPECT_EQ(newer->Tell(KeepAlive()).seq(), 0u);
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_LIVE);
}

TEST_F(ReportTest, LeaseThatLapsesEndsTheSession) {
  const auto client = Session();
  AdvanceAndExpire(absl::Seconds(30));
  const Fault fault = client->End();
  EXPECT_EQ(fault.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(fault.reason, "SESSION_ENDED");
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_STALE);
}

TEST_F(ReportTest, MessageRenewsTheLease) {
  const auto client = Session();
  clock_.Advance(absl::Seconds(20));
  client->Tell(KeepAlive());
  AdvanceAndExpire(absl::Seconds(20));
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_LIVE);
}

TEST_F(ReportTest, DeregisteringAllEndsTheSession) {
  const auto client = Session();
  v1::Reporter reporter = Agent("web-1");
  Deregister(WithdrawalOfAll(reporter));
  const Fault fault = client->End();
  EXPECT_EQ(fault.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(fault.reason, "SESSION_ENDED");
}

TEST_F(ReportTest, StoppingServiceEndsTheStreams) {
  const auto client = Session();
  // It would wait for so long for one that is not ended.
  server_->Drain(absl::Hours(1));
  EXPECT_EQ(client->End().code, grpc::StatusCode::UNAVAILABLE);
}

// ---- Register beside it ----

TEST_F(ReportTest, RegisterAndDeregisterOfItsReporterAreRefused) {
  const auto client = Session();
  const v1::Reporter reporter = Agent("web-1");
  v1::RegisterResponse registered;
  Fault fault = FaultOf(
      Call(*reporting_, &Reporting::Register, Report(reporter), &registered));
  EXPECT_EQ(fault.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(fault.reason, "SESSION_OPEN");
  v1::DeregisterResponse withdrawn;
  fault = FaultOf(
      Call(*reporting_, &Reporting::Deregister,
           Withdrawal(reporter, {.listeners = {Listening("10.0.0.5:80")}}),
           &withdrawn));
  EXPECT_EQ(fault.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(fault.reason, "SESSION_OPEN");
}

// ---- Refused sessions ----

TEST_F(ReportTest, OlderRunIsRefusedWhileTheNewerReports) {
  Session();
  ReportClient newer(*reporting_);
  SessionOpening opening = Opening("web-1");
  opening.instance = "run 2";
  newer.Open(opening);
  ReportClient older(*reporting_);
  older.Send(Opening("web-1"));
  const Fault fault = older.End();
  EXPECT_EQ(fault.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(fault.reason, "RUN_SUPERSEDED");
  EXPECT_EQ(newer.Tell(KeepAlive()).seq(), 0u);
}

TEST_F(ReportTest, OtherMachineOfTheNameIsRefused) {
  const auto client = Session();
  ReportClient other(*reporting_);
  SessionOpening opening = Opening("web-1");
  opening.boot_id = "another";
  opening.instance = "run 2";
  other.Send(opening);
  const Fault fault = other.End();
  EXPECT_EQ(fault.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(fault.reason, "HOST_NAME_TAKEN");
  EXPECT_TRUE(OnlyHost().session().has_name_conflict_time());
  EXPECT_EQ(client->Tell(KeepAlive()).seq(), 0u);
}

ServerFlags ForOneReporter() {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.registry.limits.reporters = 1;
  return flags;
}

class OneReporterReportTest : public ReportTest {
 protected:
  OneReporterReportTest() : ReportTest(ForOneReporter()) {}
};

TEST_F(OneReporterReportTest, NewOneIsRefusedWholly) {
  const auto client = Session();
  ReportClient other(*reporting_);
  other.Send(Opening("web-2"));
  EXPECT_EQ(other.End().code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(ListHosts().hosts(), SizeIs(1));
}

// ---- Malformed streams ----

TEST_F(ReportTest, FirstMessageIsOpen) {
  ReportClient client(*reporting_);
  client.Send(KeepAlive());
  EXPECT_THAT(client.End(), IsRefusal("OPEN_MISSING", "open"));
}

TEST_F(ReportTest, StreamThatSaysNothingIsEnded) {
  ReportClient client(*reporting_);
  auto ended = std::async(std::launch::async, [&] { return client.End(); });
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(absl::Seconds(1));
    return ended.wait_for(std::chrono::milliseconds(10)) ==
           std::future_status::ready;
  }));
  const Fault fault = ended.get();
  EXPECT_EQ(fault.code, grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(fault.reason, "OPEN_OVERDUE");
}

TEST_F(ReportTest, OneConnectionHasAHundredCallsAtATime) {
  std::vector<std::unique_ptr<ReportClient>> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(Session(absl::StrCat("web-", i)));
  const auto ask = [&](std::chrono::milliseconds patience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    v1::GetStatusResponse response;
    return reading_->GetStatus(&context, {}, &response).error_code();
  };
  EXPECT_EQ(ask(std::chrono::milliseconds(500)),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  clients.pop_back();
  EXPECT_EQ(ask(kPatience), grpc::StatusCode::OK);
}

TEST_F(ReportTest, NoOtherMessageIsOpen) {
  const auto client = Session();
  client->Send(Opening("web-1"));
  EXPECT_THAT(client->End(), IsRefusal("OPEN_REPEATED", "open"));
}

TEST_F(ReportTest, MalformedMessageEndsTheSessionAndWhatCameBeforeStays) {
  const auto client = Session();
  client->Tell(Delta(1, {ListenerAt("10.0.0.5:80")}));
  v1::ReportRequest request;
  ToProto(AgentMessage(Delta(2, {ListenerAt("10.0.0.5:81")})), &request);
  request.mutable_rows()->mutable_listeners()->add_states(
      v1::LISTENER_STATE_LISTEN);
  client->Send(request);
  EXPECT_THAT(client->End(),
              IsRefusal("COLUMN_LENGTH", "rows.listeners.states"));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  EXPECT_EQ(OnlyHost().state(), v1::HOST_STATE_STALE);
}

TEST_F(ReportTest, MalformedNameOfWhatIsGoneEndsTheSession) {
  const auto client = Session();
  client->Tell(Delta(1, {ListenerAt("10.0.0.5:80")}));
  RowBatch gone = Delta(2, {});
  gone.gone_listeners = {{.local = ListenerAt("10.0.0.5:80").local},
                         {.local = ListenerAt("10.0.0.5:81").local}};
  v1::ReportRequest request;
  ToProto(AgentMessage(gone), &request);
  request.mutable_rows()
      ->mutable_gone_listeners()
      ->mutable_sockets()
      ->set_local_ports(1, 0);
  client->Send(request);
  EXPECT_THAT(
      client->End(),
      IsRefusal("PORT_ZERO", "rows.gone_listeners.sockets.local_ports[1]"));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(ReportTest, MoreRowsThanAMessageMayHaveEndTheSession) {
  const RowBatch batch =
      Delta(1, std::vector<ListenerFacts>(10'001, ListenerAt("10.0.0.5:80")));
  EXPECT_THAT(FaultAfter(batch, [](auto*) {}),
              IsRefusal("TOO_MANY_ROWS", "rows"));
}

TEST_F(ReportTest, SeqIsTheNextOne) {
  for (const uint64_t seq : {0, 2}) {
    EXPECT_THAT(FaultAfter(Delta(seq, {}), [](auto*) {}),
                IsRefusal("SEQ_OUT_OF_ORDER", "rows.seq"));
  }
}

TEST_F(ReportTest, SnapshotThatGoesOnHasBegun) {
  RowBatch batch = Snapshot(1, {});
  batch.first = false;
  EXPECT_THAT(FaultAfter(batch, [](auto*) {}),
              IsRefusal("NO_SNAPSHOT", "rows.first"));
}

TEST_F(ReportTest, NothingIsClaimedAmidASnapshot) {
  const auto client = Session();
  RowBatch batch = Snapshot(1, {});
  batch.last = false;
  client->Tell(batch);
  client->Send(KeepAlive{.digest = RowDigest()});
  EXPECT_THAT(client->End(),
              IsRefusal("CLAIM_AMID_SNAPSHOT", "keep_alive.digest"));
}

TEST_F(ReportTest, MessageThatIsTooLargeEndsTheStream) {
  const Fault fault = FaultAfter(Delta(1, {}), [](v1::ReportRequest* request) {
    request->mutable_rows()->mutable_tables()->set_text(
        std::string(5 << 20, 'x'));
  });
  EXPECT_EQ(fault.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(BecomesState(v1::HOST_STATE_STALE));
}

}  // namespace
}  // namespace connreg
