#include <string>

#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kServer[] = "10.0.0.5:5432";
constexpr char kClient[] = "10.0.0.9:51000";

class RegisterTest : public ServiceTest {
 protected:
  // The only row of the only connection there is.
  v1::Observation OnlyRow() {
    const v1::ListConnectionsResponse listed = ListConnections();
    EXPECT_THAT(listed.connections(), SizeIs(1));
    if (listed.connections_size() != 1) return {};
    EXPECT_THAT(listed.connections(0).observations(), SizeIs(1));
    return listed.connections(0).observations(0);
  }

  uint64_t Revision() { return GetStatus().coverage().revision(); }

  const v1::Reporter agent_ = Agent("db-1");
  const v1::Reporter program_ = Program("db-1", "postgres");
};

TEST_F(RegisterTest, SameRequestAgainChangesNothing) {
  const v1::RegisterRequest request =
      Report(agent_, {.listeners = {Listening(kServer, 1)},
                      .connections = {Accepted(kServer, kClient, 2)},
                      .addresses = {"10.0.0.5", "127.0.0.0/8"}});
  v1::RegisterResponse first = Register(request);
  const v1::GetStatusResponse before = GetStatus();
  EXPECT_GT(before.coverage().revision(), 0u);

  clock_.Advance(absl::Seconds(5));
  const v1::RegisterResponse second = Register(request);
  first.clear_lease_granted();
  EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(GetStatus().SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(OnlyRow().provenance().change_time().seconds(),
            before.start_time().seconds());
}

TEST_F(RegisterTest, TellsTheLeaseAndHowManyRowsItTook) {
  const v1::RegisterResponse response =
      Register(Report(program_,
                      {.listeners = {Listening(kServer)},
                       .connections = {Accepted(kServer, kClient)}},
                      /*ttl_seconds=*/30));
  EXPECT_EQ(response.ttl().seconds(), 30);
  EXPECT_EQ(response.accepted_count(), 2u);
  EXPECT_THAT(response.refusals(), IsEmpty());
}

TEST_F(RegisterTest, TakesNothingAway) {
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient)}}));
  Register(
      Report(agent_, {.connections = {Accepted(kServer, "10.0.0.8:51000")}}));
  EXPECT_THAT(Texts(ListConnections().connections()),
              UnorderedElementsAre("10.0.0.9:51000 > 10.0.0.5:5432",
                                   "10.0.0.8:51000 > 10.0.0.5:5432"));
}

TEST_F(RegisterTest, BadRowIsRefusedAloneAndTheOthersAreKept) {
  const v1::RegisterResponse response = Register(Report(
      agent_, {.listeners = {Listening("10.0.0.5:0"), Listening(kServer)},
               .connections = {Accepted(kServer, kClient),
                               Accepted(kServer, "0.0.0.0:51000")}}));
  EXPECT_EQ(response.accepted_count(), 2u);
  ASSERT_THAT(response.refusals(), SizeIs(2));
  EXPECT_EQ(response.refusals(0).field(), "listeners[0].local.port");
  EXPECT_EQ(response.refusals(0).index(), 0u);
  EXPECT_EQ(response.refusals(0).reason(), "PORT_ZERO");
  EXPECT_EQ(response.refusals(1).field(), "connections[1].remote.address");
  EXPECT_EQ(response.refusals(1).index(), 1u);
  EXPECT_EQ(response.refusals(1).reason(), "ADDRESS_WILDCARD");
  EXPECT_THAT(response.refusals(1).description(), HasSubstr("0.0.0.0:51000"));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(RegisterTest, RowTellsSinceWhenItIsKnownAndWhenItChanged) {
  const int64_t start = GetStatus().start_time().seconds();
  v1::Observation row = Accepted(kServer, kClient, 1);
  clock_.Advance(absl::Seconds(1));
  Register(Report(agent_, {.connections = {row}}));
  clock_.Advance(absl::Seconds(5));
  row.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  Register(Report(agent_, {.connections = {row}}));

  const v1::Provenance provenance = OnlyRow().provenance();
  EXPECT_EQ(provenance.first_seen_time().seconds(), start + 1);
  EXPECT_EQ(provenance.change_time().seconds(), start + 6);
  EXPECT_EQ(provenance.reporter().name(), "connreg-agent");
}

// ---- Views ----

TEST_F(RegisterTest, AgentsViewOfAConnectionRepresentsIt) {
  Register(Report(program_, {.connections = {Accepted(kServer, kClient)}}));
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient, 7)}}));
  EXPECT_EQ(OnlyRow().provenance().reporter().kind(), v1::REPORTER_KIND_AGENT);
  EXPECT_EQ(GetStatus().observation_count(), 2u);

  // A later word of the program changes nothing.
  v1::Observation later = Accepted(kServer, kClient);
  later.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  clock_.Advance(absl::Seconds(1));
  Register(Report(program_, {.connections = {later}}));
  EXPECT_EQ(OnlyRow().socket().cookie(), 7u);
}

TEST_F(RegisterTest, ProgramsViewIsShownWhenTheAgentsGoes) {
  Register(Report(program_, {.connections = {Accepted(kServer, kClient)}}));
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient, 7)}}));
  Deregister(WithdrawalOfAll(agent_));
  EXPECT_EQ(OnlyRow().provenance().reporter().name(), "postgres");
}

TEST_F(RegisterTest, AgentsViewOfAListenerRepresentsIt) {
  Register(Report(program_, {.listeners = {Listening(kServer)}}));
  Register(Report(agent_, {.listeners = {Listening(kServer, 7)}}));
  v1::ListListenersResponse listed = ListListeners();
  ASSERT_THAT(listed.listeners(), SizeIs(1));
  EXPECT_EQ(listed.listeners(0).socket().cookie(), 7u);
  EXPECT_EQ(GetStatus().listener_count(), 2u);

  Deregister(WithdrawalOfAll(agent_));
  listed = ListListeners();
  ASSERT_THAT(listed.listeners(), SizeIs(1));
  EXPECT_EQ(listed.listeners(0).provenance().reporter().name(), "postgres");
}

TEST_F(RegisterTest, ProgramAloneMakesNoLiveHost) {
  Register(Report(program_, {.connections = {Accepted(kServer, kClient)}}));
  EXPECT_EQ(GetStatus().coverage().live_host_count(), 0u);
  Register(Report(agent_));
  EXPECT_EQ(GetStatus().coverage().live_host_count(), 1u);
}

// ---- Incarnations ----

TEST_F(RegisterTest, NewIncarnationTakesThePlaceOfTheOld) {
  const int64_t start = GetStatus().start_time().seconds();
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient, 1)}}));
  clock_.Advance(absl::Seconds(5));
  Register(Report(agent_, {.connections = {Connected(kServer, kClient, 2)}}));

  const v1::Observation row = OnlyRow();
  EXPECT_EQ(row.socket().cookie(), 2u);
  EXPECT_EQ(row.provenance().first_seen_time().seconds(), start + 5);
  // What was found out about the old one does not hold for the new one.
  EXPECT_EQ(row.role(), v1::ROLE_UNSPECIFIED);
}

TEST_F(RegisterTest, LateWithdrawalOfTheOldIncarnationLeavesTheNewOne) {
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient, 1)}}));
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient, 2)}}));
  const v1::DeregisterResponse response = Deregister(
      Withdrawal(agent_, {.connections = {Accepted(kServer, kClient, 1)}}));
  EXPECT_EQ(response.removed_count(), 0u);
  EXPECT_EQ(response.absent_count(), 1u);
  EXPECT_EQ(OnlyRow().socket().cookie(), 2u);
}

TEST_F(RegisterTest, LateWithdrawalOfAnOldListenerLeavesTheNewOne) {
  Register(Report(agent_, {.listeners = {Listening(kServer, 2)}}));
  const v1::DeregisterResponse response =
      Deregister(Withdrawal(agent_, {.listeners = {Listening(kServer, 1)}}));
  EXPECT_EQ(response.absent_count(), 1u);
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(RegisterTest, InodeTellsIncarnationsApartWhereThereIsNoCookie) {
  v1::Observation first = Accepted(kServer, kClient);
  first.mutable_socket()->set_inode(100);
  v1::Observation second = first;
  second.mutable_socket()->set_inode(101);
  Register(Report(program_, {.connections = {first}}));
  Register(Report(program_, {.connections = {second}}));
  EXPECT_EQ(
      Deregister(Withdrawal(program_, {.connections = {first}})).absent_count(),
      1u);
  EXPECT_EQ(OnlyRow().socket().inode(), 101u);
}

// ---- What a later look no longer sees ----

TEST_F(RegisterTest, RoleIsKeptWhenTheListenerGoes) {
  v1::Observation row = Accepted(kServer, kClient, 2);
  row.set_listener_cookie(1);
  Register(Report(
      agent_, {.listeners = {Listening(kServer, 1)}, .connections = {row}}));
  Deregister(Withdrawal(agent_, {.listeners = {Listening(kServer, 1)}}));
  Register(Report(agent_, {.connections = {Connected(kServer, kClient, 2)}}));

  const v1::Observation kept = OnlyRow();
  EXPECT_EQ(kept.role(), v1::ROLE_SERVER);
  EXPECT_EQ(kept.role_evidence(), v1::ROLE_EVIDENCE_LISTENER);
  EXPECT_EQ(kept.listener_cookie(), 1u);
}

TEST_F(RegisterTest, OwnerIsKeptWhenTheKernelTakesTheSocketOver) {
  v1::Observation row = Accepted(kServer, kClient, 2);
  row.mutable_socket()->set_inode(100);
  row.mutable_socket()->mutable_owners()->add_processes()->set_pid(42);
  Register(Report(agent_, {.connections = {row}}));

  v1::Observation orphan = Accepted(kServer, kClient, 2);
  orphan.set_state(v1::CONNECTION_STATE_FIN_WAIT_2);
  orphan.mutable_socket()->mutable_owners()->set_unknown_reason(
      v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN);
  Register(Report(agent_, {.connections = {orphan}}));

  const v1::Observation kept = OnlyRow();
  EXPECT_EQ(kept.state(), v1::CONNECTION_STATE_FIN_WAIT_2);
  EXPECT_EQ(kept.socket().inode(), 100u);
  ASSERT_THAT(kept.socket().owners().processes(), SizeIs(1));
  EXPECT_EQ(kept.socket().owners().processes(0).pid(), 42);
  EXPECT_EQ(kept.socket().owners().unknown_reason(),
            v1::OWNER_UNKNOWN_REASON_UNSPECIFIED);
}

TEST_F(RegisterTest, OwnerThatNobodyKnowsHasAReasonAndNoProcess) {
  v1::Observation row = Accepted(kServer, kClient, 2);
  row.mutable_socket()->mutable_owners()->set_unknown_reason(
      v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED);
  Register(Report(agent_, {.connections = {row}}));
  const v1::Owners owners = OnlyRow().socket().owners();
  EXPECT_THAT(owners.processes(), IsEmpty());
  EXPECT_EQ(owners.unknown_reason(), v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED);
}

TEST_F(RegisterTest, ProcessNameOfAnyBytesComesBackAndIsSafeToShow) {
  v1::Observation row = Accepted(kServer, kClient);
  v1::Process* process =
      row.mutable_socket()->mutable_owners()->add_processes();
  process->set_pid(42);
  process->set_name("a\xFF\033[2J");
  Register(Report(agent_, {.connections = {row}}));
  const v1::Process kept = OnlyRow().socket().owners().processes(0);
  EXPECT_EQ(kept.name(), "a\xFF\033[2J");
  EXPECT_EQ(kept.display_name(), R"(a\377\033[2J)");
}

// ---- Addresses ----

TEST_F(RegisterTest, AddressesOfANamespaceReplaceWhatWasToldOfIt) {
  Register(Report(agent_, {.listeners = {Listening("0.0.0.0:80")},
                           .addresses = {"10.0.0.5"}}));
  Register(Report(agent_, {.addresses = {"10.0.0.6"}}));
  EXPECT_TRUE(Lookup(Asking("10.0.0.5:80")).has_absent());
  EXPECT_TRUE(Lookup(Asking("10.0.0.6:80")).has_listeners());
}

TEST_F(RegisterTest, NamespacesThatAreNotNamedKeepTheirAddresses) {
  v1::Listener listener = Listening("0.0.0.0:80");
  listener.mutable_socket()->set_netns("a");
  v1::RegisterRequest request = Report(agent_, {.listeners = {listener}});
  v1::NetworkNamespace* a = request.add_namespaces();
  a->set_netns("a");
  a->add_prefixes()->set_prefix("10.0.0.5");
  Register(request);

  v1::RegisterRequest other = Report(agent_);
  v1::NetworkNamespace* b = other.add_namespaces();
  b->set_netns("b");
  b->add_prefixes()->set_prefix("10.0.0.6");
  Register(other);
  EXPECT_TRUE(Lookup(Asking("10.0.0.5:80")).has_listeners());
  EXPECT_TRUE(Lookup(Asking("10.0.0.6:80")).has_absent());
}

// ---- Deregister ----

TEST_F(RegisterTest, WithdrawalTakesTheRowsNamedAndCountsTheRest) {
  Register(Report(agent_, {.listeners = {Listening(kServer)},
                           .connections = {Accepted(kServer, kClient)}}));
  const v1::DeregisterResponse response = Deregister(
      Withdrawal(agent_, {.listeners = {Listening("10.0.0.5:80")},
                          .connections = {Accepted(kServer, kClient)}}));
  EXPECT_EQ(response.removed_count(), 1u);
  EXPECT_EQ(response.absent_count(), 1u);
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(RegisterTest, WithdrawalOfAllEndsTheLeaseAndLeavesOtherReporters) {
  Register(Report(agent_, {.listeners = {Listening(kServer)},
                           .connections = {Accepted(kServer, kClient)}}));
  Register(Report(program_, {.connections = {Accepted(kServer, kClient)}}));
  // The same name on another host is another reporter.
  Register(Report(Agent("db-2"), {.listeners = {Listening("10.0.0.6:5432")}}));

  EXPECT_EQ(Deregister(WithdrawalOfAll(agent_)).removed_count(), 2u);
  EXPECT_EQ(GetStatus().reporter_count(), 2u);
  EXPECT_EQ(OnlyRow().provenance().reporter().name(), "postgres");
  EXPECT_THAT(Texts(ListListeners().listeners()),
              ElementsAre("db-2 10.0.0.6:5432"));
}

TEST_F(RegisterTest, WithdrawalByAStrangerTakesNothing) {
  Register(Report(agent_, {.connections = {Accepted(kServer, kClient)}}));
  const v1::DeregisterResponse rows = Deregister(Withdrawal(
      Program("db-1", "other"), {.connections = {Accepted(kServer, kClient)}}));
  EXPECT_EQ(rows.removed_count(), 0u);
  EXPECT_EQ(rows.absent_count(), 1u);
  EXPECT_EQ(
      Deregister(WithdrawalOfAll(Program("db-1", "other"))).removed_count(),
      0u);
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(RegisterTest, StatusCountsWhatThereIs) {
  Register(Report(
      agent_, {.listeners = {Listening(kServer)},
               .connections = {Accepted(kServer, kClient),
                               Initiated("10.0.0.5:40000", "10.0.0.6:80")}}));
  const v1::GetStatusResponse status = GetStatus();
  EXPECT_EQ(status.version(), "0.1.0");
  EXPECT_EQ(status.listener_count(), 1u);
  EXPECT_EQ(status.observation_count(), 2u);
  EXPECT_EQ(status.reporter_count(), 1u);
  EXPECT_EQ(status.coverage().live_host_count(), 1u);
}

}  // namespace
}  // namespace connreg
