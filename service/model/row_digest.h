#ifndef CONNREG_SERVICE_MODEL_ROW_DIGEST_H_
#define CONNREG_SERVICE_MODEL_ROW_DIGEST_H_

#include <cstdint>

#include "service/model/owner.h"
#include "service/model/socket.h"

namespace connreg {

// The digest of one row: SipHash-2-4 with the key 0 of its canonical bytes, as
// connreg/v1/report.proto lays them down. It covers all that a reporter says of
// the row, and nothing that the registry adds.
uint64_t DigestOf(const ListenerFacts& facts);
uint64_t DigestOf(const ConnectionFacts& facts);

// RowDigest is how many rows there are, and the sum of their digests modulo
// 2^64: equal for equal sets of rows, in whatever order they came.
struct RowDigest {
  uint64_t rows = 0;
  uint64_t sum = 0;

  void Add(uint64_t row) {
    ++rows;
    sum += row;
  }
  // REQUIRES: the row was added.
  void Remove(uint64_t row) {
    --rows;
    sum -= row;
  }

  bool operator==(const RowDigest&) const = default;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_ROW_DIGEST_H_
