#ifndef CONNREG_SERVICE_MODEL_COVERAGE_H_
#define CONNREG_SERVICE_MODEL_COVERAGE_H_

#include <cstdint>
#include <string>

namespace connreg {

// Which hosts an answer speaks for.
struct Coverage {
  // The life of the service process.
  std::string run_id;
  // Grows with every change to any row; the answer is no older than this.
  uint64_t revision = 0;
  // Hosts whose agent has a lease in force.
  uint32_t live_hosts = 0;
  // There was more than the answer may hold.
  bool truncated = false;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_COVERAGE_H_
