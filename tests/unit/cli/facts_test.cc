#include "client/cli/facts.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using google::protobuf::Timestamp;

TEST(FactsTest, TimesAreExact) {
  EXPECT_EQ(TimeFact(FromText<Timestamp>("seconds: 1700000000")),
            "2023-11-14T22:13:20Z");
  EXPECT_EQ(TimeFact(FromText<Timestamp>("seconds: 1700000000 nanos: 5")),
            "2023-11-14T22:13:20.000000005Z");
}

TEST(FactsTest, ATimeThatIsNotToldIsEmpty) { EXPECT_EQ(TimeFact({}), ""); }

TEST(FactsTest, DurationsAreInSeconds) {
  EXPECT_EQ(SecondsFact(FromText<google::protobuf::Duration>(
                "seconds: 600 nanos: 500000000")),
            "600.5");
}

TEST(FactsTest, EnumsAreInLowerCaseWithoutTheirType) {
  EXPECT_EQ(EnumFact(v1::CONNECTION_STATE_SYN_SENT), "syn_sent");
  EXPECT_EQ(EnumFact(v1::TRANSPORT_TCP), "tcp");
  EXPECT_EQ(EnumFact(v1::TRANSPORT_UNSPECIFIED), "");
  EXPECT_EQ(EnumFact(static_cast<v1::Transport>(99)), "?");
}

std::map<std::string, std::string> FactsOf(const v1::Socket& socket,
                                           const v1::Provenance& provenance) {
  std::map<std::string, std::string> facts;
  for (const SocketFact& fact : SocketFacts())
    facts[fact.csv_name] = fact.text(socket, provenance);
  return facts;
}

TEST(FactsTest, ASocketTellsAllThatIsKnown) {
  auto facts = FactsOf(FromText<v1::Socket>(R"(
                         netns: "4026" cookie: 18446744073709551615 inode: 77
                         uid: 0
                         owners {
                           processes { pid: 812 display_name: "nginx" }
                           processes { pid: 813 display_name: "a;b" }
                         })"),
                       FromText<v1::Provenance>(R"(
                         reporter { name: "connreg-agent" host: "web1" }
                         first_seen_time { seconds: 1700000000 }
                         change_time { seconds: 1700000001 })"));
  EXPECT_EQ(facts["host"], "web1");
  EXPECT_EQ(facts["netns"], "4026");
  EXPECT_EQ(facts["pids"], "812 813");
  EXPECT_EQ(facts["process_names"], "nginx;a\\073b");
  EXPECT_EQ(facts["owner_unknown_reason"], "");
  EXPECT_EQ(facts["uid"], "0");
  EXPECT_EQ(facts["cookie"], "0xffffffffffffffff");
  EXPECT_EQ(facts["inode"], "77");
  EXPECT_EQ(facts["reporter"], "connreg-agent");
  EXPECT_EQ(facts["first_seen_time"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(facts["change_time"], "2023-11-14T22:13:21Z");
}

TEST(FactsTest, TheProcessesOfASocketTellAllThatIsKnownInOneOrder) {
  auto facts = FactsOf(FromText<v1::Socket>(R"(
                         owners {
                           processes {
                             pid: 812 uid: 0 user: "root" executable: "/a b"
                             cgroup: "/x;y" container_id: "3f2a"
                             arguments: "a b" arguments: "" arguments: "..."
                           }
                           processes {
                             pid: 813 uid: 33 arguments: "c"
                             arguments_cut: true
                           }
                         })"),
                       {});
  EXPECT_EQ(facts["pids"], "812 813");
  EXPECT_EQ(facts["process_names"], "");
  EXPECT_EQ(facts["process_uids"], "0;33");
  EXPECT_EQ(facts["users"], "root;");
  EXPECT_EQ(facts["executables"], "/a b;");
  EXPECT_EQ(facts["cgroups"], "/x\\073y;");
  EXPECT_EQ(facts["container_ids"], "3f2a;");
  EXPECT_EQ(facts["arguments"], "a\\040b  \\056..;c ...");
}

TEST(FactsTest, WhatASocketDoesNotTellIsEmpty) {
  for (const auto& [name, text] : FactsOf({}, {})) EXPECT_EQ(text, "") << name;
}

TEST(FactsTest, ATextCannotCarryControlCharacters) {
  v1::Socket socket;
  socket.mutable_owners()->add_processes()->set_display_name("a\x1b[2J");
  socket.set_netns("b\n");
  v1::Process* const process = socket.mutable_owners()->mutable_processes(0);
  process->set_user("c\x1b");
  process->set_executable("/d\r");
  process->set_cgroup("/e\xff");
  process->set_container_id("f\t");
  process->add_arguments("g\a");

  auto facts = FactsOf(socket, {});
  EXPECT_EQ(facts["users"], "c\\033");
  EXPECT_EQ(facts["executables"], "/d\\r");
  EXPECT_EQ(facts["cgroups"], "/e\\377");
  EXPECT_EQ(facts["container_ids"], "f\\t");
  EXPECT_EQ(facts["arguments"], "g\\007");
  EXPECT_EQ(facts["process_names"], "a\\033[2J");
  EXPECT_EQ(facts["netns"], "b\\n");
}

}  // namespace
}  // namespace connreg::cli
