#include "service/wire/enums.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Eq;
using testing::Optional;

constexpr int kNoSuchNumber = 99;

template <typename Proto, typename Value>
using Pairs = std::vector<std::pair<Proto, Value>>;

const Pairs<v1::Transport, Transport> kTransports = {
    {v1::TRANSPORT_TCP, Transport::kTcp}, {v1::TRANSPORT_UDP, Transport::kUdp}};

const Pairs<v1::SocketFamily, SocketFamily> kFamilies = {
    {v1::SOCKET_FAMILY_UNSPECIFIED, SocketFamily::kUnknown},
    {v1::SOCKET_FAMILY_IPV4, SocketFamily::kIpv4},
    {v1::SOCKET_FAMILY_IPV6, SocketFamily::kIpv6}};

const Pairs<v1::ConnectionState, ConnectionState> kConnectionStates = {
    {v1::CONNECTION_STATE_SYN_SENT, ConnectionState::kSynSent},
    {v1::CONNECTION_STATE_SYN_RECEIVED, ConnectionState::kSynReceived},
    {v1::CONNECTION_STATE_ESTABLISHED, ConnectionState::kEstablished},
    {v1::CONNECTION_STATE_FIN_WAIT_1, ConnectionState::kFinWait1},
    {v1::CONNECTION_STATE_FIN_WAIT_2, ConnectionState::kFinWait2},
    {v1::CONNECTION_STATE_CLOSE_WAIT, ConnectionState::kCloseWait},
    {v1::CONNECTION_STATE_CLOSING, ConnectionState::kClosing},
    {v1::CONNECTION_STATE_LAST_ACK, ConnectionState::kLastAck}};

const Pairs<v1::ListenerState, ListenerState> kListenerStates = {
    {v1::LISTENER_STATE_LISTEN, ListenerState::kListen},
    {v1::LISTENER_STATE_BOUND, ListenerState::kBound}};

const Pairs<v1::Role, Role> kRoles = {{v1::ROLE_UNSPECIFIED, Role::kUnknown},
                                      {v1::ROLE_CLIENT, Role::kClient},
                                      {v1::ROLE_SERVER, Role::kServer},
                                      {v1::ROLE_BOTH, Role::kBoth}};

const Pairs<v1::RoleEvidence, RoleEvidence> kEvidence = {
    {v1::ROLE_EVIDENCE_UNSPECIFIED, RoleEvidence::kUnknown},
    {v1::ROLE_EVIDENCE_LISTENER, RoleEvidence::kListener},
    {v1::ROLE_EVIDENCE_INITIATED, RoleEvidence::kInitiated},
    {v1::ROLE_EVIDENCE_SELF, RoleEvidence::kSelf},
    {v1::ROLE_EVIDENCE_SIMULTANEOUS, RoleEvidence::kSimultaneous},
    {v1::ROLE_EVIDENCE_DECLARED, RoleEvidence::kDeclared}};

const Pairs<v1::OwnerUnknownReason, OwnerUnknownReason> kUnknownReasons = {
    {v1::OWNER_UNKNOWN_REASON_NOT_REPORTED, OwnerUnknownReason::kNotReported},
    {v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED, OwnerUnknownReason::kNotPermitted},
    {v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED, OwnerUnknownReason::kNotAccepted},
    {v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN, OwnerUnknownReason::kKernelOrphan},
    {v1::OWNER_UNKNOWN_REASON_NO_HOLDER, OwnerUnknownReason::kNoHolder},
    {v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN,
     OwnerUnknownReason::kEndedBeforeScan}};

const Pairs<v1::ReporterKind, ReporterKind> kReporterKinds = {
    {v1::REPORTER_KIND_AGENT, ReporterKind::kAgent},
    {v1::REPORTER_KIND_PROGRAM, ReporterKind::kProgram}};

const Pairs<v1::OneSidedReason, OneSidedReason> kOneSidedReasons = {
    {v1::ONE_SIDED_REASON_UNMANAGED, OneSidedReason::kUnmanaged},
    {v1::ONE_SIDED_REASON_NOT_REPORTED, OneSidedReason::kNotReported},
    {v1::ONE_SIDED_REASON_AMBIGUOUS, OneSidedReason::kAmbiguous},
    {v1::ONE_SIDED_REASON_STALE, OneSidedReason::kStale},
    {v1::ONE_SIDED_REASON_NAT_SUSPECTED, OneSidedReason::kNatSuspected}};

const Pairs<v1::ConnectionConflict, Conflict> kConflicts = {
    {v1::CONNECTION_CONFLICT_HALF_CLOSED, Conflict::kHalfClosed},
    {v1::CONNECTION_CONFLICT_ROLES_DISAGREE, Conflict::kRolesDisagree},
    {v1::CONNECTION_CONFLICT_ONE_END_STALE, Conflict::kOneEndStale}};

const Pairs<v1::TupleOrder, TupleOrder> kTupleOrders = {
    {v1::TUPLE_ORDER_UNSPECIFIED, TupleOrder::kUnknown},
    {v1::TUPLE_ORDER_AS_ASKED, TupleOrder::kAsAsked},
    {v1::TUPLE_ORDER_REVERSED, TupleOrder::kReversed}};

const Pairs<v1::AbsentReason, AbsentReason> kAbsentReasons = {
    {v1::ABSENT_REASON_NOT_SEEN_SINCE, AbsentReason::kNotSeenSince},
    {v1::ABSENT_REASON_NO_SUCH_HOST, AbsentReason::kNoSuchHost},
    {v1::ABSENT_REASON_CLOSED, AbsentReason::kClosed},
    {v1::ABSENT_REASON_HOST_STALE, AbsentReason::kHostStale},
    {v1::ABSENT_REASON_SYNCING, AbsentReason::kSyncing}};

const Pairs<v1::CloseReason, CloseReason> kCloseReasons = {
    {v1::CLOSE_REASON_DEREGISTERED, CloseReason::kDeregistered},
    {v1::CLOSE_REASON_REPLACED, CloseReason::kReplaced},
    {v1::CLOSE_REASON_LEASE_ENDED, CloseReason::kLeaseEnded},
    {v1::CLOSE_REASON_NOT_IN_SNAPSHOT, CloseReason::kNotInSnapshot},
    {v1::CLOSE_REASON_HOST_RESTARTED, CloseReason::kHostRestarted}};

const Pairs<v1::HostState, HostState> kHostStates = {
    {v1::HOST_STATE_LIVE, HostState::kLive},
    {v1::HOST_STATE_STALE, HostState::kStale},
    {v1::HOST_STATE_EXPIRED, HostState::kExpired},
    {v1::HOST_STATE_NO_AGENT, HostState::kNoAgent},
    {v1::HOST_STATE_SYNCING, HostState::kSyncing}};

const Pairs<v1::RowsKind, RowBatch::Kind> kRowsKinds = {
    {v1::ROWS_KIND_DELTA, RowBatch::Kind::kDelta},
    {v1::ROWS_KIND_SNAPSHOT, RowBatch::Kind::kSnapshot}};

const Pairs<v1::RowLimit, RowLimit> kRowLimitPairs = {
    {v1::ROW_LIMIT_ROWS, RowLimit::kRows},
    {v1::ROW_LIMIT_ROWS_PER_REPORTER, RowLimit::kRowsPerReporter},
    {v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE, RowLimit::kRowsPerFourTuple},
    {v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT, RowLimit::kListenersPerEndpoint},
    {v1::ROW_LIMIT_NAMESPACES_PER_REPORTER, RowLimit::kNamespacesPerReporter},
    {v1::ROW_LIMIT_PREFIXES_PER_REPORTER, RowLimit::kPrefixesPerReporter},
    {v1::ROW_LIMIT_REPORTERS, RowLimit::kReporters}};

// Every value of the message's enum but an unspecified one that the model does
// not have stands in `pairs`, and becomes the model's.
template <typename Proto, typename Value>
void ExpectEachToProto(const Pairs<Proto, Value>& pairs) {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Proto>();
  const bool has_zero = int{pairs.front().first} == 0;
  EXPECT_EQ(static_cast<int>(pairs.size()),
            descriptor->value_count() - (has_zero ? 0 : 1))
      << descriptor->name();
  for (const auto& [proto, value] : pairs)
    EXPECT_EQ(ToProto(value), proto) << descriptor->name();
}

template <typename Proto, typename Value, typename FromProto>
void ExpectEachFromProto(const Pairs<Proto, Value>& pairs, FromProto parse) {
  for (const auto& [proto, value] : pairs)
    EXPECT_THAT(parse(proto), IsOkAndHolds(Eq(value))) << int{proto};
}

template <typename Status>
void ExpectUnknown(const Status& status, const std::string& field) {
  EXPECT_THAT(DetailOf(StatusOf(status)),
              Optional(ErrorDetail{"ENUM_UNKNOWN", field, std::nullopt}));
}

template <typename Status>
void ExpectUnspecified(const Status& status, const std::string& field) {
  EXPECT_THAT(DetailOf(StatusOf(status)),
              Optional(ErrorDetail{"ENUM_UNSPECIFIED", field, std::nullopt}));
}

TEST(EnumsTest, EachValueBecomesTheMessagesOfTheSameName) {
  ExpectEachToProto(kTransports);
  ExpectEachToProto(kFamilies);
  ExpectEachToProto(kConnectionStates);
  ExpectEachToProto(kListenerStates);
  ExpectEachToProto(kRoles);
  ExpectEachToProto(kEvidence);
  ExpectEachToProto(kUnknownReasons);
  ExpectEachToProto(kReporterKinds);
  ExpectEachToProto(kOneSidedReasons);
  ExpectEachToProto(kConflicts);
  ExpectEachToProto(kTupleOrders);
  ExpectEachToProto(kAbsentReasons);
  ExpectEachToProto(kCloseReasons);
  ExpectEachToProto(kHostStates);
  ExpectEachToProto(kRowLimitPairs);
  ExpectEachToProto(kRowsKinds);
}

TEST(EnumsTest, EachValueOfAReportComesBack) {
  ExpectEachFromProto(kTransports, TransportFromProto);
  ExpectEachFromProto(kFamilies, SocketFamilyFromProto);
  ExpectEachFromProto(kConnectionStates, [](v1::ConnectionState proto) {
    return ConnectionStateFromProto(proto, Transport::kTcp);
  });
  ExpectEachFromProto(kRoles, RoleFromProto);
  ExpectEachFromProto(kEvidence, RoleEvidenceFromProto);
  ExpectEachFromProto(kUnknownReasons, OwnerUnknownReasonFromProto);
  ExpectEachFromProto(kReporterKinds, ReporterKindFromProto);
  ExpectEachFromProto(kRowsKinds, RowsKindFromProto);
}

TEST(EnumsTest, NumberOfNoValueIsRefused) {
  for (const int number : {kNoSuchNumber, -1, 256 + 1}) {
    ExpectUnknown(TransportFromProto(v1::Transport(number)), "transport");
    ExpectUnknown(OptionalTransportFromProto(v1::Transport(number)),
                  "transport");
    ExpectUnknown(SocketFamilyFromProto(v1::SocketFamily(number)), "family");
    ExpectUnknown(
        ConnectionStateFromProto(v1::ConnectionState(number), Transport::kTcp),
        "state");
    ExpectUnknown(
        ListenerStateFromProto(v1::ListenerState(number), Transport::kTcp),
        "state");
    ExpectUnknown(RoleFromProto(v1::Role(number)), "role");
    ExpectUnknown(RoleEvidenceFromProto(v1::RoleEvidence(number)),
                  "role_evidence");
    ExpectUnknown(OwnerUnknownReasonFromProto(v1::OwnerUnknownReason(number)),
                  "unknown_reason");
    ExpectUnknown(ReporterKindFromProto(v1::ReporterKind(number)), "kind");
    ExpectUnknown(OptionalHostStateFromProto(v1::HostState(number)), "state");
    ExpectUnknown(RowsKindFromProto(v1::RowsKind(number)), "kind");
  }
}

TEST(EnumsTest, UnspecifiedIsRefusedWhereItMeansNothing) {
  ExpectUnspecified(TransportFromProto(v1::TRANSPORT_UNSPECIFIED), "transport");
  ExpectUnspecified(ReporterKindFromProto(v1::REPORTER_KIND_UNSPECIFIED),
                    "kind");
  ExpectUnspecified(RowsKindFromProto(v1::ROWS_KIND_UNSPECIFIED), "kind");
}

TEST(EnumsTest, UnspecifiedTransportOfAQuestionIsAny) {
  EXPECT_THAT(OptionalTransportFromProto(v1::TRANSPORT_UNSPECIFIED),
              IsOkAndHolds(Eq(std::nullopt)));
  EXPECT_THAT(OptionalTransportFromProto(v1::TRANSPORT_UDP),
              IsOkAndHolds(Optional(Transport::kUdp)));
}

TEST(EnumsTest, UnspecifiedHostStateOfAQuestionIsAny) {
  EXPECT_THAT(OptionalHostStateFromProto(v1::HOST_STATE_UNSPECIFIED),
              IsOkAndHolds(Eq(std::nullopt)));
  for (const auto& [proto, value] : kHostStates) {
    EXPECT_THAT(OptionalHostStateFromProto(proto),
                IsOkAndHolds(Optional(value)));
  }
}

TEST(EnumsTest, UnspecifiedStateIsWhatTheTransportHas) {
  for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
    EXPECT_THAT(
        ConnectionStateFromProto(v1::CONNECTION_STATE_UNSPECIFIED, transport),
        IsOkAndHolds(ConnectionState::kEstablished));
  }
  EXPECT_THAT(
      ListenerStateFromProto(v1::LISTENER_STATE_UNSPECIFIED, Transport::kTcp),
      IsOkAndHolds(ListenerState::kListen));
  EXPECT_THAT(
      ListenerStateFromProto(v1::LISTENER_STATE_UNSPECIFIED, Transport::kUdp),
      IsOkAndHolds(ListenerState::kBound));
}

TEST(EnumsTest, UnspecifiedOwnerReasonIsNotReported) {
  EXPECT_THAT(OwnerUnknownReasonFromProto(v1::OWNER_UNKNOWN_REASON_UNSPECIFIED),
              IsOkAndHolds(OwnerUnknownReason::kNotReported));
}

TEST(EnumsTest, UdpIsEstablishedOrNothing) {
  EXPECT_THAT(ConnectionStateFromProto(v1::CONNECTION_STATE_ESTABLISHED,
                                       Transport::kUdp),
              IsOkAndHolds(ConnectionState::kEstablished));
  for (const auto& [proto, value] : kConnectionStates) {
    if (value == ConnectionState::kEstablished) continue;
    EXPECT_THAT(ConnectionStateFromProto(proto, Transport::kUdp),
                IsInvalid("STATE_NOT_OF_TRANSPORT"))
        << v1::ConnectionState_Name(proto);
  }
}

TEST(EnumsTest, ListenIsOfTcpAndBoundOfUdp) {
  const auto parse = ListenerStateFromProto;
  EXPECT_THAT(parse(v1::LISTENER_STATE_LISTEN, Transport::kTcp),
              IsOkAndHolds(ListenerState::kListen));
  EXPECT_THAT(parse(v1::LISTENER_STATE_BOUND, Transport::kUdp),
              IsOkAndHolds(ListenerState::kBound));
  for (const absl::Status& status :
       {parse(v1::LISTENER_STATE_BOUND, Transport::kTcp).status(),
        parse(v1::LISTENER_STATE_LISTEN, Transport::kUdp).status()}) {
    EXPECT_THAT(DetailOf(status), Optional(ErrorDetail{"STATE_NOT_OF_TRANSPORT",
                                                       "state", std::nullopt}));
  }
}

}  // namespace
}  // namespace connreg
