#include "service/core/row_table.h"

#include <algorithm>
#include <utility>

#include "service/net/endpoint.h"

namespace connreg {

uint32_t RowTable::Add(const Key& key, const ConnectionFacts& facts,
                       SharedFactsPtr shared) {
  const uint32_t place = rows_.Add(key.hash, facts, std::move(shared));
  Link(key.hash, place);
  Post(FragmentOf(key.hash), key, rows_[place]);
  ++size_;
  return place;
}

void RowTable::Change(uint64_t hash, uint32_t place,
                      const ConnectionFacts& facts, SharedFactsPtr shared) {
  const uint32_t tag_before = rows_[place].shared->lease_tag;
  const uint32_t tag = shared->lease_tag;
  rows_.SetFacts(place, facts, std::move(shared));
  if (tag == tag_before) return;
  UnpostTag(FragmentOf(hash), tag_before);
  by_lease_.Add(tag, FragmentOf(hash));
}

void RowTable::Remove(uint64_t hash, uint32_t place) {
  Unlink(hash, place);
  Unpost(FragmentOf(hash), rows_[place]);
  rows_.Remove(place);
  --size_;
}

uint32_t RowTable::First(uint64_t hash) const {
  const Entry* const entry = EntryOf(hash);
  return entry == nullptr ? Row::kNone : entry->value;
}

RowTable::Places RowTable::Group(uint64_t hash) const {
  Places places;
  for (uint32_t place = First(hash); place != Row::kNone;
       place = rows_[place].next)
    places.push_back(place);
  return places;
}

RowTable::Hashes RowTable::Next(std::optional<uint64_t> after,
                                size_t limit) const {
  const Entry* const first = by_hash_.From(after ? FragmentOf(*after) : 0);
  const Entry* entry = first;
  for (size_t i = 0; entry != nullptr && i < limit; ++i) {
    rows_.Prefetch(entry->value);
    entry = by_hash_.Next(entry);
  }
  Hashes hashes;
  for (entry = first; entry != nullptr && hashes.size() < limit;
       entry = by_hash_.Next(entry)) {
    const uint64_t hash = HashOf(*entry);
    if (!after || hash > *after) hashes.push_back(hash);
  }
  return hashes;
}

RowTable::Hashes RowTable::NextOfEnd(uint32_t tag,
                                     std::optional<uint64_t> after,
                                     size_t limit) const {
  HashPostings::Fragments fragments;
  // One more, since all hashes of the first may not be above `after`.
  by_end_.Append(tag, after ? FragmentOf(*after) : 0, limit + 1, &fragments);
  return HashesAbove(fragments, after, limit);
}

RowTable::Hashes RowTable::NextOfLeases(uint32_t tag, uint32_t count,
                                        std::optional<uint64_t> after,
                                        size_t limit) const {
  const uint32_t last = tag + (count - 1);
  HashPostings::Fragments fragments;
  std::optional<uint32_t> there = by_lease_.TagFrom(tag);
  while (there && *there <= last) {
    by_lease_.Append(*there, after ? FragmentOf(*after) : 0, limit + 1,
                     &fragments);
    if (*there == last) break;
    there = by_lease_.TagFrom(*there + 1);
  }
  std::sort(fragments.begin(), fragments.end());
  const auto end = std::unique(fragments.begin(), fragments.end());
  fragments.erase(end, fragments.end());
  return HashesAbove(fragments, after, limit);
}

absl::InlinedVector<uint64_t, 1> RowTable::HashesOf(uint32_t fragment) const {
  absl::InlinedVector<uint64_t, 1> hashes;
  for (const Entry* entry = by_hash_.Find(fragment); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry))
    hashes.push_back(HashOf(*entry));
  return hashes;
}

void RowTable::PrefetchEnds(const Entry& entry) const {
  const FourTuple tuple = rows_.TupleOf(rows_[entry.value]);
  by_end_.Prefetch(hash_.TagOf(tuple.local()));
  by_end_.Prefetch(hash_.TagOf(tuple.remote()));
}

void RowTable::PrefetchEnd(uint32_t tag, Step step) const {
  // Of all shards together they have room in the cache.
  constexpr size_t kFirst = 8;
  if (step == Step::kTag) return by_end_.Prefetch(tag);
  HashPostings::Fragments fragments;
  by_end_.Append(tag, 0, kFirst, &fragments);
  for (const uint32_t fragment : fragments) {
    if (step == Step::kEntries)
      PrefetchEntry(fragment);
    else
      Seek(fragment);
  }
}

const RowTable::Entry* RowTable::EntryOf(uint64_t hash) const {
  const Entry* entry = by_hash_.Find(FragmentOf(hash));
  while (entry != nullptr && rows_[entry->value].low != LowOf(hash))
    entry = HashIndex::NextOfFragment(entry);
  return entry;
}

RowTable::Hashes RowTable::HashesAbove(absl::Span<const uint32_t> fragments,
                                       std::optional<uint64_t> after,
                                       size_t limit) const {
  const auto first = fragments.subspan(0, limit + 1);
  for (const uint32_t fragment : first) PrefetchEntry(fragment);
  for (const uint32_t fragment : first) Seek(fragment);
  Hashes hashes;
  for (const uint32_t fragment : first) {
    for (const Entry* entry = by_hash_.Find(fragment);
         entry != nullptr && hashes.size() < limit;
         entry = HashIndex::NextOfFragment(entry)) {
      const uint64_t hash = HashOf(*entry);
      if (!after || hash > *after) hashes.push_back(hash);
    }
  }
  return hashes;
}

void RowTable::Link(uint64_t hash, uint32_t place) {
  uint32_t last = First(hash);
  if (last == Row::kNone) {
    by_hash_.Insert(FragmentOf(hash), place, [&](uint32_t other) {
      return LowOf(hash) < rows_[other].low;
    });
    return;
  }
  while (rows_[last].next != Row::kNone) last = rows_[last].next;
  rows_[last].next = place;
}

void RowTable::Unlink(uint64_t hash, uint32_t place) {
  const Entry* const entry = EntryOf(hash);
  const uint32_t next = rows_[place].next;
  if (entry->value != place) {
    uint32_t before = entry->value;
    while (rows_[before].next != place) before = rows_[before].next;
    rows_[before].next = next;
  } else if (next != Row::kNone) {
    by_hash_.Replace(entry, next);
  } else {
    by_hash_.Erase(entry);
  }
}

bool RowTable::HasAny(uint32_t fragment,
                      absl::FunctionRef<bool(const Row& row)> is_such) const {
  for (const Entry* entry = by_hash_.Find(fragment); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry)) {
    for (uint32_t place = entry->value; place != Row::kNone;
         place = rows_[place].next)
      if (is_such(rows_[place])) return true;
  }
  return false;
}

void RowTable::Post(uint32_t fragment, const Key& key, const Row& row) {
  by_lease_.Add(row.shared->lease_tag, fragment);
  by_end_.Add(key.local_tag, fragment);
  by_end_.Add(key.remote_tag, fragment);
}

void RowTable::Unpost(uint32_t fragment, const Row& row) {
  UnpostTag(fragment, row.shared->lease_tag);
  const FourTuple tuple = rows_.TupleOf(row);
  for (const Endpoint& end : {tuple.local(), tuple.remote()}) {
    const uint32_t tag = hash_.TagOf(end);
    const bool is_left = HasAny(fragment, [&](const Row& other) {
      const FourTuple others = rows_.TupleOf(other);
      return hash_.TagOf(others.local()) == tag ||
             hash_.TagOf(others.remote()) == tag;
    });
    if (!is_left) by_end_.Remove(tag, fragment);
  }
}

void RowTable::UnpostTag(uint32_t fragment, uint32_t tag) {
  const bool is_left = HasAny(fragment, [&](const Row& other) {
    return other.shared->lease_tag == tag;
  });
  if (!is_left) by_lease_.Remove(tag, fragment);
}

}  // namespace connreg
