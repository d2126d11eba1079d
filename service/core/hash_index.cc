#include "service/core/hash_index.h"

#include <algorithm>
#include <new>

#include "service/base/huge_pages.h"

namespace connreg {
namespace {

// From which size on memory comes in pages.
constexpr size_t kManyBytes = size_t{1} << 20;

// How many entries may be pushed behind the slots before there must be more.
size_t RoomBehind(size_t slots) { return 64 + slots / 256; }

}  // namespace

void HashIndex::Erase(const Entry* entry) {
  auto* hole = const_cast<Entry*>(entry);
  while (hole[1].value != kNoValue &&
         entries_ + SlotOf(hole[1].fragment) <= hole) {
    hole[0] = hole[1];
    ++hole;
  }
  hole->value = kNoValue;
  --size_;
  if (slots_ > 64 && size_ < slots_ / 5) Rebuild(slots_ / 5 * 2);
}

bool HashIndex::InsertAt(Entry* entry, Entry added) {
  Entry* free = entry;
  while (free->value != kNoValue) ++free;
  if (free == entries_ + length_ - 1) return false;
  std::move_backward(entry, free, free + 1);
  *entry = added;
  ++size_;
  return true;
}

void HashIndex::Rebuild(size_t slots) {
  Entry* const before = entries_;
  const size_t length_before = length_;
  while (true) {
    Allocate(slots);
    if (Fill(before, length_before)) break;
    Free(entries_, length_);
    slots *= 2;
  }
  Free(before, length_before);
}

bool HashIndex::Fill(const Entry* from, size_t length) {
  Entry* next = entries_;
  for (const Entry* entry = from; entry != from + length; ++entry) {
    if (entry->value == kNoValue) continue;
    next = std::max(next, entries_ + SlotOf(entry->fragment));
    if (next == entries_ + length_ - 1) return false;
    *next++ = *entry;
  }
  return true;
}

void HashIndex::Allocate(size_t slots) {
  slots_ = slots;
  length_ = slots + RoomBehind(slots);
  const size_t bytes = length_ * sizeof(Entry);
  entries_ = static_cast<Entry*>(bytes < kManyBytes ? ::operator new(bytes)
                                                    : MapPages(bytes));
  std::fill_n(entries_, length_, Entry{0, kNoValue});
}

void HashIndex::Free(Entry* entries, size_t length) {
  const size_t bytes = length * sizeof(Entry);
  if (bytes < kManyBytes)
    ::operator delete(entries);
  else
    UnmapPages(entries, bytes);
}

}  // namespace connreg
