#include "service/core/hash_postings.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kLast = std::numeric_limits<uint32_t>::max();

std::vector<uint32_t> Of(uint32_t tag, const HashPostings& postings) {
  std::vector<uint32_t> fragments;
  for (auto fragment = postings.Next(tag, 0); fragment;
       fragment = postings.Next(tag, *fragment + 1))
    fragments.push_back(*fragment);
  return fragments;
}

TEST(HashPostingsTest, HasTheFragmentsOfATagInOrderEachOnce) {
  HashPostings postings;
  for (const uint32_t fragment : {7u, 3u, 5u, 3u}) postings.Add(1, fragment);
  postings.Add(2, 4);
  EXPECT_THAT(Of(1, postings), ElementsAre(3, 5, 7));
  EXPECT_EQ(postings.Next(1, 4), 5u);
  EXPECT_EQ(postings.Next(1, 8), std::nullopt);
  EXPECT_THAT(Of(3, postings), IsEmpty());
}

TEST(HashPostingsTest, WhatIsTakenAwayTwiceIsGoneOnce) {
  HashPostings postings;
  postings.Add(1, 3);
  postings.Add(1, 5);
  postings.Remove(1, 3);
  postings.Remove(1, 3);
  EXPECT_THAT(Of(1, postings), ElementsAre(5));
}

TEST(HashPostingsTest, AnyFragmentAndAnyTagWillDo) {
  HashPostings postings;
  for (const uint32_t tag : {0u, kLast}) {
    postings.Add(tag, 0);
    postings.Add(tag, kLast - 1);
    EXPECT_THAT(Of(tag, postings), ElementsAre(0, kLast - 1));
  }
}

TEST(HashPostingsTest, ATagMayHaveVeryMany) {
  HashPostings postings;
  std::set<uint32_t> expected;
  for (uint32_t i = 0; i < 10'000; ++i) {
    postings.Add(1, i * 7919 % 10'007);
    expected.insert(i * 7919 % 10'007);
  }
  postings.Add(0, 1);
  postings.Add(2, 3);
  EXPECT_THAT(Of(1, postings), testing::ElementsAreArray(expected));
  EXPECT_EQ(postings.TagFrom(1), 1u);
  for (const uint32_t fragment : expected) postings.Remove(1, fragment);
  EXPECT_THAT(Of(1, postings), IsEmpty());
  EXPECT_EQ(postings.TagFrom(1), 2u);
  postings.Add(1, 9);
  EXPECT_THAT(Of(1, postings), ElementsAre(9));
}

TEST(HashPostingsTest, SomeAreGivenAtATime) {
  HashPostings postings;
  for (uint32_t i = 0; i < 5; ++i) postings.Add(1, 2 * i);
  for (uint32_t i = 0; i < 1000; ++i) postings.Add(2, 2 * i);
  for (const uint32_t tag : {1u, 2u}) {
    HashPostings::Fragments fragments = {7};
    postings.Append(tag, 3, 2, &fragments);
    EXPECT_THAT(fragments, ElementsAre(7, 4, 6));
  }
  HashPostings::Fragments last;
  postings.Append(1, 7, 2, &last);
  postings.Append(3, 0, 2, &last);
  EXPECT_THAT(last, ElementsAre(8));
}

TEST(HashPostingsTest, TagsAreFoundInOrder) {
  HashPostings postings;
  postings.Add(5, 1);
  postings.Add(9, 1);
  EXPECT_EQ(postings.TagFrom(0), 5u);
  EXPECT_EQ(postings.TagFrom(6), 9u);
  EXPECT_EQ(postings.TagFrom(10), std::nullopt);
}

}  // namespace
}  // namespace connreg
