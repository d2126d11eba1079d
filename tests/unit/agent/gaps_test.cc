#include "client/agent/gaps.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const CoverageGap kUnread = {GapKind::kSockets, "cannot read UDP: no netlink"};

std::vector<std::string> Texts(Gaps gaps) {
  std::vector<std::string> texts;
  for (const CoverageGap& gap : std::move(gaps).Take())
    texts.push_back(gap.description);
  return texts;
}

TEST(GapsTest, GapOfTheOwnNamespaceIsAsItCame) {
  Gaps gaps;
  gaps.Add(kUnread);
  EXPECT_THAT(std::move(gaps).Take(), ElementsAre(kUnread));
}

TEST(GapsTest, GapOfAnotherNamespaceSaysOfWhich) {
  Gaps gaps;
  gaps.Add(kUnread, "blue");
  EXPECT_THAT(
      Texts(std::move(gaps)),
      ElementsAre("cannot read UDP, in network namespace blue: no netlink"));
}

TEST(GapsTest, SameGapOfManyNamespacesIsOneWithoutTheirNumber) {
  Gaps gaps;
  gaps.Add(kUnread);
  for (int i = 0; i < 200; ++i) gaps.Add(kUnread, absl::StrCat("pod", i));
  EXPECT_THAT(
      Texts(std::move(gaps)),
      ElementsAre(
          "cannot read UDP, in several network namespaces: no netlink"));
}

TEST(GapsTest, WhatThereIsNoRoomForIsSummedUpAtItsWorst) {
  Gaps gaps;
  for (int i = 0; i < 20; ++i)
    gaps.Add(GapOf(GapKind::kProcesses, absl::StrCat(i)));
  gaps.Add(kUnread);
  const std::vector<CoverageGap> taken = std::move(gaps).Take();
  ASSERT_THAT(taken, SizeIs(kMaxGaps));
  EXPECT_EQ(taken[14].description, "14");
  EXPECT_EQ(taken[15], (CoverageGap{GapKind::kSockets,
                                    "others: 6 more gaps than a report has "
                                    "room for"}));
}

TEST(GapsTest, AsManyAsThereIsRoomForStay) {
  Gaps gaps;
  for (size_t i = 0; i < kMaxGaps; ++i)
    gaps.Add(GapOf(GapKind::kSockets, absl::StrCat(i)));
  EXPECT_EQ(Texts(std::move(gaps)).back(), "15");
}

TEST(GapsTest, DescriptionIsCutBetweenCharacters) {
  const std::string odd = std::string(254, 'x') + "ü";
  EXPECT_EQ(GapOf(GapKind::kSockets, odd).description, std::string(254, 'x'));
  const std::string even = std::string(253, 'x') + "ü";
  EXPECT_EQ(GapOf(GapKind::kSockets, even).description, even);
}

}  // namespace
}  // namespace connreg
