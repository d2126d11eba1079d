#include "client/agent/holder_sets.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kInode = 4711;

size_t TextSizeOf(const Owners& owners) {
  size_t size = 0;
  for (const Process& process : owners.processes()) size += TextSize(process);
  return size;
}

TEST(HolderSetsTest, SocketsOfTheSameProcessesShareTheirOwners) {
  HolderSets sets;
  sets.Add(Share({.pid = 7, .name = "a"}), {1, 2, 3});
  sets.Add(Share({.pid = 8, .name = "b"}), {2, 3});
  absl::flat_hash_set<uint64_t> abridged;
  const auto owners = sets.ByInode(&abridged);

  EXPECT_THAT(abridged, IsEmpty());
  ASSERT_EQ(owners.size(), 3u);
  EXPECT_EQ(owners.at(2).identity(), owners.at(3).identity());
  EXPECT_EQ(owners.at(1), Owners::Known({{.pid = 7, .name = "a"}}));
  EXPECT_EQ(owners.at(2),
            Owners::Known({{.pid = 7, .name = "a"}, {.pid = 8, .name = "b"}}));
}

TEST(HolderSetsTest, ManyHoldersAreAsManyAsAReportMayName) {
  HolderSets sets;
  for (int32_t pid = 1500; pid > 0; --pid)
    sets.Add(Share({.pid = pid}), {kInode});
  absl::flat_hash_set<uint64_t> abridged;
  const Owners owners = sets.ByInode(&abridged).at(kInode);

  EXPECT_THAT(abridged, ElementsAre(kInode));
  ASSERT_EQ(owners.processes().size(), kMaxOwners);
  EXPECT_EQ(owners.processes().front().pid, 2);
  EXPECT_EQ(owners.processes()[kMaxOwners - 1].pid, 1);
}

TEST(HolderSetsTest, TextOfManyHoldersIsNoMoreThanAReportMayHave) {
  HolderSets sets;
  for (int32_t pid = 1000; pid > 0; --pid) {
    sets.Add(Share({.pid = pid,
                    .name = std::string(15, 'n'),
                    .user = "www-data",
                    .executable = std::string(200, 'e'),
                    .cgroup = std::string(100, 'c'),
                    .arguments = {"worker"}}),
             {kInode});
  }
  absl::flat_hash_set<uint64_t> abridged;
  const Owners owners = sets.ByInode(&abridged).at(kInode);

  EXPECT_THAT(abridged, ElementsAre(kInode));
  ASSERT_EQ(owners.processes().size(), 1000u);
  EXPECT_LE(TextSizeOf(owners), kMaxOwnersTextSize);
  const Process& first = owners.processes()[0];
  EXPECT_EQ(first.user, "www-data");
  EXPECT_THAT(first.arguments, ElementsAre("worker"));
  EXPECT_FALSE(first.arguments_cut);
  const Process& late = owners.processes()[998];
  EXPECT_EQ(late.name, std::string(15, 'n'));
  EXPECT_EQ(late.executable, "");
  EXPECT_THAT(late.arguments, IsEmpty());
  EXPECT_TRUE(late.arguments_cut);
}

}  // namespace
}  // namespace connreg
