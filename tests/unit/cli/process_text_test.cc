#include "client/cli/process_text.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

constexpr char kRedis[] = R"pb(
  pid: 16859
  name: "redis-server"
  display_name: "redis-server"
  uid: 999
  user: "redis"
  executable: "/usr/bin/redis-server"
  container_id: "3f2a9c0d1e2f00000000000000000000000000000000000000000000000000ff"
)pb";

TEST(ProcessTextTest, TellsWhoRunsWhatWhereAtAGlance) {
  EXPECT_EQ(FullProcessText(FromText<v1::Process>(kRedis)),
            "redis-server,16859 redis /usr/bin/redis-server "
            "[container 3f2a9c0d1e2f]");
}

TEST(ProcessTextTest, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(FullProcessText(FromText<v1::Process>("pid: 7")), "?,7");
  EXPECT_EQ(FullProcessText(FromText<v1::Process>(
                R"(pid: 7 display_name: "sshd" executable: "/usr/sbin/sshd")")),
            "sshd,7 /usr/sbin/sshd");
}

TEST(ProcessTextTest, AUserWithoutANameIsANumber) {
  EXPECT_EQ(UserText(FromText<v1::Process>("pid: 7 uid: 0")), "uid 0");
  EXPECT_EQ(UserText(FromText<v1::Process>("pid: 7")), "");
}

TEST(ProcessTextTest, WhatAHostChoseIsEscaped) {
  const auto process = FromText<v1::Process>(
      R"(pid: 7 display_name: "\\033[2Jx" user: "\033[1m" executable: "/\n\377"
         container_id: "\033[31mred")");
  EXPECT_EQ(FullProcessText(process),
            R"(\033[2Jx,7 \033[1m /\n\377 [container \033[31mred])");
}

}  // namespace
}  // namespace connreg::cli
