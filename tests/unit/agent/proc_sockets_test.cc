#include "client/agent/proc_sockets.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/agent/rows.h"
#include "gmock/gmock.h"
#include "tests/unit/agent/captured.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kHeading[] = "  sl  local_address rem_address   st\n";
constexpr char kLine[] =
    "   1: 0500000A:0016 0900000A:C738 01 00000000:00000000 00:00000000 "
    "00000000  1000        0 4711 2 0000000000000000 20 4 0 10 -1\n";

ProcTable ParseTcp(const std::string& text) {
  return ParseProcTable(SocketFamily::kIpv4, Transport::kTcp, text);
}

// The rows of a captured table, as "STATE LOCAL REMOTE".
std::vector<std::string> RowsOf(SocketFamily family, Transport transport,
                                const std::string& name) {
  const ProcTable table = ParseProcTable(family, transport, Captured(name));
  EXPECT_EQ(table.malformed_count, 0u) << table.malformed_reason;
  std::vector<std::string> rows;
  for (const DiagSocket& socket : table.sockets) {
    if (!IsListenerOrConnection(socket)) continue;
    const Row row = RowOf(socket, "", {}, [](uint32_t) { return ""; }).value();
    if (const auto* listener = std::get_if<ListenerFacts>(&row)) {
      rows.push_back(listener->local.ToString());
    } else {
      const auto& connection = std::get<ConnectionFacts>(row);
      rows.push_back(absl::StrCat(static_cast<int>(connection.state), " ",
                                  connection.tuple.ToString()));
    }
  }
  return rows;
}

TEST(ProcSocketsTest, ReadsEveryPartOfALine) {
  const ProcTable table = ParseTcp(absl::StrCat(kHeading, kLine));
  DiagSocket socket;
  socket.family = SocketFamily::kIpv4;
  socket.transport = Transport::kTcp;
  socket.state = KernelState::kEstablished;
  socket.local_address = {10, 0, 0, 5};
  socket.remote_address = {10, 0, 0, 9};
  socket.local_port = 22;
  socket.remote_port = 51000;
  socket.inode = 4711;
  socket.uid = 1000;
  EXPECT_THAT(table.sockets, ElementsAre(socket));
  EXPECT_EQ(table.malformed_count, 0u);
}

TEST(ProcSocketsTest, ReadsTcpOfIpv4AsTheKernelShowsIt) {
  EXPECT_THAT(RowsOf(SocketFamily::kIpv4, Transport::kTcp, "tcp"),
              ElementsAre("0.0.0.0:22", "3 127.0.0.1:22 > 127.0.0.1:58798",
                          "6 127.0.0.1:22 > 127.0.0.1:58802",
                          "3 127.0.0.1:58798 > 127.0.0.1:22",
                          "4 127.0.0.1:58802 > 127.0.0.1:22",
                          "3 127.0.0.1:44974 > 127.0.0.1:80",
                          "1 10.0.0.5:60824 > 10.0.0.77:9"));
}

TEST(ProcSocketsTest, ReadsTcpOfIpv6AsTheKernelShowsIt) {
  EXPECT_THAT(RowsOf(SocketFamily::kIpv6, Transport::kTcp, "tcp6"),
              ElementsAre("[fe80::5]:546", "[::]:80", "[fe80::7]:547",
                          "3 127.0.0.1:80 > 127.0.0.1:44974",
                          "3 [2001:db8::5]:48240 > [2001:db8::5]:80",
                          "3 [2001:db8::5]:80 > [2001:db8::5]:48240"));
}

TEST(ProcSocketsTest, ReadsUdpAsTheKernelShowsIt) {
  EXPECT_THAT(RowsOf(SocketFamily::kIpv4, Transport::kUdp, "udp"),
              ElementsAre("10.0.0.5:53", "3 10.0.0.5:52390 > 10.0.0.5:53"));
  EXPECT_THAT(RowsOf(SocketFamily::kIpv6, Transport::kUdp, "udp6"),
              ElementsAre("[::1]:5353"));
}

TEST(ProcSocketsTest, LeavesOutIdleTcpSockets) {
  const std::string idle = absl::StrReplaceAll(kLine, {{" 01 ", " 07 "}});
  const ProcTable table = ParseTcp(absl::StrCat(kHeading, idle));
  EXPECT_THAT(table.sockets, IsEmpty());
  EXPECT_EQ(table.malformed_count, 0u);
  EXPECT_THAT(ParseProcTable(SocketFamily::kIpv4, Transport::kUdp,
                             absl::StrCat(kHeading, idle))
                  .sockets,
              SizeIs(1));
}

TEST(ProcSocketsTest, TableWithoutSocketsIsEmpty) {
  EXPECT_THAT(ParseTcp("").sockets, IsEmpty());
  EXPECT_THAT(ParseTcp(kHeading).sockets, IsEmpty());
  EXPECT_EQ(ParseTcp(kHeading).malformed_count, 0u);
}

TEST(ProcSocketsTest, LeavesOutOneBrokenLineAndSaysWhere) {
  const ProcTable table =
      ParseTcp(absl::StrCat(kHeading, kLine, "   2: 0500000A:0016\n", kLine));
  EXPECT_THAT(table.sockets, SizeIs(2));
  EXPECT_EQ(table.malformed_count, 1u);
  EXPECT_EQ(table.malformed_reason,
            "line 3: a socket takes 10 words, this has 2");
}

TEST(ProcSocketsTest, RefusesEachBrokenWord) {
  const struct {
    const char* whole;
    const char* broken;
    const char* complaint;
  } kCases[] = {
      {"0500000A:0016", "0500000A", "end \"0500000A\""},
      {"0500000A:0016", "050000A:0016", "end \"050000A:0016\""},
      {"0500000A:0016", "0500000G:0016", "address \"0500000G\""},
      {"0500000A:0016", "0500000A:00016", "port \"00016\""},
      {"0500000A:0016", "0500000A:-016", "port \"-016\""},
      {"0900000A:C738", "0900000A:C73", "port \"C73\""},
      {" 01 ", " 00 ", "state \"00\""},
      {" 01 ", " 0D ", "state \"0D\""},
      {" 01 ", " 001 ", "state \"001\""},
      {" 1000 ", " root ", "uid \"root\""},
      {" 4711 ", " 99999999999 ", "inode \"99999999999\""},
      {" 4711 ", " -1 ", "inode \"-1\""},
  };
  for (const auto& [whole, broken, complaint] : kCases) {
    const ProcTable table = ParseTcp(
        absl::StrCat(kHeading, absl::StrReplaceAll(kLine, {{whole, broken}})));
    EXPECT_THAT(table.sockets, IsEmpty()) << broken;
    EXPECT_EQ(table.malformed_count, 1u) << broken;
    EXPECT_THAT(table.malformed_reason, HasSubstr(complaint));
  }
}

TEST(ProcSocketsTest, TableCutAnywhereHasWhatIsWholeOfIt) {
  const std::string text = Captured("tcp6");
  const size_t whole =
      ParseProcTable(SocketFamily::kIpv6, Transport::kTcp, text).sockets.size();
  for (size_t size = 0; size < text.size(); ++size) {
    const ProcTable table = ParseProcTable(SocketFamily::kIpv6, Transport::kTcp,
                                           text.substr(0, size));
    EXPECT_LE(table.sockets.size(), whole);
    EXPECT_LE(table.malformed_count, 1u);
  }
}

TEST(ProcSocketsTest, TableOfOneFamilyIsNotTheOthers) {
  const ProcTable table = ParseProcTable(SocketFamily::kIpv6, Transport::kTcp,
                                         absl::StrCat(kHeading, kLine));
  EXPECT_THAT(table.sockets, IsEmpty());
  EXPECT_EQ(table.malformed_count, 1u);
}

TEST(ProcSocketsTest, NamesTheTables) {
  EXPECT_EQ(ProcTablePath(SocketFamily::kIpv4, Transport::kTcp), "net/tcp");
  EXPECT_EQ(ProcTablePath(SocketFamily::kIpv6, Transport::kUdp), "net/udp6");
}

}  // namespace
}  // namespace connreg
