#include "client/agent/netns_search.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::IsEmpty;

constexpr char kOwnNetns[] = "/proc/self/ns/net";
constexpr char kContainer[] =
    "0::/docker/"
    "3f9d2c81a0b4e5d6c7b8a9f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a\n";

// A proc(5) that a test makes, whose only namespace that can be opened is this
// process's own.
class NetnsSearchTest : public testing::Test {
 protected:
  NetnsSearchTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ / "thread-self/ns");
    std::filesystem::create_directories(names_);
    std::filesystem::create_symlink(kOwnNetns, root_ / "thread-self/ns/net");
    struct stat stat {};
    EXPECT_EQ(::stat(kOwnNetns, &stat), 0);
    own_inode_ = stat.st_ino;
  }
  ~NetnsSearchTest() override { std::filesystem::remove_all(root_); }

  void AddProcess(int pid, uint64_t netns, const std::string& cgroup = "") {
    const std::filesystem::path folder = root_ / absl::StrCat(pid);
    std::filesystem::create_directories(folder / "ns");
    std::filesystem::create_symlink(absl::StrCat("net:[", netns, "]"),
                                    folder / "ns/net");
    std::ofstream(folder / "cgroup") << cgroup;
  }
  void AddName(const std::string& name) {
    std::filesystem::create_symlink(kOwnNetns, names_ / name);
  }

  NetnsFindings Find() const {
    const std::string folder = names_.string();
    return FindNetns(root_.string(), {folder, "/no/such/folder"});
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) /
      absl::StrCat("connreg-proc-", getpid());
  const std::filesystem::path names_ = root_ / "netns";
  uint64_t own_inode_ = 0;
};

TEST_F(NetnsSearchTest, OwnIsFoundWithItsProcesses) {
  AddProcess(812, own_inode_);
  AddProcess(7, own_inode_);
  const NetnsFindings findings = Find();
  EXPECT_TRUE(findings.listing.ok()) << findings.listing;
  EXPECT_TRUE(findings.own.is_own);
  EXPECT_EQ(findings.own.inode, own_inode_);
  EXPECT_EQ(findings.own.pid, 7);
  EXPECT_THAT(findings.others, IsEmpty());
}

TEST_F(NetnsSearchTest, NameIsTheSmallestOfThoseThatItHas) {
  AddName("red");
  AddName("blue");
  AddName("green");
  EXPECT_EQ(Find().own.name, "blue");
}

TEST_F(NetnsSearchTest, NameThatIsNoTextIsEscaped) {
  AddName("a\xff\n");
  EXPECT_EQ(Find().own.name, "a\\xff\\n");
}

TEST_F(NetnsSearchTest, FilesThatAreNoNamespacesNameNothing) {
  std::ofstream(names_ / "left-over") << "";
  std::filesystem::create_symlink("/no/such/file", names_ / "gone");
  const NetnsFindings findings = Find();
  EXPECT_TRUE(findings.listing.ok()) << findings.listing;
  EXPECT_EQ(findings.own.name, "");
  EXPECT_THAT(findings.others, IsEmpty());
}

TEST_F(NetnsSearchTest, NamespacesOfOtherKindsArePassedOver) {
  std::filesystem::create_symlink("/proc/self/ns/mnt", names_ / "mnt");
  const NetnsFindings findings = Find();
  EXPECT_TRUE(findings.listing.ok()) << findings.listing;
  EXPECT_THAT(findings.others, IsEmpty());
  EXPECT_EQ(findings.own.name, "");
}

TEST_F(NetnsSearchTest, NamespaceOfAContainerIsNamedAfterIt) {
  AddProcess(1, own_inode_ + 1);
  AddProcess(7, own_inode_, "0::/system.slice/pasta.service\n");
  AddProcess(8, own_inode_, kContainer);
  EXPECT_EQ(Find().own.name, "3f9d2c81a0b4");
}

TEST_F(NetnsSearchTest, NamespaceOfTheHostIsNotNamedAfterAContainerInIt) {
  AddProcess(1, own_inode_);
  AddProcess(8, own_inode_, kContainer);
  EXPECT_EQ(Find().own.name, "");
  AddName("host");
  EXPECT_EQ(Find().own.name, "host");
}

TEST_F(NetnsSearchTest, OwnPassesForTheHostsWhereThatCannotBeSeen) {
  AddProcess(8, own_inode_, kContainer);
  EXPECT_EQ(Find().own.name, "");
}

TEST_F(NetnsSearchTest, NamespaceThatEndedMeanwhileIsPassedOver) {
  AddProcess(7, own_inode_ + 1);
  const NetnsFindings findings = Find();
  EXPECT_TRUE(findings.listing.ok()) << findings.listing;
  EXPECT_THAT(findings.others, IsEmpty());
}

TEST_F(NetnsSearchTest, WithoutAProcess1SomeAreHidden) {
  AddProcess(7, own_inode_);
  EXPECT_EQ(Find().hidden_processes, 1u);
  AddProcess(1, own_inode_);
  EXPECT_EQ(Find().hidden_processes, 0u);
}

TEST_F(NetnsSearchTest, WithoutProcOthersMayBeThere) {
  const NetnsFindings findings = FindNetns("/no/such/folder", {});
  EXPECT_FALSE(findings.listing.ok());
  EXPECT_TRUE(findings.own.is_own);
}

// ---- The visit ----

TEST(NetnsTableTest, OwnIsVisitedOnceAndFirstWhereverTheOthersAre) {
  const std::string own = LinuxKernel().NetnsName().value();
  std::vector<std::string> names;
  const NetnsVisit visit = LinuxNetnsTable().VisitAll(
      [&](const FoundNetns& found, const Kernel& kernel) {
        EXPECT_EQ(found.is_own, names.empty());
        names.push_back(kernel.NetnsName().value());
      });
  EXPECT_EQ(names.front(), own);
  EXPECT_EQ(std::count(names.begin(), names.end(), own), 1);
  EXPECT_TRUE(visit.listing.ok()) << visit.listing;
  EXPECT_EQ(LinuxKernel().NetnsName().value(), own);
}

}  // namespace
}  // namespace connreg
