// Random batches, as the agent writes them and the service reads them.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "service/model/row_digest.h"
#include "service/wire/rows.h"
#include "tests/property/seed.h"
#include "tests/support/facts.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

constexpr int kRounds = 200;

class RowsRoundTripTest : public RandomTest {
 protected:
  std::string Text(size_t most) {
    std::string text(Below(most + 1), '\0');
    for (char& byte : text) byte = static_cast<char>('a' + Below(3));
    return text;
  }

  // Any bytes.
  std::string Bytes(size_t most) {
    std::string bytes(Below(most + 1), '\0');
    for (char& byte : bytes) byte = static_cast<char>(Below(256));
    return bytes;
  }

  std::optional<uint32_t> Uid() {
    if (OneIn(3)) return std::nullopt;
    return OneIn(3) ? 0xFFFF'FFFF : static_cast<uint32_t>(Below(3));
  }

  Process AnyProcess() {
    Process process{.pid = static_cast<int32_t>(1 + Below(5)),
                    .name = Bytes(3),
                    .uid = Uid(),
                    .user = Bytes(2),
                    .executable = Bytes(2),
                    .cgroup = Bytes(2),
                    .arguments_cut = OneIn(3)};
    if (OneIn(2))
      process.start_time = absl::FromUnixNanos(static_cast<int64_t>(Below(9)));
    for (size_t i = Below(4); i > 0; --i) process.arguments.push_back(Bytes(2));
    return process;
  }

  Owners AnyOwners() {
    if (OneIn(3))
      return Owners::Unknown(static_cast<OwnerUnknownReason>(1 + Below(6)));
    std::vector<Process> processes;
    for (size_t i = 1 + Below(3); i > 0; --i) processes.push_back(AnyProcess());
    return Owners::Known(processes);
  }

  Socket AnySocket() {
    return {.netns = Text(2),
            .transport = OneIn(2) ? Transport::kTcp : Transport::kUdp,
            .family = static_cast<SocketFamily>(Below(3)),
            .cookie = Below(3) << 62,
            .inode = Below(3) << 62,
            .uid = Uid(),
            .owners = OneIn(4) ? AnyOwners() : AnyOf(owners_)};
  }

  // In one zone, if it may have one.
  Endpoint AnyEndpoint(bool v4) {
    std::array<uint8_t, 16> bytes{};
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(1 + Below(255));
    if (OneIn(3)) bytes = {0xFE, 0x80, 1};
    IpAddress address = IpAddress::V6(bytes);
    if (v4) address = IpAddress::V4({bytes[0], bytes[1], bytes[2], bytes[3]});
    if (address.is_link_local()) address = *address.WithZone("eth0");
    return *Endpoint::Create(address, 1 + Below(65535));
  }

  ListenerFacts AnyListener() {
    ListenerFacts facts{.socket = AnySocket(),
                        .local = AnyEndpoint(OneIn(2)),
                        .v6_only = OneIn(2),
                        .device = Text(2)};
    facts.state = facts.socket.transport == Transport::kTcp
                      ? ListenerState::kListen
                      : ListenerState::kBound;
    return facts;
  }

  ConnectionFacts AnyConnection() {
    const bool v4 = OneIn(2);
    ConnectionFacts facts{
        .socket = AnySocket(),
        .tuple = *FourTuple::Create(AnyEndpoint(v4), AnyEndpoint(v4)),
        .listener_cookie = Below(2),
        .device = Text(2)};
    if (facts.socket.transport == Transport::kTcp)
      facts.state = static_cast<ConnectionState>(1 + Below(8));
    constexpr std::array<std::pair<Role, RoleEvidence>, 5> kRoles = {{
        {Role::kUnknown, RoleEvidence::kUnknown},
        {Role::kServer, RoleEvidence::kListener},
        {Role::kClient, RoleEvidence::kInitiated},
        {Role::kBoth, RoleEvidence::kSimultaneous},
        {Role::kServer, RoleEvidence::kDeclared},
    }};
    std::tie(facts.role, facts.evidence) = AnyOf(kRoles);
    return facts;
  }

  RowBatch AnyBatch() {
    RowBatch batch{.seq = 1 + Below(9)};
    owners_ = {AnyOwners(), AnyOwners(), AnyOwners()};
    for (size_t i = Below(9); i > 0; --i)
      batch.listeners.push_back(AnyListener());
    for (size_t i = Below(9); i > 0; --i)
      batch.connections.push_back(AnyConnection());
    for (size_t i = Below(3); i > 0; --i)
      batch.ended.push_back(AnyConnection());
    for (size_t i = Below(3); i > 0; --i) {
      const ConnectionFacts row = AnyConnection();
      batch.gone_connections.push_back({row.socket, row.tuple, row.device});
    }
    for (size_t i = Below(3); i > 0; --i) {
      const ListenerFacts row = AnyListener();
      batch.gone_listeners.push_back({row.socket, row.local, row.device});
    }
    return batch;
  }

 private:
  // What some rows of a batch share.
  std::vector<Owners> owners_ = {Owners()};
};

RowDigest DigestOf(const RowBatch& batch) {
  RowDigest digest;
  for (const ListenerFacts& row : batch.listeners) digest.Add(DigestOf(row));
  for (const ConnectionFacts& row : batch.connections)
    digest.Add(DigestOf(row));
  return digest;
}

// The fields of a socket that name it.
Socket NameOf(const Socket& socket) {
  return {.netns = socket.netns,
          .transport = socket.transport,
          .cookie = socket.cookie,
          .inode = socket.inode};
}

TEST_F(RowsRoundTripTest, RowsComeBackAsTheyWere) {
  for (int round = 0; round < kRounds; ++round) {
    const RowBatch batch = AnyBatch();
    v1::Rows written;
    ToProto(batch, &written);
    v1::Rows read;
    ASSERT_TRUE(read.ParseFromString(written.SerializeAsString()));
    const auto decoded = BatchFromProto(read);
    ASSERT_THAT(decoded, IsOk());
    ASSERT_THAT(decoded->refusals, testing::IsEmpty());
    ASSERT_EQ(decoded->batch.listeners, batch.listeners);
    ASSERT_EQ(decoded->batch.connections, batch.connections);
    ASSERT_EQ(decoded->batch.ended, batch.ended);
    ASSERT_EQ(DigestOf(decoded->batch), DigestOf(batch));
  }
}

TEST_F(RowsRoundTripTest, NamesComeBackWithoutWhatDoesNotNameARow) {
  for (int round = 0; round < kRounds; ++round) {
    const RowBatch batch = AnyBatch();
    v1::Rows proto;
    ToProto(batch, &proto);
    const auto decoded = BatchFromProto(proto);
    ASSERT_THAT(decoded, IsOk());
    const auto& connections = decoded->batch.gone_connections;
    ASSERT_EQ(connections.size(), batch.gone_connections.size());
    for (size_t i = 0; i < connections.size(); ++i) {
      const ConnectionName& name = batch.gone_connections[i];
      ASSERT_EQ(connections[i].socket, NameOf(name.socket));
      ASSERT_EQ(connections[i].tuple, name.tuple);
      ASSERT_EQ(connections[i].device, name.device);
    }
    const auto& listeners = decoded->batch.gone_listeners;
    ASSERT_EQ(listeners.size(), batch.gone_listeners.size());
    for (size_t i = 0; i < listeners.size(); ++i) {
      const ListenerName& name = batch.gone_listeners[i];
      ASSERT_EQ(listeners[i].socket, NameOf(name.socket));
      ASSERT_EQ(listeners[i].local, name.local);
      ASSERT_EQ(listeners[i].device, name.device);
    }
  }
}

TEST_F(RowsRoundTripTest, WhatIsSaidOfTheHostComesBack) {
  const RowBatch batch{.seq = 7,
                       .kind = RowBatch::Kind::kSnapshot,
                       .first = true,
                       .last = true,
                       .gone_namespaces = {"a", ""},
                       .namespaces = {Owned({"10.0.0.5"}, "b")},
                       .gaps = std::vector<CoverageGap>()};
  v1::Rows proto;
  ToProto(batch, &proto);
  const auto decoded = BatchFromProto(proto);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->batch.seq, 7);
  EXPECT_EQ(decoded->batch.kind, RowBatch::Kind::kSnapshot);
  EXPECT_TRUE(decoded->batch.first);
  EXPECT_TRUE(decoded->batch.last);
  EXPECT_EQ(decoded->batch.gone_namespaces, batch.gone_namespaces);
  EXPECT_EQ(decoded->batch.namespaces, batch.namespaces);
  EXPECT_EQ(decoded->batch.gaps, batch.gaps);
}

}  // namespace
}  // namespace connreg
