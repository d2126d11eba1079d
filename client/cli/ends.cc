#include "client/cli/ends.h"

#include "absl/strings/str_cat.h"

namespace connreg::cli {
namespace {

bool SameEndpoint(const v1::Endpoint& a, const v1::Endpoint& b) {
  return a.port() == b.port() && a.address() == b.address();
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

bool Ends::Agree(TextOf text) const {
  return first_side && second_side && text(*first_side) == text(*second_side);
}

}  // namespace connreg::cli
