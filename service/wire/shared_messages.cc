#include "service/wire/shared_messages.h"

#include "service/wire/owners.h"
#include "service/wire/socket.h"

namespace connreg {

void SharedMessages::SetReporter(const Reporter& reporter,
                                 v1::Provenance* proto) {
  if (v1::Reporter* made = reporters_.Find(&reporter)) {
    proto->unsafe_arena_set_allocated_reporter(made);
    return;
  }
  ToProto(reporter, proto->mutable_reporter());
  if (proto->GetArena() != nullptr)
    reporters_.Add(&reporter, proto->mutable_reporter());
}

void SharedMessages::SetOwners(const Owners& owners, v1::Socket* proto) {
  // Those that are not known are nowhere, and found as null.
  if (v1::Owners* made = owners_.Find(owners.identity())) {
    proto->unsafe_arena_set_allocated_owners(made);
    return;
  }
  ToProto(owners, proto->mutable_owners());
  if (proto->GetArena() != nullptr && owners.known())
    owners_.Add(owners.identity(), proto->mutable_owners());
}

}  // namespace connreg
