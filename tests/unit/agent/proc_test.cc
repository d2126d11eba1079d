#include "client/agent/proc.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int64_t kBootSeconds = 1'700'000'000;

// A directory that looks like a mounted proc(5).
class ProcFsTest : public testing::Test {
 protected:
  ProcFsTest() {
    std::string name = absl::StrCat(testing::TempDir(), "/connreg-proc-XXXXXX");
    root_ = mkdtemp(name.data());
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
    Write("stat", absl::StrCat("cpu 0\nbtime ", kBootSeconds, "\n"));
    AddProcess(1, "init", {});
  }
  ~ProcFsTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    std::ofstream(root_ / path, std::ios::binary) << text;
  }

  // A process that started 12.5 seconds after the boot, or `later`, and whose
  // descriptors lead to `links`.
  void AddProcess(int pid, const std::string& name,
                  const std::vector<std::string>& links, int later = 0) {
    const std::string directory = absl::StrCat(pid);
    std::filesystem::create_directories(root_ / directory / "fd");
    Write(directory + "/comm", name + "\n");
    Write(directory + "/stat",
          absl::StrCat(pid, " (", name,
                       ") S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ",
                       sysconf(_SC_CLK_TCK) * (25 + 2 * later) / 2, " 99\n"));
    int descriptor = 0;
    for (const std::string& link : links) {
      std::filesystem::create_symlink(
          link, root_ / directory / "fd" / absl::StrCat(descriptor++));
    }
  }

  void Link(const std::string& path, const std::string& target) {
    std::filesystem::create_symlink(target, root_ / path);
  }

  absl::StatusOr<SocketHolders> Scan() const {
    const ProcFs processes(root_.string(),
                           {.passwd = (root_ / "passwd").string(),
                            .with_arguments = with_arguments_});
    const auto holders = processes.FindSocketHolders({});
    if (!holders.ok()) return holders.status();
    return **holders;
  }

  // The one process that holds the socket `inode`.
  Process HolderOf(uint64_t inode) const {
    const absl::StatusOr<SocketHolders> holders = Scan();
    EXPECT_THAT(holders, IsOk());
    const auto found = holders->by_inode.find(inode);
    if (found == holders->by_inode.end()) return {};
    EXPECT_THAT(found->second.processes(), SizeIs(1));
    return found->second.processes()[0];
  }

  // The pids that hold the socket `inode`.
  std::vector<int> HoldersOf(uint64_t inode) const {
    const absl::StatusOr<SocketHolders> holders = Scan();
    EXPECT_THAT(holders, IsOk());
    std::vector<int> pids;
    const auto found = holders->by_inode.find(inode);
    if (found == holders->by_inode.end()) return pids;
    for (const Process& process : found->second.processes())
      pids.push_back(process.pid);
    return pids;
  }

  std::filesystem::path root_;
  bool with_arguments_ = false;
};

TEST_F(ProcFsTest, HolderHasItsStartTimeAndName) {
  AddProcess(7, "nginx", {"/dev/null", "socket:[4711]", "pipe:[5]"});
  const absl::StatusOr<SocketHolders> holders = Scan();
  ASSERT_THAT(holders, IsOk());
  EXPECT_TRUE(holders->complete());
  const absl::Time start =
      absl::FromUnixSeconds(kBootSeconds) + absl::Milliseconds(12'500);
  const Process nginx{
      .pid = 7, .start_time = start, .name = "nginx", .uid = geteuid()};
  EXPECT_THAT(holders->by_inode,
              ElementsAre(testing::Pair(4711, Owners::Known({nginx}))));
}

TEST_F(ProcFsTest, HolderHasItsUserItsFileAndItsControlGroup) {
  AddProcess(7, "nginx", {"socket:[11]"});
  Write("passwd", absl::StrCat("www-data:x:", geteuid(), ":33::/:/bin/sh\n"));
  Link("7/exe", "/usr/sbin/nginx");
  Write("7/cgroup", "0::/system.slice/nginx.service\n");

  const Process process = HolderOf(11);
  EXPECT_EQ(process.uid, geteuid());
  EXPECT_EQ(process.user, "www-data");
  EXPECT_EQ(process.executable, "/usr/sbin/nginx");
  EXPECT_EQ(process.cgroup, "/system.slice/nginx.service");
}

TEST_F(ProcFsTest, WhatMayNotBeReadOfAHolderIsLeftOut) {
  AddProcess(7, "nginx", {"socket:[11]"});
  const Process process = HolderOf(11);
  EXPECT_EQ(process.user, "");
  EXPECT_EQ(process.executable, "");
  EXPECT_EQ(process.cgroup, "");
}

TEST_F(ProcFsTest, ArgumentsAreReadOnlyOnRequest) {
  AddProcess(7, "psql", {"socket:[11]"});
  Write("7/cmdline", std::string("psql\0--password=x\0", 18));
  EXPECT_THAT(HolderOf(11).arguments, IsEmpty());

  with_arguments_ = true;
  EXPECT_THAT(HolderOf(11).arguments, ElementsAre("psql", "--password=x"));
}

TEST_F(ProcFsTest, ProcessWithoutSocketsIsNotReadFurther) {
  AddProcess(7, "bash", {"/dev/null"});
  // Would be counted if it was read.
  Write("7/stat", "malformed");
  EXPECT_THAT(Scan(), IsOkAndHolds(Field(&SocketHolders::unreadable_count, 0)));
}

TEST_F(ProcFsTest, PidThatComesBackIsAnotherProcess) {
  AddProcess(4242, "nginx", {"socket:[11]"});
  const Process first = HolderOf(11);
  std::filesystem::remove_all(root_ / "4242");
  AddProcess(4242, "nginx", {"socket:[12]"}, /*later=*/60);

  const Process second = HolderOf(12);
  EXPECT_EQ(second.pid, first.pid);
  EXPECT_EQ(second.start_time, first.start_time + absl::Minutes(1));
  EXPECT_NE(Owners::Known({second}), Owners::Known({first}));
  EXPECT_THAT(HoldersOf(11), IsEmpty());
}

TEST_F(ProcFsTest, ProcessesStayWhoTheyAreWhenTheClockIsSet) {
  AddProcess(7, "web", {"socket:[4711]"});
  const ProcFs processes(root_.string(),
                         {.passwd = (root_ / "passwd").string()});
  const auto holders = processes.FindSocketHolders({});
  ASSERT_THAT(holders, IsOk());
  Write("stat", absl::StrCat("cpu 0\nbtime ", kBootSeconds + 3600, "\n"));
  const auto later = processes.FindSocketHolders({});
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ((*later)->by_inode.at(4711), (*holders)->by_inode.at(4711));
}

TEST_F(ProcFsTest, SocketThatTheServiceManagerOpenedIsTheServices) {
  AddProcess(1, "systemd", {"socket:[11]"});
  AddProcess(812, "sshd", {"socket:[11]"});
  EXPECT_THAT(HoldersOf(11), ElementsAre(812, 1));
}

TEST_F(ProcFsTest, SocketHeldByManyHasThemAll) {
  AddProcess(7, "a", {"socket:[11]"});
  AddProcess(8, "a", {"socket:[11]"});
  AddProcess(9, "a", {"socket:[11]"});
  EXPECT_THAT(HoldersOf(11), UnorderedElementsAre(7, 8, 9));
}

TEST_F(ProcFsTest, SocketHeldTwiceByOneProcessCountsOnce) {
  AddProcess(7, "a", {"socket:[11]", "socket:[11]"});
  EXPECT_THAT(HoldersOf(11), ElementsAre(7));
}

TEST_F(ProcFsTest, NameIsKeptByteForByte) {
  for (const std::string name : {") (", "a\nb", "\xff\xfe", "x\n", ""}) {
    AddProcess(7, name, {"socket:[11]"});
    const absl::StatusOr<SocketHolders> holders = Scan();
    ASSERT_THAT(holders, IsOk());
    ASSERT_EQ(holders->by_inode.count(11), 1u);
    EXPECT_EQ(holders->by_inode.at(11).processes()[0].name, name);
    std::filesystem::remove_all(root_ / "7");
  }
}

TEST_F(ProcFsTest, ProcessThatVanishesIsPassedOver) {
  std::filesystem::create_directory(root_ / "7");
  AddProcess(8, "a", {"socket:[11]"});
  std::filesystem::remove(root_ / "8" / "stat");
  const absl::StatusOr<SocketHolders> holders = Scan();
  ASSERT_THAT(holders, IsOk());
  EXPECT_TRUE(holders->complete());
  EXPECT_THAT(holders->by_inode, IsEmpty());
}

TEST_F(ProcFsTest, WhatIsNoProcessIsPassedOver) {
  Write("12x", "");
  Write("99999999999", "");
  std::filesystem::create_directory(root_ / "self");
  EXPECT_THAT(Scan(), IsOkAndHolds(Field(&SocketHolders::unreadable_count, 0)));
}

TEST_F(ProcFsTest, ProcessWithAMalformedStatIsCounted) {
  AddProcess(7, "a", {"socket:[11]"});
  Write("7/stat", "7 (a) S");
  EXPECT_THAT(Scan(), IsOkAndHolds(Field(&SocketHolders::unreadable_count, 1)));
}

TEST_F(ProcFsTest, ProcessThatMayNotBeReadIsCounted) {
  AddProcess(7, "a", {"socket:[11]"});
  AddProcess(8, "b", {"socket:[12]"});
  std::filesystem::permissions(root_ / "7" / "fd", std::filesystem::perms(0));
  constexpr uid_t kNobody = 65534;
  const bool was_root = geteuid() == 0;
  if (was_root && seteuid(kNobody) != 0) GTEST_SKIP() << "cannot leave root";
  const absl::StatusOr<SocketHolders> holders = Scan();
  if (was_root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(root_ / "7" / "fd",
                               std::filesystem::perms(0755));
  EXPECT_THAT(holders,
              IsOkAndHolds(AllOf(Field(&SocketHolders::unreadable_count, 1),
                                 Field(&SocketHolders::by_inode,
                                       ElementsAre(testing::Key(12))))));
  EXPECT_FALSE(holders->complete());
}

// What an unprivileged user sees of a /proc mounted with hidepid=invisible.
TEST_F(ProcFsTest, WithoutProcess1SomeAreHidden) {
  std::filesystem::remove_all(root_ / "1");
  const absl::StatusOr<SocketHolders> holders = Scan();
  ASSERT_THAT(holders, IsOk());
  EXPECT_FALSE(holders->complete());
}

TEST_F(ProcFsTest, NoProcIsAnError) {
  EXPECT_THAT(ProcFs((root_ / "none").string()).FindSocketHolders({}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace connreg
