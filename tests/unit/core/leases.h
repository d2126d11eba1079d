#ifndef CONNREG_TESTS_UNIT_CORE_LEASES_H_
#define CONNREG_TESTS_UNIT_CORE_LEASES_H_

#include <cstdint>
#include <memory>

#include "service/core/lease.h"
#include "service/model/socket.h"

namespace connreg {

// Grants leases without a table.
class Leases {
 public:
  LeasePtr Of(const Reporter& reporter) {
    return std::make_shared<Lease>(LeaseId{++last_id_}, reporter);
  }

 private:
  uint64_t last_id_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_CORE_LEASES_H_
