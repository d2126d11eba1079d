#include "service/model/row_digest.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/facts.h"

namespace connreg {
namespace {

Process Nginx() {
  return {.pid = 42,
          .start_time = absl::FromUnixNanos(1'700'000'000'123'456'789),
          .name = "nginx",
          .uid = 1000,
          .user = "www",
          .executable = "/usr/sbin/nginx",
          .cgroup = "/a",
          .arguments = {"nginx", "-g"},
          .arguments_cut = true};
}

ListenerFacts Https() {
  return {.socket = {.netns = "4026531840",
                     .transport = Transport::kTcp,
                     .family = SocketFamily::kIpv6,
                     .cookie = 7,
                     .inode = 8,
                     .uid = 0,
                     .owners = Owners::Known({Nginx()})},
          .local = At("10.0.0.5:443"),
          .v6_only = true,
          .device = "eth0"};
}

ConnectionFacts Dns() {
  ConnectionFacts facts{
      .socket = {.transport = Transport::kUdp},
      .tuple = Pair("[fe80::1%eth1]:51000", "[fe80::2%eth1]:53"),
      .role = Role::kClient,
      .evidence = RoleEvidence::kInitiated,
      .listener_cookie = 9};
  return facts;
}

// The numbers were worked out by another program from the words of
// connreg/v1/report.proto: agents and services of all versions have to agree.
TEST(RowDigestTest, IsAsTheContractSays) {
  EXPECT_EQ(DigestOf(Https()), 0x399bbf8085e6debf);
  EXPECT_EQ(DigestOf(Dns()), 0x43cc99fc90b3179c);
}

// The digest of owners is made once, not for each row that has them.
TEST(RowDigestTest, RowsKeepTheDigestOfTheirOwners) {
  const Owners owners = Owners::Known({Nginx(), {.pid = 43}});
  ListenerFacts row = Https();
  row.socket.owners = owners;
  DigestOf(row);
  const uint64_t kept = owners.Digest([] { return uint64_t{0}; });
  EXPECT_NE(kept, 0u);
  EXPECT_EQ(row.socket.owners.Digest([] { return uint64_t{0}; }), kept);
}

TEST(RowDigestTest, EveryFactOfAConnectionCounts) {
  std::vector<ConnectionFacts> rows(14, Dns());
  rows[1].socket.netns = "1";
  rows[2].socket.transport = Transport::kTcp;
  rows[3].socket.family = SocketFamily::kIpv6;
  rows[4].socket.cookie = 1;
  rows[5].socket.inode = 1;
  rows[6].socket.uid = 0;
  rows[7].socket.owners = Owners::Known({Nginx()});
  rows[8].tuple = Pair("[fe80::1%eth2]:51000", "[fe80::2%eth2]:53");
  rows[9].state = ConnectionState::kSynSent;
  rows[10].role = Role::kServer;
  rows[11].evidence = RoleEvidence::kDeclared;
  rows[12].listener_cookie = 1;
  rows[13].device = "eth1";
  std::set<uint64_t> digests;
  for (const ConnectionFacts& facts : rows) digests.insert(DigestOf(facts));
  EXPECT_EQ(digests.size(), rows.size());
}

TEST(RowDigestTest, EveryFactOfAProcessCounts) {
  std::vector<Process> processes(11, Nginx());
  processes[1].pid = 43;
  processes[2].start_time = absl::Time();
  processes[3].name = "n";
  processes[4].uid.reset();
  processes[5].user = "w";
  processes[6].executable = "/";
  processes[7].cgroup = "/b";
  processes[8].arguments = {"nginx-g"};
  processes[9].arguments.emplace_back();
  processes[10].arguments_cut = false;
  std::set<uint64_t> digests;
  for (const Process& process : processes) {
    ListenerFacts facts = Https();
    facts.socket.owners = Owners::Known({process});
    digests.insert(DigestOf(facts));
  }
  EXPECT_EQ(digests.size(), processes.size());
}

TEST(RowDigestTest, TheOrderOfRowsDoesNot) {
  RowDigest there;
  there.Add(1);
  there.Add(~uint64_t{0});
  RowDigest back;
  back.Add(~uint64_t{0});
  back.Add(5);
  back.Add(1);
  EXPECT_NE(there, back);
  back.Remove(5);
  EXPECT_EQ(there, back);
}

}  // namespace
}  // namespace connreg
