#include "service/model/nat.h"

#include <algorithm>

namespace connreg {
namespace {

bool IsOfClient(const Connection& lone) {
  return lone.one_sided == OneSidedReason::kUnmanaged;
}

// Whether the addresses of both rows mean the same.
bool SameSpace(const Observation& a, const Observation& b) {
  const bool is_host_local =
      a.facts.tuple.is_host_local() || b.facts.tuple.is_host_local();
  return a.reporter().network == b.reporter().network &&
         (!is_host_local || a.reporter().host == b.reporter().host) &&
         a.facts.socket.transport == b.facts.socket.transport;
}

// Whether an end of which `known` is known may have `role`.
bool MayBe(Role role, Role known) {
  return known == role || known == Role::kUnknown;
}

}  // namespace

const Endpoint& TranslatedClient(const Connection& lone) {
  const FourTuple& tuple = lone.first.facts.tuple;
  return IsOfClient(lone) ? tuple.local() : tuple.remote();
}

bool MayBeTranslated(const Connection& lone) {
  return lone.one_sided &&
         MayBeTranslated(*lone.one_sided, lone.first.facts.role);
}

bool MayBeTranslated(OneSidedReason reason, Role role) {
  if (reason == OneSidedReason::kUnmanaged) return MayBe(Role::kClient, role);
  return reason == OneSidedReason::kNotReported && MayBe(Role::kServer, role);
}

bool SuspectsNat(const Connection& lone,
                 absl::Span<const Observation> at_client,
                 OwnersOfAddress owners) {
  if (!MayBeTranslated(lone)) return false;
  const Endpoint& client = TranslatedClient(lone);
  const FourTuple& tuple = lone.first.facts.tuple;
  const Role other_role = IsOfClient(lone) ? Role::kServer : Role::kClient;
  const auto is_owned = [&](const Observation& row) {
    const IpAddress& remote = row.facts.tuple.remote().address();
    return remote.is_loopback() || !owners(row.reporter(), remote).empty();
  };
  const auto has_mirror = [&](const Observation& row) {
    return std::any_of(at_client.begin(), at_client.end(),
                       [&](const Observation& other) {
                         return SameSpace(row, other) &&
                                other.facts.tuple == row.facts.tuple.Mirror();
                       });
  };
  // A candidate is the other view of `lone`: the server's if that is the
  // client's, and the reverse.
  const auto may_be_translated = [&](const Observation& row) {
    const FourTuple& other = row.facts.tuple;
    if (!SameSpace(row, lone.first) || !MayBe(other_role, row.facts.role) ||
        other == tuple.Mirror())
      return false;
    const bool is_other_view =
        IsOfClient(lone) ? other.remote() == client && other.local() != client
                         : other.local() == client && other.remote() != client;
    if (!is_other_view || has_mirror(row)) return false;
    return IsOfClient(lone) || !is_owned(row);
  };
  return std::any_of(at_client.begin(), at_client.end(), may_be_translated);
}

}  // namespace connreg
