#ifndef CONNREG_SERVICE_CORE_HASH_INDEX_H_
#define CONNREG_SERVICE_CORE_HASH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <limits>

#include "service/base/prefetch.h"

namespace connreg {

// HashIndex maps fragments of hashes to numbers, in ascending order of the
// fragments. One fragment may have several entries, in the order that the
// caller gives them.
//
// It is a table with linear probing in which all entries stand in order: each
// at the slot that its fragment, as a part of all fragments, is of all slots,
// or as close behind as those before it leave room. So a lookup mostly touches
// one cache line, and walking through the slots goes in order.
//
// Not thread-safe.
class HashIndex {
 public:
  struct Entry {
    uint32_t fragment;
    uint32_t value;
  };
  static constexpr uint32_t kNoValue = std::numeric_limits<uint32_t>::max();

  HashIndex() { Allocate(kMinSlots); }
  ~HashIndex() { Free(entries_, length_); }
  HashIndex(const HashIndex&) = delete;
  HashIndex& operator=(const HashIndex&) = delete;

  // Brings the slot near in which a fragment may be.
  void Prefetch(uint32_t fragment) const {
    connreg::Prefetch(entries_ + SlotOf(fragment));
  }
  // The same for Insert(), which goes on to the end of the run.
  void PrefetchRun(uint32_t fragment) const {
    const char* const slot =
        reinterpret_cast<const char*>(entries_ + SlotOf(fragment));
    connreg::Prefetch(slot);
    connreg::Prefetch(slot + 64);
  }

  // The entries from the first on whose fragment is not below `fragment`, as a
  // range to walk with Next(). Null at the end.
  const Entry* From(uint32_t fragment) const {
    const Entry* entry = entries_ + SlotOf(fragment);
    while (entry->value != kNoValue && entry->fragment < fragment) ++entry;
    return Taken(entry);
  }
  // The first entry of `fragment`, or null.
  const Entry* Find(uint32_t fragment) const {
    const Entry* entry = entries_ + SlotOf(fragment);
    while (entry->value != kNoValue && entry->fragment < fragment) ++entry;
    return entry->value != kNoValue && entry->fragment == fragment ? entry
                                                                   : nullptr;
  }
  const Entry* Next(const Entry* entry) const { return Taken(entry + 1); }
  // The entry after `entry` if it is of the same fragment, or null.
  static const Entry* NextOfFragment(const Entry* entry) {
    const Entry* const next = entry + 1;
    return next->value != kNoValue && next->fragment == entry->fragment
               ? next
               : nullptr;
  }

  // Adds an entry before the first of its fragment that `goes_after`, which is
  // called with values, says goes after it. Entries move.
  //
  // REQUIRES: value != kNoValue
  template <typename GoesAfter>
  void Insert(uint32_t fragment, uint32_t value, GoesAfter goes_after) {
    if (size_ >= slots_ / 5 * 4) Rebuild(slots_ / 3 * 4 + kMinSlots);
    while (true) {
      Entry* entry = entries_ + SlotOf(fragment);
      while (entry->value != kNoValue &&
             (entry->fragment < fragment ||
              (entry->fragment == fragment && !goes_after(entry->value))))
        ++entry;
      if (InsertAt(entry, {fragment, value})) return;
      Rebuild(slots_ * 2);
    }
  }

  // Gives `entry` another value.
  void Replace(const Entry* entry, uint32_t value) {
    const_cast<Entry*>(entry)->value = value;
  }

  // Takes `entry` away. Entries move.
  void Erase(const Entry* entry);

  size_t size() const { return size_; }

 private:
  static constexpr size_t kMinSlots = 15;

  size_t SlotOf(uint32_t fragment) const {
    return (uint64_t{fragment} * slots_) >> 32;
  }
  // `entry`, or the first after it that is taken.
  const Entry* Taken(const Entry* entry) const {
    const Entry* const end = entries_ + length_;
    while (entry != end && entry->value == kNoValue) ++entry;
    return entry == end ? nullptr : entry;
  }
  // False if there is no room behind the slots to push to; hashes that are
  // random do not come so far.
  bool InsertAt(Entry* entry, Entry added);
  // Moves all entries to a table of `slots` slots, or more if those are too
  // few.
  void Rebuild(size_t slots);
  // Puts the entries of a table of `length` into an empty one. False if there
  // is no room.
  bool Fill(const Entry* from, size_t length);
  // Sets up an empty table.
  void Allocate(size_t slots);
  static void Free(Entry* entries, size_t length);

  // Behind the slots is room for what the last ones push on. The last entry of
  // all is never taken.
  Entry* entries_ = nullptr;
  size_t length_ = 0;
  size_t slots_ = 0;
  size_t size_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HASH_INDEX_H_
