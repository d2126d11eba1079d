#include "client/cli/ends.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"

namespace connreg::cli {
namespace {

bool SameEndpoint(const v1::Endpoint& a, const v1::Endpoint& b) {
  return a.port() == b.port() && a.address() == b.address();
}

std::pair<int64_t, int32_t> InOrder(const google::protobuf::Timestamp& time) {
  return {time.seconds(), time.nanos()};
}

}  // namespace

Ends::Ends(const v1::Connection& connection) {
  const v1::DerivedConnection& derived = connection.derived();
  const int reported = connection.observations_size();
  const v1::Observation& one = reported > 0
                                   ? connection.observations(0)
                                   : v1::Observation::default_instance();
  directed = derived.has_client();
  first = directed ? derived.client() : one.local();
  second = directed ? derived.server() : one.remote();
  if (reported > 1) {
    first_side = &one;
    second_side = &connection.observations(1);
  } else if (derived.one_sided_reason() == v1::ONE_SIDED_REASON_UNSPECIFIED) {
    only = &one;
  } else {
    (SameEndpoint(one.local(), first) ? first_side : second_side) = &one;
  }
}

std::string Ends::Both(TextOf text, absl::string_view missing) const {
  if (only) return text(*only);
  return absl::StrCat(first_side ? text(*first_side) : std::string(missing),
                      " ", sign(), " ",
                      second_side ? text(*second_side) : std::string(missing));
}

const v1::Observation* Ends::at_first() const {
  return only && SameEndpoint(only->local(), first) ? only : first_side;
}

const v1::Observation* Ends::at_second() const {
  return only && SameEndpoint(only->local(), second) ? only : second_side;
}

bool Ends::Agree(TextOf text) const {
  return first_side && second_side && text(*first_side) == text(*second_side);
}

const v1::Closure* ClosureOf(const v1::Connection& connection) {
  const v1::Closure* last = nullptr;
  for (const v1::Observation& side : connection.observations()) {
    if (!side.has_closure()) continue;
    const v1::Closure& closure = side.closure();
    if (last == nullptr ||
        InOrder(last->close_time()) < InOrder(closure.close_time()))
      last = &closure;
  }
  return last;
}

}  // namespace connreg::cli
