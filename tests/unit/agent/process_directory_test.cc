#include "client/agent/process_directory.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- Control groups ----

TEST(ControlGroupTest, IsThatOfTheUnifiedHierarchy) {
  EXPECT_EQ(ControlGroupIn("0::/system.slice/redis.service\n"),
            "/system.slice/redis.service");
  EXPECT_EQ(ControlGroupIn("12:cpu,cpuacct:/a/longer/path/than/the/other\n"
                           "1:name=systemd:/user.slice\n"
                           "0::/system.slice/redis.service\n"),
            "/system.slice/redis.service");
}

TEST(ControlGroupTest, IsSystemdsWhereTheUnifiedHierarchyIsNotUsed) {
  EXPECT_EQ(ControlGroupIn("12:cpu,cpuacct:/a/longer/path/than/the/other\n"
                           "1:name=systemd:/system.slice/redis.service\n"
                           "0::/\n"),
            "/system.slice/redis.service");
}

TEST(ControlGroupTest, IsTheLongestWhereThereIsNoSystemd) {
  EXPECT_EQ(ControlGroupIn("4:memory:/docker/3f2a\n3:cpu:/\n"), "/docker/3f2a");
}

TEST(ControlGroupTest, IsTheRootWhereThereIsNoOther) {
  EXPECT_EQ(ControlGroupIn("0::/\n"), "/");
}

TEST(ControlGroupTest, KeepsTheColonsOfItsPath) {
  EXPECT_EQ(ControlGroupIn("0::/a:b/cri-containerd:3f2a\n"),
            "/a:b/cri-containerd:3f2a");
}

TEST(ControlGroupTest, IsNothingInALineThatIsNone) {
  EXPECT_EQ(ControlGroupIn(""), "");
  EXPECT_EQ(ControlGroupIn("0:\nx\n"), "");
}

// ---- Arguments ----

Process Given(const std::string& cmdline) {
  Process process;
  SetArguments(cmdline, &process);
  return process;
}

TEST(ArgumentsTest, AreThoseThatTheProcessWasStartedWith) {
  const Process process = Given(std::string("sh\0-c\0\0a b\0", 11));
  EXPECT_THAT(process.arguments, ElementsAre("sh", "-c", "", "a b"));
  EXPECT_FALSE(process.arguments_cut);
}

TEST(ArgumentsTest, AreNoneOfAProcessWithoutAny) {
  EXPECT_THAT(Given("").arguments, IsEmpty());
  EXPECT_FALSE(Given("").arguments_cut);
}

TEST(ArgumentsTest, OfAProcessThatNamedItselfAnewAreThatName) {
  EXPECT_THAT(Given("nginx: worker process").arguments,
              ElementsAre("nginx: worker process"));
  EXPECT_THAT(Given(std::string("postgres: writer\0\0\0\0", 20)).arguments,
              ElementsAre("postgres: writer"));
}

TEST(ArgumentsTest, KeepTheBytesThatTheyAre) {
  EXPECT_THAT(Given("\xff\n\x1b[2J").arguments, ElementsAre("\xff\n\x1b[2J"));
}

TEST(ArgumentsTest, AreAsManyWholeOnesAsFit) {
  const std::string first(4000, 'a');
  const std::string fits = first + std::string(1, '\0') + std::string(94, 'b');
  EXPECT_THAT(Given(fits).arguments, SizeIs(2));
  EXPECT_FALSE(Given(fits).arguments_cut);

  const Process process = Given(fits + "b");
  EXPECT_THAT(process.arguments, ElementsAre(first));
  EXPECT_TRUE(process.arguments_cut);
}

TEST(ArgumentsTest, OfWhichTheFirstDoesNotFitAreNone) {
  const Process process = Given(std::string(kMaxArgumentsSize + 1, 'a'));
  EXPECT_THAT(process.arguments, IsEmpty());
  EXPECT_TRUE(process.arguments_cut);
}

TEST(ArgumentsTest, ThatFillTheRoomAreNotCut) {
  const Process process = Given(std::string(kMaxArgumentsSize - 1, 'a'));
  EXPECT_THAT(process.arguments, SizeIs(1));
  EXPECT_FALSE(process.arguments_cut);
}

}  // namespace
}  // namespace connreg
