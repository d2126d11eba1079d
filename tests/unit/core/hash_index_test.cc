#include "service/core/hash_index.h"

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kLast = std::numeric_limits<uint32_t>::max();

// Lets the values of one fragment stand in ascending order.
void Insert(uint32_t fragment, uint32_t value, HashIndex* index) {
  index->Insert(fragment, value, [&](uint32_t other) { return value < other; });
}

std::vector<std::pair<uint32_t, uint32_t>> From(uint32_t fragment,
                                                const HashIndex& index) {
  std::vector<std::pair<uint32_t, uint32_t>> entries;
  for (const HashIndex::Entry* entry = index.From(fragment); entry != nullptr;
       entry = index.Next(entry))
    entries.emplace_back(entry->fragment, entry->value);
  return entries;
}

std::vector<uint32_t> RowsOf(uint32_t fragment, const HashIndex& index) {
  std::vector<uint32_t> rows;
  for (const HashIndex::Entry* entry = index.Find(fragment); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry))
    rows.push_back(entry->value);
  return rows;
}

TEST(HashIndexTest, AnEmptyOneHasNothing) {
  const HashIndex index;
  EXPECT_EQ(index.Find(0), nullptr);
  EXPECT_EQ(index.Find(kLast), nullptr);
  EXPECT_EQ(index.From(0), nullptr);
}

TEST(HashIndexTest, GoesInTheOrderOfTheFragments) {
  HashIndex index;
  Insert(kLast, 1, &index);
  Insert(0, 2, &index);
  Insert(1000, 3, &index);
  using Pair = std::pair<uint32_t, uint32_t>;
  EXPECT_THAT(From(0, index),
              ElementsAre(Pair(0, 2), Pair(1000, 3), Pair(kLast, 1)));
  EXPECT_THAT(From(1, index), ElementsAre(Pair(1000, 3), Pair(kLast, 1)));
  EXPECT_THAT(From(kLast, index), ElementsAre(Pair(kLast, 1)));
}

TEST(HashIndexTest, EntriesOfOneFragmentStandAsTheCallerOrdersThem) {
  HashIndex index;
  for (const uint32_t value : {5, 3, 4}) Insert(7, value, &index);
  Insert(6, 9, &index);
  Insert(8, 1, &index);
  EXPECT_THAT(RowsOf(7, index), ElementsAre(3, 4, 5));
}

TEST(HashIndexTest, TakesAnyNumberOfOneFragment) {
  HashIndex index;
  for (uint32_t value = 0; value < 5000; ++value) Insert(kLast, value, &index);
  EXPECT_EQ(RowsOf(kLast, index).size(), 5000u);
  Insert(kLast - 1, 1, &index);
  EXPECT_THAT(RowsOf(kLast - 1, index), ElementsAre(1));
}

TEST(HashIndexTest, AnEntryMayLeadToAnotherRow) {
  HashIndex index;
  Insert(7, 1, &index);
  index.Replace(index.Find(7), 2);
  EXPECT_THAT(RowsOf(7, index), ElementsAre(2));
}

TEST(HashIndexTest, EqualsAnOrderedMapAfterManyOperations) {
  HashIndex index;
  std::map<std::pair<uint32_t, uint32_t>, bool> model;
  std::mt19937 random(1);
  const auto draw = [&](uint32_t below) {
    return std::uniform_int_distribution<uint32_t>(0, below - 1)(random);
  };
  // It grows, and shrinks again. Few fragments share entries; some are close.
  for (int i = 0; i < 60'000; ++i) {
    const bool removes = draw(10) < (i < 30'000 ? 3u : 7u);
    if (removes && !model.empty()) {
      const auto near = model.lower_bound({draw(kLast), 0});
      const auto it = near == model.end() ? model.begin() : near;
      const HashIndex::Entry* entry = index.Find(it->first.first);
      while (entry->value != it->first.second)
        entry = HashIndex::NextOfFragment(entry);
      index.Erase(entry);
      model.erase(it);
    } else {
      const uint32_t fragment = draw(2) == 0 ? draw(kLast) : draw(5000);
      const auto value = static_cast<uint32_t>(i);
      Insert(fragment, value, &index);
      model[{fragment, value}] = true;
    }
    ASSERT_EQ(index.size(), model.size());
  }
  std::vector<std::pair<uint32_t, uint32_t>> expected;
  for (const auto& [entry, there] : model) expected.push_back(entry);
  EXPECT_EQ(From(0, index), expected);
  for (const auto& [entry, there] : model)
    ASSERT_NE(index.Find(entry.first), nullptr);
}

}  // namespace
}  // namespace connreg
