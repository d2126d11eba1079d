#ifndef CONNREG_SERVICE_CORE_BATCH_FINDER_H_
#define CONNREG_SERVICE_CORE_BATCH_FINDER_H_

#include "service/core/connection_table.h"
#include "service/core/finder.h"
#include "service/core/host_directory.h"
#include "service/model/batch.h"

namespace connreg {

// BatchFinder answers lookups by the thousand. Nearly all find one row, or two
// that are the ends of one connection: of these it makes brief connections,
// without a copy of what the rows say. The rest it leaves to a Finder.
//
// Thread-safe.
class BatchFinder {
 public:
  // All outlive it.
  BatchFinder(const ConnectionTable& connections, const HostDirectory& hosts,
              const Finder& finder)
      : connections_(connections), hosts_(hosts), finder_(finder) {}

  // What each subject of `question` finds, without the coverage. See Finder.
  BatchLookupAnswer Find(const BatchLookupQuestion& question,
                         bool syncing) const;

 private:
  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
  const Finder& finder_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_BATCH_FINDER_H_
