#ifndef CONNREG_SERVICE_WIRE_SHARED_OWNERS_H_
#define CONNREG_SERVICE_WIRE_SHARED_OWNERS_H_

#include "absl/container/flat_hash_set.h"
#include "service/model/owner.h"

namespace connreg {

// SharedOwners makes rows of one request that name the same owners share them,
// so that the text of a server with a thousand sockets is held once.
//
// Not thread-safe.
class SharedOwners {
 public:
  // Equal to `owners`, and a copy of what was given here first.
  const Owners& Of(const Owners& owners) {
    return *distinct_.insert(owners).first;
  }

 private:
  absl::flat_hash_set<Owners> distinct_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_SHARED_OWNERS_H_
