#include "absl/base/thread_annotations.h"
#include "service/base/mutex.h"

namespace connreg {

class Counter {
 public:
  int Count() {
    return count_;
  }

 private:
  Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

int CountOf(Counter& counter) { return counter.Count(); }

}  // namespace connreg
