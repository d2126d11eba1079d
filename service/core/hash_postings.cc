#include "service/core/hash_postings.h"

#include <algorithm>

namespace connreg {

void HashPostings::Add(uint32_t tag, uint32_t fragment) {
  if (const auto many = many_.find(tag); many != many_.end()) {
    many->second.insert(fragment);
    return;
  }
  size_t count = 0;
  for (const HashIndex::Entry* entry = few_.Find(tag); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry), ++count)
    if (entry->value == fragment) return;
  if (count == kFew) {
    MoveToTree(tag);
    many_[tag].insert(fragment);
    return;
  }
  few_.Insert(tag, fragment, [&](uint32_t other) { return fragment < other; });
}

void HashPostings::Remove(uint32_t tag, uint32_t fragment) {
  if (const auto many = many_.find(tag); many != many_.end()) {
    many->second.erase(fragment);
    if (many->second.empty()) many_.erase(many);
    return;
  }
  for (const HashIndex::Entry* entry = few_.Find(tag); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry)) {
    if (entry->value != fragment) continue;
    few_.Erase(entry);
    return;
  }
}

std::optional<uint32_t> HashPostings::Next(uint32_t tag, uint32_t from) const {
  if (const auto many = many_.find(tag); many != many_.end()) {
    const auto it = many->second.lower_bound(from);
    if (it == many->second.end()) return std::nullopt;
    return *it;
  }
  for (const HashIndex::Entry* entry = few_.Find(tag); entry != nullptr;
       entry = HashIndex::NextOfFragment(entry))
    if (entry->value >= from) return entry->value;
  return std::nullopt;
}

void HashPostings::Append(uint32_t tag, uint32_t from, size_t limit,
                          Fragments* fragments) const {
  if (const auto many = many_.find(tag); many != many_.end()) {
    const absl::btree_set<uint32_t>& all = many->second;
    for (auto it = all.lower_bound(from); it != all.end() && limit > 0;
         ++it, --limit)
      fragments->push_back(*it);
    return;
  }
  for (const HashIndex::Entry* entry = few_.Find(tag);
       entry != nullptr && limit > 0;
       entry = HashIndex::NextOfFragment(entry)) {
    if (entry->value < from) continue;
    fragments->push_back(entry->value);
    --limit;
  }
}

std::optional<uint32_t> HashPostings::TagFrom(uint32_t from) const {
  const HashIndex::Entry* const few = few_.From(from);
  const auto many = many_.lower_bound(from);
  if (few == nullptr && many == many_.end()) return std::nullopt;
  if (few == nullptr) return many->first;
  if (many == many_.end()) return few->fragment;
  return std::min(few->fragment, many->first);
}

void HashPostings::MoveToTree(uint32_t tag) {
  absl::btree_set<uint32_t>& fragments = many_[tag];
  while (const HashIndex::Entry* const entry = few_.Find(tag)) {
    fragments.insert(entry->value);
    few_.Erase(entry);
  }
}

}  // namespace connreg
