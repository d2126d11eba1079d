#ifndef CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
#define CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "service/core/host_directory.h"
#include "service/model/address_owners.h"
#include "service/model/socket.h"

namespace connreg {

// OwnersOfRows answers who owns the addresses that joining groups of rows
// takes, from what one visit to the directory told.
//
// Not thread-safe.
class OwnersOfRows {
 public:
  // Will ask for every address that joining `rows` may need: one for each row.
  void Want(const std::vector<Observation>& rows) {
    for (const Observation& row : rows) {
      const std::shared_ptr<const Reporter>& asker = row.provenance.reporter;
      wanted_.push_back({asker.get(), row.facts.tuple.remote().address()});
      if (askers_.empty() || askers_.back() != asker) askers_.push_back(asker);
    }
  }

  void Ask(const HostDirectory& hosts) { owners_ = hosts.Owners(wanted_); }

  // The answers for the group of `count` rows before which so many were wanted.
  auto Of(size_t before, size_t count) const {
    return
        [this, before, count](const Reporter& asker, const IpAddress& address) {
          for (size_t i = before; i < before + count; ++i)
            if (IsAnswer(wanted_[i], asker, address)) return owners_[i];
          return std::vector<AddressOwner>();
        };
  }

 private:
  // Whether what `question` asks is the same for `asker` and `address`.
  static bool IsAnswer(const OwnersQuestion& question, const Reporter& asker,
                       const IpAddress& address) {
    return question.address == address &&
           (question.asker == &asker ||
            (question.asker->network == asker.network &&
             (!address.is_host_local() || question.asker->host == asker.host)));
  }

  // One row alone is what lookups ask for.
  absl::InlinedVector<OwnersQuestion, 1> wanted_;
  // What wanted_ points to.
  absl::InlinedVector<std::shared_ptr<const Reporter>, 1> askers_;
  // As in wanted_.
  std::vector<std::vector<AddressOwner>> owners_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_OWNERS_OF_ROWS_H_
