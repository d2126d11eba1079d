#ifndef CONNREG_TESTS_BENCH_QUESTIONS_H_
#define CONNREG_TESTS_BENCH_QUESTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/bench/accepting_fleet.h"

namespace connreg {

// Questions are the requests of one kind of call about a fleet, numbered, and
// what is a right answer to each.
//
// Thread-safe.
class Questions {
 public:
  // `kind`: "lookup", "batch", "list" or "health". `fleet` is to outlive it.
  //
  // INVALID_ARGUMENT: there is no such kind.
  static absl::StatusOr<std::unique_ptr<Questions>> Create(
      absl::string_view kind, const AcceptingFleet& fleet);

  virtual ~Questions() = default;

  // The method asked, as HTTP/2 names it.
  virtual std::string path() const = 0;
  // How many rows an answer tells of.
  virtual size_t rows() const = 0;
  // How many questions there should be, so that they touch far more than a
  // processor caches and still fit into memory.
  virtual size_t count() const = 0;

  // Messages, serialized.
  virtual std::string Request(uint64_t number) const = 0;
  // DATA_LOSS: `response` is not the right answer to the question.
  virtual absl::Status Check(uint64_t number,
                             const std::string& response) const = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_QUESTIONS_H_
