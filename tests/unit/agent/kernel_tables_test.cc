#include "client/agent/kernel_tables.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr SocketTable kUdp4 = {SocketFamily::kIpv4, Transport::kUdp};
constexpr SocketTable kUdp6 = {SocketFamily::kIpv6, Transport::kUdp};

class KernelTablesTest : public testing::Test {
 protected:
  // Lets netlink refuse UDP, and /proc/net show it.
  void Refuse(const absl::Status& refusal) {
    kernel_.refusal = refusal;
    kernel_.proc_refusal = absl::OkStatus();
    kernel_.proc_table.sockets = {ListenerV4(Transport::kUdp, 53, 0)};
  }

  FakeKernel kernel_;
};

TEST_F(KernelTablesTest, HasNoGapsWhereNetlinkTellsAll) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ListenerV4(Transport::kUdp, 53, 2)};
  const SocketTables tables = ReadSockets(kernel_);
  EXPECT_THAT(tables.sockets, SizeIs(2));
  EXPECT_THAT(tables.gaps, IsEmpty());
  EXPECT_THAT(tables.unread, IsEmpty());
}

TEST_F(KernelTablesTest, SocketThatTheDumpShowsTwiceIsTheLater) {
  kernel_.sockets = {ConnectionV4(Transport::kTcp, 443, 51000, 1),
                     ConnectionV4(Transport::kTcp, 443, 51000, 1)};
  kernel_.sockets[0].state = KernelState::kNewSynReceived;
  EXPECT_THAT(ReadSockets(kernel_).sockets, ElementsAre(kernel_.sockets[1]));
}

TEST_F(KernelTablesTest, WhereNetlinkIsRefusedProcIsReadAndSaid) {
  Refuse(absl::PermissionDeniedError("netlink socket: no"));
  const SocketTables tables = ReadSockets(kernel_);
  EXPECT_THAT(tables.sockets, SizeIs(1));
  EXPECT_THAT(tables.unread, IsEmpty());
  EXPECT_THAT(
      tables.gaps,
      ElementsAre(
          CoverageGap{GapKind::kSocketDetails,
                      "the UDP sockets of IPv4 come from /proc/net/udp: "
                      "netlink socket: no"},
          CoverageGap{GapKind::kSocketDetails,
                      "the UDP sockets of IPv6 come from /proc/net/udp6: "
                      "netlink socket: no"}));
}

TEST_F(KernelTablesTest, LinesThatAreNotUnderstoodAreSaid) {
  Refuse(absl::NotFoundError("no udp_diag"));
  kernel_.proc_table.malformed_count = 2;
  kernel_.proc_table.malformed_reason = "line 3: bad";
  EXPECT_EQ(ReadSockets(kernel_).gaps[1],
            (CoverageGap{GapKind::kSockets,
                         "cannot understand all of /proc/net/udp: line 3: "
                         "bad"}));
}

TEST_F(KernelTablesTest, WhatNetlinkMayTellTheNextTimeIsNotReadFromProc) {
  for (const absl::Status& passing :
       {absl::AbortedError("interrupted"), absl::DataLossError("cut"),
        absl::ResourceExhaustedError("no buffer")}) {
    Refuse(passing);
    const SocketTables tables = ReadSockets(kernel_);
    EXPECT_THAT(tables.sockets, IsEmpty());
    EXPECT_THAT(tables.unread, ElementsAre(kUdp4, kUdp6));
  }
}

TEST_F(KernelTablesTest, WhatNeitherTellsIsUnread) {
  kernel_.refusal = absl::PermissionDeniedError("no");
  const SocketTables tables = ReadSockets(kernel_);
  EXPECT_THAT(tables.unread, ElementsAre(kUdp4, kUdp6));
  EXPECT_EQ(tables.gaps[0], (CoverageGap{GapKind::kSockets,
                                         "cannot read the UDP sockets of "
                                         "IPv4: no"}));
}

TEST_F(KernelTablesTest, KernelWithoutIpv6LacksNothing) {
  class Ipv4Kernel : public FakeKernel {
    absl::StatusOr<ProcTable> ProcSockets(SocketFamily family,
                                          Transport) const override {
      if (family == SocketFamily::kIpv6) return absl::NotFoundError("udp6");
      return ProcTable();
    }
  };
  Ipv4Kernel kernel;
  kernel.refusal = absl::NotFoundError("no");
  const SocketTables tables = ReadSockets(kernel);
  EXPECT_THAT(tables.gaps, SizeIs(1));
  EXPECT_THAT(tables.unread, IsEmpty());
}

TEST_F(KernelTablesTest, DescriptionsAreNotLongerThanTheServiceTakes) {
  kernel_.refusal = absl::PermissionDeniedError(std::string(1000, 'x'));
  for (const CoverageGap& gap : ReadSockets(kernel_).gaps)
    EXPECT_EQ(gap.description.size(), 255u);
}

// ---- Zones ----

class ZoneTest : public KernelTablesTest {
 protected:
  ZoneTest() {
    Refuse(absl::PermissionDeniedError("no"));
    DiagSocket& socket = kernel_.proc_table.sockets[0];
    socket.family = SocketFamily::kIpv6;
    socket.local_address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                            0,    0,    0, 0, 0, 0, 0, 5};
    address_ = IpAddress::V6(socket.local_address);
  }

  IpAddress address_ = IpAddress::V4({});
};

TEST_F(ZoneTest, IsTheOneInterfaceThatHasTheAddress) {
  kernel_.proc_addresses = {{address_, 2, "eth0"}};
  const SocketTables tables = ReadSockets(kernel_);
  ASSERT_THAT(tables.sockets, SizeIs(1));
  EXPECT_EQ(tables.sockets[0].interface, 2u);
  EXPECT_EQ(tables.unzoned_count, 0u);
}

TEST_F(ZoneTest, IsNotGuessedAmongSeveral) {
  kernel_.proc_addresses = {{address_, 2, "eth0"}, {address_, 3, "eth1"}};
  const SocketTables tables = ReadSockets(kernel_);
  EXPECT_THAT(tables.sockets, IsEmpty());
  EXPECT_EQ(tables.unzoned_count, 1u);
}

TEST_F(ZoneTest, IsNotTakenForNoneWhereAddressesCannotBeRead) {
  class Unaddressed : public FakeKernel {
    absl::StatusOr<std::vector<InterfaceAddress>> ProcIpv6Addresses()
        const override {
      return absl::ResourceExhaustedError("too many open files");
    }
  };
  Unaddressed kernel;
  kernel.refusal = kernel_.refusal;
  kernel.proc_refusal = absl::OkStatus();
  kernel.proc_table = kernel_.proc_table;
  EXPECT_THAT(ReadSockets(kernel).unread, ElementsAre(kUdp6));
}

// ---- Addresses ----

TEST_F(KernelTablesTest, AddressesAreTheLocalRoutes) {
  kernel_.prefixes = {{{Prefix::Parse("10.0.0.5").value(), "eth0"}}};
  const AddressTable table = ReadAddresses(kernel_);
  EXPECT_EQ(table.prefixes, *kernel_.prefixes);
  EXPECT_THAT(table.gaps, IsEmpty());
}

TEST_F(KernelTablesTest, AddressesComeFromProcWhereNetlinkIsRefused) {
  kernel_.prefixes = absl::PermissionDeniedError("no");
  kernel_.proc_refusal = absl::OkStatus();
  kernel_.proc_prefixes = {Prefix::Parse("10.0.0.5").value()};
  kernel_.proc_addresses = {
      {IpAddress::Parse("2001:db8::5").value(), 2, "eth0"},
      {IpAddress::Parse("fe80::5").value(), 2, "eth0"}};
  const AddressTable table = ReadAddresses(kernel_);
  ASSERT_TRUE(table.prefixes.has_value());
  EXPECT_THAT(*table.prefixes,
              testing::UnorderedElementsAre(
                  LocalPrefix{Prefix::Parse("10.0.0.5").value()},
                  LocalPrefix{Prefix::Parse("2001:db8::5").value(), "eth0"},
                  LocalPrefix{Prefix::Parse("fe80::5%eth0").value(), "eth0"}));
  EXPECT_THAT(table.gaps, ElementsAre(CoverageGap{
                              GapKind::kAddresses,
                              "the local addresses come from /proc/net: no"}));
}

TEST_F(KernelTablesTest, MoreAddressesThanAReportTakesAreNotSomeOfThem) {
  std::vector<LocalPrefix> many;
  for (uint32_t i = 0; i <= kMaxPrefixes; ++i) {
    const auto high = static_cast<uint8_t>(i >> 8);
    const auto low = static_cast<uint8_t>(i);
    many.push_back({Prefix(IpAddress::V4({10, 0, high, low}))});
  }
  kernel_.prefixes = many;
  const AddressTable table = ReadAddresses(kernel_);
  EXPECT_EQ(table.prefixes, std::nullopt);
  ASSERT_THAT(table.gaps, SizeIs(1));
  EXPECT_EQ(table.gaps[0].kind, GapKind::kAddresses);
}

TEST_F(KernelTablesTest, AddressesThatCannotBeReadAreNotNone) {
  kernel_.prefixes = absl::PermissionDeniedError("no");
  const AddressTable table = ReadAddresses(kernel_);
  EXPECT_EQ(table.prefixes, std::nullopt);
  EXPECT_THAT(table.gaps,
              ElementsAre(CoverageGap{GapKind::kAddresses,
                                      "cannot read the local addresses: no"}));
}

}  // namespace
}  // namespace connreg
