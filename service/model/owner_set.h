#ifndef CONNREG_SERVICE_MODEL_OWNER_SET_H_
#define CONNREG_SERVICE_MODEL_OWNER_SET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "service/model/process.h"

namespace connreg {

// A set of one process (SetOfOne) or of several (SetOfMany), which copies of
// Owners share. It never changes, save that its digest is kept when it is first
// asked for.
struct OwnerSet {
  explicit OwnerSet(size_t count) : size(count) {}

  // REQUIRES: place < size
  const Process& operator[](size_t place) const;

  const size_t size;
  // 0: not asked for yet.
  mutable std::atomic<uint64_t> digest{0};
};

// It is the process, too, for all the sets that have it: most sets have one
// process, and take one allocation.
struct SetOfOne : OwnerSet {
  explicit SetOfOne(Process only) : OwnerSet(1), process(std::move(only)) {}

  const Process process;
};

using SharedProcess = std::shared_ptr<const SetOfOne>;

inline SharedProcess Share(Process process) {
  return std::make_shared<const SetOfOne>(std::move(process));
}

struct SetOfMany : OwnerSet {
  // REQUIRES: all.size() > 1
  explicit SetOfMany(std::vector<SharedProcess> all)
      : OwnerSet(all.size()), processes(std::move(all)) {}

  const std::vector<SharedProcess> processes;
};

inline const Process& OwnerSet::operator[](size_t place) const {
  if (size == 1) return static_cast<const SetOfOne&>(*this).process;
  return static_cast<const SetOfMany&>(*this).processes[place]->process;
}

// ProcessRange is the processes of a set, which outlives it.
class ProcessRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Process;
    using difference_type = std::ptrdiff_t;
    using pointer = const Process*;
    using reference = const Process&;

    Iterator() = default;
    Iterator(const OwnerSet* set, size_t place) : set_(set), place_(place) {}

    reference operator*() const { return (*set_)[place_]; }
    pointer operator->() const { return &(*set_)[place_]; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    Iterator operator++(int) { return {set_, place_++}; }
    bool operator==(const Iterator&) const = default;

   private:
    const OwnerSet* set_ = nullptr;
    size_t place_ = 0;
  };
  using value_type = Process;
  using size_type = size_t;
  using reference = const Process&;
  using const_reference = const Process&;
  using iterator = Iterator;
  using const_iterator = Iterator;

  // Of no process if `set` is null.
  explicit ProcessRange(const OwnerSet* set) : set_(set) {}

  Iterator begin() const { return {set_, 0}; }
  Iterator end() const { return {set_, size()}; }
  size_t size() const { return set_ == nullptr ? 0 : set_->size; }
  bool empty() const { return set_ == nullptr; }
  // REQUIRES: place < size()
  const Process& operator[](size_t place) const { return (*set_)[place]; }
  // REQUIRES: !empty()
  const Process& front() const { return (*set_)[0]; }

 private:
  const OwnerSet* set_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_OWNER_SET_H_
