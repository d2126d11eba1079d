#include "service/wire/owners.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::Optional;

const std::string kContainerId(64, 'c');

// All that can be known of a process, with bytes that no text has.
Process FullProcess() {
  return {.pid = 7,
          .start_time = absl::FromUnixNanos(1'700'000'000'123'456'789),
          .name = "worker\xFF\n",
          .uid = 0,
          .user = "www\xFF",
          .executable = "/usr/sbin/\xFF\n (deleted)",
          .cgroup = "/system.slice/docker-" + kContainerId + ".scope",
          .arguments = {"worker", "", "--key=\xFF\n"},
          .arguments_cut = true};
}

v1::Owners ProtoOf(const Process& process) {
  v1::Owners proto;
  ToProto(Owners::Known({process}), &proto);
  return proto;
}

// What a message of one process is refused for.
ErrorDetail FaultOf(const v1::Process& process) {
  v1::Owners proto;
  *proto.add_processes() = process;
  return DetailOf(OwnersFromProto(proto).status()).value_or(ErrorDetail{});
}

v1::Process WithArguments(const std::vector<std::string>& arguments) {
  v1::Process process;
  process.set_pid(7);
  for (const std::string& argument : arguments) process.add_arguments(argument);
  return process;
}

TEST(OwnersProtoTest, ProcessComesBackWithAllThatIsKnown) {
  v1::Owners received;
  ASSERT_TRUE(
      received.ParseFromString(ProtoOf(FullProcess()).SerializeAsString()));
  EXPECT_THAT(OwnersFromProto(received),
              IsOkAndHolds(Owners::Known({FullProcess()})));
}

TEST(OwnersProtoTest, UserThatIsNotToldIsNotRoot) {
  const Process process{.pid = 7};
  EXPECT_FALSE(ProtoOf(process).processes(0).has_uid());
  EXPECT_THAT(OwnersFromProto(ProtoOf(process)),
              IsOkAndHolds(Owners::Known({process})));
}

TEST(OwnersProtoTest, AnswerNamesTheContainerByTheControlGroup) {
  EXPECT_EQ(ProtoOf(FullProcess()).processes(0).container_id(), kContainerId);
  EXPECT_EQ(ProtoOf({.pid = 7, .cgroup = "/system.slice/sshd.service"})
                .processes(0)
                .container_id(),
            "");
}

TEST(OwnersProtoTest, ContainerOfARequestIsNotRead) {
  v1::Owners proto = ProtoOf({.pid = 7});
  proto.mutable_processes(0)->set_container_id(kContainerId);
  EXPECT_THAT(OwnersFromProto(proto),
              IsOkAndHolds(Owners::Known({Process{.pid = 7}})));
}

TEST(OwnersProtoTest, TextsMayBeAsLongAsTheLimits) {
  v1::Process process = WithArguments({std::string(4095, 'x')});
  process.set_name(std::string(64, '\xFF'));
  process.set_user(std::string(255, '\xFF'));
  process.set_executable(std::string(4096, '\xFF'));
  process.set_cgroup(std::string(4096, '\xFF'));
  v1::Owners proto;
  *proto.add_processes() = process;
  EXPECT_THAT(OwnersFromProto(proto), IsOk());
}

TEST(OwnersProtoTest, LongerTextsAreRefusedByTheirField) {
  v1::Process process;
  process.set_pid(7);
  const auto fault = [&](auto set, size_t limit) {
    v1::Process longer = process;
    set(longer, std::string(limit + 1, 'x'));
    const ErrorDetail detail = FaultOf(longer);
    EXPECT_EQ(detail.reason, "TEXT_TOO_LONG");
    return detail.field;
  };
  EXPECT_EQ(fault([](auto& to, const auto& text) { to.set_name(text); }, 64),
            "processes[0].name");
  EXPECT_EQ(fault([](auto& to, const auto& text) { to.set_user(text); }, 255),
            "processes[0].user");
  EXPECT_EQ(
      fault([](auto& to, const auto& text) { to.set_executable(text); }, 4096),
      "processes[0].executable");
  EXPECT_EQ(
      fault([](auto& to, const auto& text) { to.set_cgroup(text); }, 4096),
      "processes[0].cgroup");
  EXPECT_EQ(
      fault([](auto& to, const auto& text) { to.add_arguments(text); }, 4095),
      "processes[0].arguments[0]");
}

TEST(OwnersProtoTest, ArgumentsCountTogetherAndEachForOneMore) {
  const std::vector<std::string> none_longer(4096, "");
  EXPECT_EQ(FaultOf(WithArguments(none_longer)), ErrorDetail{});

  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>(4097, ""),
        std::vector<std::string>(2, std::string(2048, 'x'))}) {
    EXPECT_EQ(
        FaultOf(WithArguments(arguments)),
        (ErrorDetail{"TEXT_TOO_LONG", "processes[0].arguments", std::nullopt}));
  }
}

TEST(OwnersProtoTest, TextsOfAllProcessesTogetherAreLimited) {
  v1::Owners proto;
  for (int pid = 1; pid <= 64; ++pid) {
    v1::Process* const process = proto.add_processes();
    process->set_pid(pid);
    process->set_executable(std::string(4096, 'x'));
  }
  EXPECT_THAT(OwnersFromProto(proto), IsOk());

  proto.mutable_processes(0)->set_user("x");
  EXPECT_THAT(
      DetailOf(OwnersFromProto(proto).status()),
      Optional(ErrorDetail{"TEXT_TOO_LONG", "processes", std::nullopt}));
}

TEST(OwnersProtoTest, RefusalNamesTheTextAndItsLength) {
  v1::Owners proto;
  v1::Process* const process = proto.add_processes();
  process->set_pid(7);
  process->set_user(std::string(256, 'x'));
  EXPECT_EQ(OwnersFromProto(proto).status().message(),
            "process's user of 256 bytes: the limit is 255");
}

}  // namespace
}  // namespace connreg
