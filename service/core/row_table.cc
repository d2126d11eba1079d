#include "service/core/row_table.h"

#include <utility>

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
  return entry == nullptr ? Row::kNone : entry->row;
}

RowTable::Places RowTable::Group(uint64_t hash) const {
  Places places;
  for (uint32_t place = First(hash); place != Row::kNone;
       place = rows_[place].next)
    places.push_back(place);
  return places;
}

std::optional<uint64_t> RowTable::Next(std::optional<uint64_t> after) const {
  const Entry* entry = by_hash_.From(after ? FragmentOf(*after) : 0);
  while (entry != nullptr && after && HashOf(*entry) <= *after)
    entry = by_hash_.Next(entry);
  if (entry == nullptr) return std::nullopt;
  return HashOf(*entry);
}

std::optional<uint64_t> RowTable::NextOf(const Endpoint& endpoint,
                                         std::optional<uint64_t> after) const {
  const uint32_t tag = hash_.TagOf(endpoint);
  return NextAmong([&](uint32_t from) { return by_end_.Next(tag, from); },
                   after);
}

std::optional<uint64_t> RowTable::NextOf(uint32_t tag, uint32_t count,
                                         std::optional<uint64_t> after) const {
  const uint32_t last = tag + (count - 1);
  return NextAmong(
      [&](uint32_t from) {
        std::optional<uint32_t> lowest;
        std::optional<uint32_t> there = by_lease_.TagFrom(tag);
        while (there && *there <= last) {
          const std::optional<uint32_t> next = by_lease_.Next(*there, from);
          if (next && (!lowest || *next < *lowest)) lowest = next;
          if (*there == last) break;
          there = by_lease_.TagFrom(*there + 1);
        }
        return lowest;
      },
      after);
}

absl::InlinedVector<uint64_t, 1> RowTable::HashesOf(uint32_t fragment) const {
  absl::InlinedVector<uint64_t, 1> hashes;
  for (const Entry* entry = by_hash_.Find(fragment); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry))
    hashes.push_back(HashOf(*entry));
  return hashes;
}

void RowTable::PrefetchEnds(const Entry& entry) const {
  const FourTuple tuple = rows_.TupleOf(rows_[entry.row]);
  by_end_.Prefetch(hash_.TagOf(tuple.local()));
  by_end_.Prefetch(hash_.TagOf(tuple.remote()));
}

const RowTable::Entry* RowTable::EntryOf(uint64_t hash) const {
  const Entry* entry = by_hash_.Find(FragmentOf(hash));
  while (entry != nullptr && rows_[entry->row].low != LowOf(hash))
    entry = HashIndex::NextOfFragment(entry);
  return entry;
}

std::optional<uint64_t> RowTable::HashAbove(
    uint32_t fragment, std::optional<uint64_t> after) const {
  for (const Entry* entry = by_hash_.Find(fragment); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry)) {
    const uint64_t hash = HashOf(*entry);
    if (!after || hash > *after) return hash;
  }
  return std::nullopt;
}

std::optional<uint64_t> RowTable::NextAmong(
    absl::FunctionRef<std::optional<uint32_t>(uint32_t from)> next,
    std::optional<uint64_t> after) const {
  std::optional<uint32_t> fragment = next(after ? FragmentOf(*after) : 0);
  while (fragment) {
    if (const std::optional<uint64_t> hash = HashAbove(*fragment, after))
      return hash;
    fragment = next(*fragment + 1);
  }
  return std::nullopt;
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
  if (entry->row != place) {
    uint32_t before = entry->row;
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
    for (uint32_t place = entry->row; place != Row::kNone;
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
