#include "service/wire/rows.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/wire/row_tables_reader.h"
#include "tests/support/facts.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Two connections and two listeners, none with anything that need not be.
RowBatch SmallBatch() {
  return {.seq = 1,
          .listeners = {TcpListener("0.0.0.0:80"), TcpListener("[::]:81")},
          .connections = {Tcp("10.0.0.5:80", "10.0.0.9:51000"),
                          Tcp("10.0.0.5:80", "10.0.0.9:51001")}};
}

v1::Rows ProtoOf(const RowBatch& batch) {
  v1::Rows proto;
  ToProto(batch, &proto);
  return proto;
}

using Change = std::function<void(v1::Rows*)>;

v1::Rows Changed(const Change& change) {
  v1::Rows proto = ProtoOf(SmallBatch());
  change(&proto);
  return proto;
}

// What the whole message is refused for.
std::string FaultOf(const v1::Rows& proto) {
  const absl::Status status = BatchFromProto(proto).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  return absl::StrCat(detail.reason, " ", detail.field);
}

std::string FaultAfter(const Change& change) {
  return FaultOf(Changed(change));
}

// What the only row that is refused is refused for.
std::string RefusalOf(const v1::Rows& proto) {
  const absl::StatusOr<DecodedBatch> decoded = BatchFromProto(proto);
  EXPECT_THAT(decoded, IsOk());
  if (!decoded.ok()) return "";
  EXPECT_THAT(decoded->refusals, SizeIs(1));
  if (decoded->refusals.empty()) return "";
  return absl::StrCat(decoded->refusals[0].reason(), " ",
                      decoded->refusals[0].field());
}

std::string RefusalAfter(const Change& change) {
  return RefusalOf(Changed(change));
}

// A batch of `rows` connections without anything but their ends.
RowBatch BatchOf(size_t rows) {
  RowBatch batch{.seq = 1};
  for (size_t i = 0; i < rows; ++i) {
    batch.connections.push_back(
        Tcp(absl::StrCat("10.0.0.5:", 1 + i % 65535), "10.0.0.9:80"));
  }
  return batch;
}

// One connection that `processes` hold.
RowBatch HeldBy(std::vector<Process> processes) {
  RowBatch batch = BatchOf(1);
  batch.connections[0].socket.owners = Owners::Known(std::move(processes));
  return batch;
}

// ---- What is shared ----

TEST(RowsProtoTest, ColumnsThatAreAllZeroStayEmpty) {
  EXPECT_THAT(
      ProtoOf(BatchOf(1)),
      EqualsProto(R"pb(seq: 1
                       kind: ROWS_KIND_DELTA
                       tables {}
                       connections {
                         sockets {
                           transports: TRANSPORT_TCP
                           local_addresses: "\000\000\000\000\000\000\000\000"
                                            "\000\000\377\377\n\000\000\005"
                           local_ports: 1
                         }
                         remote_addresses: "\000\000\000\000\000\000\000\000"
                                           "\000\000\377\377\n\000\000\t"
                         remote_ports: 80
                         states: CONNECTION_STATE_ESTABLISHED
                       })pb"));
}

TEST(RowsProtoTest, WhatRowsShareIsSaidOnce) {
  RowBatch batch = BatchOf(3);
  for (ConnectionFacts& row : batch.connections) {
    row.socket.netns = "4026531840";
    // Equal, and each its own copy.
    row.socket.owners = Owners::Known(
        {{.pid = 7, .name = "web", .arguments = {"web", "web", ""}}});
  }
  // Of another set.
  batch.connections[2].socket.owners = Owners::Known(
      {{.pid = 7, .name = "web", .arguments = {"web", "web", ""}}, {.pid = 8}});
  const v1::Rows proto = ProtoOf(batch);
  EXPECT_EQ(proto.tables().text(), "4026531840web");
  EXPECT_THAT(proto.tables().text_lengths(), ElementsAre(10, 3));
  EXPECT_THAT(proto.tables().pids(), ElementsAre(7, 8));
  EXPECT_THAT(proto.tables().arguments(), ElementsAre(2, 2, 0));
  EXPECT_THAT(proto.tables().owner_counts(), ElementsAre(1, 2));
  EXPECT_THAT(proto.tables().owners(), ElementsAre(1, 1, 2));
  EXPECT_THAT(proto.connections().sockets().owners(), ElementsAre(1, 1, 2));
  EXPECT_THAT(proto.connections().sockets().netns(), ElementsAre(1, 1, 1));
}

TEST(RowsProtoTest, RowsOfOneSetShareItsOwners) {
  RowBatch batch = BatchOf(2);
  for (ConnectionFacts& row : batch.connections)
    row.socket.owners = Owners::Known({{.pid = 7}});
  const auto decoded = BatchFromProto(ProtoOf(batch));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->batch.connections[0].socket.owners.identity(),
            decoded->batch.connections[1].socket.owners.identity());
}

TEST(RowsProtoTest, SetsThatNameAProcessShareIt) {
  RowBatch batch = BatchOf(3);
  const Process shared = {.pid = 7, .name = "web", .arguments = {"web"}};
  batch.connections[0].socket.owners = Owners::Known({shared});
  batch.connections[1].socket.owners = Owners::Known({shared, {.pid = 8}});
  batch.connections[2].socket.owners = Owners::Known({{.pid = 6}, shared});
  const auto decoded = BatchFromProto(ProtoOf(batch));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->batch.connections, batch.connections);
  const auto processes = [&](size_t row) {
    return decoded->batch.connections[row].socket.owners.processes();
  };
  EXPECT_EQ(&processes(1)[0], &processes(0)[0]);
  EXPECT_EQ(&processes(2)[1], &processes(0)[0]);
}

// ---- Whole messages ----

TEST(RowsProtoTest, KindIsRequired) {
  EXPECT_EQ(FaultOf(v1::Rows()), "ENUM_UNSPECIFIED kind");
  EXPECT_EQ(FaultOf(FromText<v1::Rows>("kind: 9")), "ENUM_UNKNOWN kind");
}

TEST(RowsProtoTest, DeltaNeitherBeginsNorEndsASnapshot) {
  EXPECT_EQ(FaultOf(FromText<v1::Rows>("kind: ROWS_KIND_DELTA first: true")),
            "NOT_A_SNAPSHOT first");
  EXPECT_EQ(FaultOf(FromText<v1::Rows>("kind: ROWS_KIND_DELTA last: true")),
            "NOT_A_SNAPSHOT last");
}

TEST(RowsProtoTest, ColumnOfAnotherLengthMakesTheMessageBad) {
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_connections()->add_states(
                  v1::CONNECTION_STATE_ESTABLISHED);
            }),
            "COLUMN_LENGTH connections.states");
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_listeners()->mutable_sockets()->add_cookies(1);
            }),
            "COLUMN_LENGTH listeners.sockets.cookies");
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_connections()
                  ->mutable_sockets()
                  ->mutable_local_addresses()
                  ->pop_back();
            }),
            "COLUMN_LENGTH connections.sockets.local_addresses");
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_ended_connections()->add_remote_ports(1);
            }),
            "COLUMN_LENGTH ended_connections.remote_ports");
}

TEST(RowsProtoTest, RequiredColumnMayNotBeEmpty) {
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_connections()->clear_remote_ports();
            }),
            "COLUMN_LENGTH connections.remote_ports");
  EXPECT_EQ(
      FaultAfter([](v1::Rows* rows) {
        rows->mutable_connections()->mutable_sockets()->clear_transports();
      }),
      "COLUMN_LENGTH connections.sockets.local_addresses");
}

TEST(RowsProtoTest, TablesThatDoNotFitEachOtherMakeTheMessageBad) {
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_tables()->add_text_lengths(1);
            }),
            "COLUMN_LENGTH tables.text_lengths");
  EXPECT_EQ(
      FaultAfter([](v1::Rows* rows) { rows->mutable_tables()->add_names(0); }),
      "COLUMN_LENGTH tables.names");
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_tables()->add_pids(1);
              rows->mutable_tables()->add_argument_counts(1);
            }),
            "COLUMN_LENGTH tables.argument_counts");
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_tables()->add_owner_counts(1);
            }),
            "COLUMN_LENGTH tables.owner_counts");
}

// 2^32 and more would otherwise come round to what is there.
TEST(RowsProtoTest, LengthsAreSummedWithoutOverflow) {
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              rows->mutable_tables()->add_text_lengths(0x8000'0000);
              rows->mutable_tables()->add_text_lengths(0x8000'0000);
            }),
            "COLUMN_LENGTH tables.text_lengths");
}

TEST(RowsProtoTest, MoreSetsOfOwnersThanRowsMakeTheMessageBad) {
  EXPECT_EQ(FaultAfter([](v1::Rows* rows) {
              for (int i = 0; i < 5; ++i)
                rows->mutable_tables()->add_unknown_reasons(
                    v1::OWNER_UNKNOWN_REASON_NO_HOLDER);
            }),
            "TOO_MANY_ROWS tables.owner_counts");
}

TEST(RowsProtoTest, MoreRowsThanWelcomeSaysMakeTheMessageBad) {
  RowBatch batch = BatchOf(kMaxBatchRows);
  EXPECT_THAT(BatchFromProto(ProtoOf(batch)), IsOk());
  batch.gone_listeners.push_back({.local = At("10.0.0.5:80")});
  // The field is the message's own.
  EXPECT_EQ(FaultOf(ProtoOf(batch)), "TOO_MANY_ROWS ");
}

TEST(RowsProtoTest, BadNameOfWhatIsGoneMakesTheMessageBad) {
  RowBatch batch{
      .gone_listeners = {{.local = At("10.0.0.5:80")}},
      .gone_connections = {{.tuple = Pair("10.0.0.5:80", "10.0.0.9:51000")}}};
  v1::Rows proto = ProtoOf(batch);
  proto.mutable_gone_connections()->set_remote_ports(0, 0);
  EXPECT_EQ(FaultOf(proto), "PORT_ZERO gone_connections.remote_ports[0]");
  proto = ProtoOf(batch);
  proto.mutable_gone_listeners()->mutable_sockets()->add_netns(1);
  EXPECT_EQ(FaultOf(proto),
            "PLACE_OUT_OF_RANGE gone_listeners.sockets.netns[0]");
  EXPECT_EQ(FaultOf(FromText<v1::Rows>(
                "kind: ROWS_KIND_DELTA gone_namespaces: \"\\n\"")),
            "TEXT_MALFORMED gone_namespaces[0]");
}

// ---- Single rows ----

TEST(RowsProtoTest, BadRowIsLeftOutAndTheOthersKeepTheirPlaces) {
  const auto decoded = BatchFromProto(Changed([](v1::Rows* rows) {
    rows->mutable_connections()->set_remote_ports(0, 0);
    rows->mutable_listeners()->mutable_sockets()->set_local_ports(1, 65536);
  }));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->batch.connections,
              ElementsAre(SmallBatch().connections[1]));
  EXPECT_THAT(decoded->connection_places, ElementsAre(1));
  EXPECT_THAT(decoded->malformed_connections, ElementsAre(0));
  EXPECT_THAT(decoded->batch.listeners, ElementsAre(SmallBatch().listeners[0]));
  EXPECT_THAT(decoded->listener_places, ElementsAre(0));
  EXPECT_THAT(decoded->malformed_listeners, ElementsAre(1));
  ASSERT_THAT(decoded->refusals, SizeIs(2));
  EXPECT_EQ(decoded->refusals[0].field(),
            "rows.listeners.sockets.local_ports[1]");
  EXPECT_EQ(decoded->refusals[0].index(), 1);
  EXPECT_EQ(decoded->refusals[0].reason(), "PORT_TOO_LARGE");
  EXPECT_EQ(decoded->refusals[1].field(), "rows.connections.remote_ports[0]");
  EXPECT_EQ(decoded->refusals[1].reason(), "PORT_ZERO");
}

TEST(RowsProtoTest, WildcardAndMixedFamiliesAreRefused) {
  EXPECT_EQ(RefusalAfter([](v1::Rows* rows) {
              rows->mutable_connections()->mutable_remote_addresses()->replace(
                  0, 16, 16, '\0');
            }),
            "ADDRESS_WILDCARD rows.connections.remote_addresses[0]");
  EXPECT_EQ(RefusalAfter([](v1::Rows* rows) {
              rows->mutable_connections()
                  ->mutable_sockets()
                  ->mutable_local_addresses()
                  ->replace(0, 16, 16, '\0');
            }),
            "ADDRESS_WILDCARD rows.connections.sockets.local_addresses[0]");
  EXPECT_EQ(RefusalAfter([](v1::Rows* rows) {
              rows->mutable_connections()->mutable_remote_addresses()->replace(
                  0, 16, 16, '\1');
            }),
            "FAMILY_MISMATCH rows.connections.remote_addresses[0]");
}

TEST(RowsProtoTest, UnknownEnumsAreRefused) {
  const auto set = [](auto* column) {
    column->Clear();
    column->Add(99);
    column->Add(1);
  };
  EXPECT_EQ(RefusalAfter([&](v1::Rows* rows) {
              set(rows->mutable_connections()
                      ->mutable_sockets()
                      ->mutable_transports());
            }),
            "ENUM_UNKNOWN rows.connections.sockets.transports[0]");
  EXPECT_EQ(
      RefusalAfter([&](v1::Rows* rows) {
        set(rows->mutable_connections()->mutable_sockets()->mutable_families());
      }),
      "ENUM_UNKNOWN rows.connections.sockets.families[0]");
  EXPECT_EQ(RefusalAfter([&](v1::Rows* rows) {
              set(rows->mutable_connections()->mutable_states());
            }),
            "ENUM_UNKNOWN rows.connections.states[0]");
  EXPECT_EQ(RefusalAfter([&](v1::Rows* rows) {
              set(rows->mutable_listeners()->mutable_states());
            }),
            "ENUM_UNKNOWN rows.listeners.states[0]");
  EXPECT_EQ(RefusalAfter([&](v1::Rows* rows) {
              set(rows->mutable_connections()->mutable_roles());
            }),
            "ENUM_UNKNOWN rows.connections.roles[0]");
}

TEST(RowsProtoTest, EvidenceThatDoesNotFitTheRoleIsRefused) {
  EXPECT_EQ(RefusalAfter([](v1::Rows* rows) {
              rows->mutable_connections()->add_role_evidences(
                  v1::ROLE_EVIDENCE_LISTENER);
              rows->mutable_connections()->add_role_evidences(
                  v1::ROLE_EVIDENCE_UNSPECIFIED);
            }),
            "ROLE_WITHOUT_EVIDENCE rows.connections.role_evidences[0]");
}

TEST(RowsProtoTest, UnspecifiedStateIsThatOfTheTransport) {
  const auto decoded = BatchFromProto(Changed([](v1::Rows* rows) {
    rows->mutable_connections()->clear_states();
    rows->mutable_listeners()->clear_states();
  }));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->batch.connections, SmallBatch().connections);
  EXPECT_EQ(decoded->batch.listeners, SmallBatch().listeners);
}

TEST(RowsProtoTest, UserIdBeyond32BitsIsRefused) {
  EXPECT_EQ(RefusalAfter([](v1::Rows* rows) {
              v1::SocketColumns* const sockets =
                  rows->mutable_listeners()->mutable_sockets();
              sockets->add_uids(uint64_t{1} << 32);
              sockets->add_uids((uint64_t{1} << 32) + 1);
            }),
            "UID_OUT_OF_RANGE rows.listeners.sockets.uids[1]");
}

TEST(RowsProtoTest, OverLongTextIsRefusedAndNeverCut) {
  RowBatch batch = BatchOf(1);
  batch.connections[0].socket.netns = std::string(256, 'n');
  EXPECT_EQ(RefusalOf(ProtoOf(batch)),
            "TEXT_TOO_LONG rows.connections.sockets.netns[0]");
  batch = BatchOf(1);
  batch.connections[0].device = std::string(16, 'd');
  EXPECT_EQ(RefusalOf(ProtoOf(batch)),
            "TEXT_TOO_LONG rows.connections.sockets.devices[0]");
}

TEST(RowsProtoTest, ZoneIsThatOfBothLinkLocalEnds) {
  const ConnectionFacts row = Tcp("[fe80::1%eth0]:80", "[fe80::2%eth0]:51000");
  const v1::Rows proto = ProtoOf({.connections = {row}});
  EXPECT_THAT(proto.tables().text_lengths(), ElementsAre(4));
  const auto decoded = BatchFromProto(proto);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->batch.connections, ElementsAre(row));
}

TEST(RowsProtoTest, ZoneOfAnotherAddressIsRefused) {
  v1::Rows proto =
      ProtoOf({.listeners = {TcpListener("[fe80::1%eth0]:80")},
               .connections = {Tcp("10.0.0.5:80", "10.0.0.9:51000")}});
  proto.mutable_connections()->mutable_sockets()->add_zones(1);
  EXPECT_EQ(RefusalOf(proto),
            "ZONE_NOT_ALLOWED rows.connections.sockets.zones[0]");
  proto.mutable_connections()->mutable_sockets()->set_zones(0, 2);
  EXPECT_EQ(RefusalOf(proto),
            "PLACE_OUT_OF_RANGE rows.connections.sockets.zones[0]");
}

// ---- Their owners ----

constexpr char kOwnersField[] = "rows.connections.sockets.owners[0]";

TEST(RowsProtoTest, RowOfABadProcessIsRefused) {
  EXPECT_EQ(RefusalOf(ProtoOf(HeldBy({{.pid = 0}}))),
            absl::StrCat("PID_OUT_OF_RANGE ", kOwnersField));
  EXPECT_EQ(
      RefusalOf(ProtoOf(HeldBy({{.pid = 1, .name = std::string(65, 'n')}}))),
      absl::StrCat("TEXT_TOO_LONG ", kOwnersField));
  EXPECT_EQ(RefusalOf(ProtoOf(HeldBy(
                {{.pid = 1, .arguments = std::vector<std::string>(4097)}}))),
            absl::StrCat("TEXT_TOO_LONG ", kOwnersField));
  EXPECT_EQ(RefusalOf(ProtoOf(HeldBy({{.pid = 1,
                                       .arguments = std::vector<std::string>(
                                           2, std::string(2048, 'a'))}}))),
            absl::StrCat("TEXT_TOO_LONG ", kOwnersField));
}

TEST(RowsProtoTest, OwnersOverTheirLimitsAreRefused) {
  std::vector<Process> processes(1001);
  for (size_t i = 0; i < processes.size(); ++i)
    processes[i].pid = static_cast<int32_t>(i + 1);
  EXPECT_EQ(RefusalOf(ProtoOf(HeldBy(processes))),
            absl::StrCat("TOO_MANY_PROCESSES ", kOwnersField));
  processes.resize(65);
  for (Process& process : processes) process.cgroup = std::string(4096, 'c');
  EXPECT_EQ(RefusalOf(ProtoOf(HeldBy(processes))),
            absl::StrCat("TEXT_TOO_LONG ", kOwnersField));
}

TEST(RowsProtoTest, ReasonBesideProcessesIsRefused) {
  v1::Rows proto = ProtoOf(HeldBy({{.pid = 7}}));
  proto.mutable_tables()->add_unknown_reasons(
      v1::OWNER_UNKNOWN_REASON_NO_HOLDER);
  EXPECT_EQ(RefusalOf(proto),
            absl::StrCat("OWNER_KNOWN_AND_UNKNOWN ", kOwnersField));
}

TEST(RowsProtoTest, PlacesWhereNothingStandsAreRefused) {
  const v1::Rows good = ProtoOf(HeldBy({{.pid = 7}}));
  const std::string fault = absl::StrCat("PLACE_OUT_OF_RANGE ", kOwnersField);
  v1::Rows proto = good;
  proto.mutable_connections()->mutable_sockets()->set_owners(0, 2);
  EXPECT_EQ(RefusalOf(proto), fault);
  for (const uint32_t place : {0u, 2u, 0xFFFF'FFFFu}) {
    proto = good;
    proto.mutable_tables()->set_owners(0, place);
    EXPECT_EQ(RefusalOf(proto), fault);
  }
  proto = good;
  proto.mutable_tables()->add_names(1);
  EXPECT_EQ(RefusalOf(proto), fault);
}

// The bytes of text that `rows` hold, of each process once.
size_t TextSizeOf(const std::vector<ConnectionFacts>& rows) {
  std::set<const Process*> processes;
  for (const ConnectionFacts& row : rows)
    for (const Process& process : row.socket.owners.processes())
      processes.insert(&process);
  size_t size = 0;
  for (const Process* process : processes) size += TextSize(*process);
  return size;
}

TEST(RowsProtoTest, SetsThatNameTheSameProcessesTakeTheirTextsOnce) {
  constexpr int kSets = 200;
  constexpr int kProcesses = 60;
  RowBatch batch = BatchOf(kSets);
  std::vector<Process> processes(kProcesses);
  for (int i = 0; i < kProcesses; ++i)
    processes[i] = {.pid = i + 2, .cgroup = std::string(4096, 'c')};
  for (int i = 0; i < kSets; ++i) {
    processes[0].pid = 1000 + i;
    batch.connections[i].socket.owners = Owners::Known(processes);
  }
  const auto decoded = BatchFromProto(ProtoOf(batch));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->refusals, IsEmpty());
  EXPECT_EQ(TextSizeOf(decoded->batch.connections),
            (kSets + kProcesses - 1) * 4096u);
}

// Each has its own copy of what stands in the message once.
TEST(RowsProtoTest, ProcessesThatWouldTakeTooMuchTogetherAreRefused) {
  constexpr int kSets = 200;
  constexpr int kProcesses = 20;
  RowBatch batch = BatchOf(kSets);
  for (int i = 0; i < kSets; ++i) {
    std::vector<Process> processes;
    for (int j = 0; j < kProcesses; ++j) {
      processes.push_back({.pid = 1 + i * kProcesses + j,
                           .executable = std::string(4096, 'x'),
                           .cgroup = std::string(4096, 'x')});
    }
    batch.connections[i].socket.owners = Owners::Known(std::move(processes));
  }
  const v1::Rows proto = ProtoOf(batch);
  EXPECT_LT(proto.ByteSizeLong(), 64 << 10);
  const auto decoded = BatchFromProto(proto);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->batch.connections, testing::Not(IsEmpty()));
  EXPECT_LE(TextSizeOf(decoded->batch.connections),
            RowTablesReader::kMaxOwnersGrowth * proto.ByteSizeLong());
  ASSERT_THAT(decoded->refusals, testing::Not(IsEmpty()));
  EXPECT_EQ(decoded->refusals[0].reason(), "OWNERS_TOO_LARGE");
}

TEST(RowsProtoTest, SetsWithMorePlacesThanMayBeKeptAreRefused) {
  constexpr size_t kSets = 5000;
  constexpr uint32_t kProcesses = 1000;
  v1::Rows proto = ProtoOf(BatchOf(kSets));
  v1::RowTables& tables = *proto.mutable_tables();
  for (uint32_t i = 1; i <= kProcesses; ++i)
    tables.add_pids(static_cast<int32_t>(i));
  for (uint32_t set = 1; set <= kSets; ++set) {
    tables.add_owner_counts(kProcesses);
    for (uint32_t i = 1; i <= kProcesses; ++i) tables.add_owners(i);
    proto.mutable_connections()->mutable_sockets()->add_owners(set);
  }
  const auto decoded = BatchFromProto(proto);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_LE(
      decoded->batch.connections.size() * kProcesses * sizeof(SharedProcess),
      RowTablesReader::kMaxOwnersSize);
  EXPECT_THAT(decoded->batch.connections, testing::Not(IsEmpty()));
  ASSERT_THAT(decoded->refusals, testing::Not(IsEmpty()));
  EXPECT_EQ(decoded->refusals[0].reason(), "OWNERS_TOO_LARGE");
}

TEST(RowsProtoTest, OneRowMayHaveThousandProcessesAndTheLongestTexts) {
  std::vector<Process> many(1000);
  for (int i = 0; i < 1000; ++i) {
    many[i] = {.pid = 1 + i,
               .start_time = absl::FromUnixSeconds(1'700'000'000 + i),
               .cgroup = std::string(kMaxOwnersTextSize / 1000, 'c')};
  }
  std::vector<Process> long_ones(kMaxOwnersTextSize / kMaxArgumentsSize);
  for (size_t i = 0; i < long_ones.size(); ++i) {
    long_ones[i] = {.pid = static_cast<int32_t>(1 + i),
                    .start_time = absl::FromUnixSeconds(1'700'000'000),
                    .arguments = {std::string(kMaxArgumentsSize - 1, 'a')}};
  }
  const std::vector<Process> short_arguments = {
      {.pid = 1,
       .arguments = std::vector<std::string>(kMaxArgumentsSize / 2, "a")}};
  for (const std::vector<Process>& processes :
       {many, long_ones, short_arguments}) {
    const auto decoded = BatchFromProto(ProtoOf(HeldBy(processes)));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_THAT(decoded->refusals, IsEmpty());
  }
}

TEST(RowsProtoTest, EachRowMayHaveItsOwnProcessWithTheSameLongTexts) {
  RowBatch batch = BatchOf(2000);
  int32_t pid = 1;
  for (ConnectionFacts& row : batch.connections) {
    row.socket.owners = Owners::Known(
        {{.pid = ++pid,
          .start_time = absl::FromUnixSeconds(1'700'000'000 + pid),
          .name = "java",
          .user = "spark",
          .executable = "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
          .cgroup = std::string(250, 'c'),
          .arguments = {"java", "-cp", std::string(3500, 'a')}}});
  }
  const auto decoded = BatchFromProto(ProtoOf(batch));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->refusals, IsEmpty());
}

TEST(RowsProtoTest, RefusalsAreListedUpToALimitAndAllCounted) {
  v1::Rows proto = ProtoOf(BatchOf(1001));
  for (uint32_t& port : *proto.mutable_connections()->mutable_remote_ports())
    port = 0;
  const auto decoded = BatchFromProto(proto);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->refusals, SizeIs(1000));
  EXPECT_THAT(decoded->malformed_connections, SizeIs(1001));
}

}  // namespace
}  // namespace connreg
