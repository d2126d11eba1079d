#include "service/net/four_tuple.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

absl::Status CheckNoWildcard(absl::string_view end, const Endpoint& endpoint) {
  if (!endpoint.address().is_unspecified()) return absl::OkStatus();
  return InField(
      absl::StrCat(end, ".address"),
      InvalidArgument("ADDRESS_WILDCARD",
                      absl::StrCat(end, " endpoint ", endpoint.ToString(),
                                   ": a connection has no wildcard address")));
}

}  // namespace

absl::StatusOr<FourTuple> FourTuple::Create(const Endpoint& local,
                                            const Endpoint& remote) {
  RETURN_IF_ERROR(CheckNoWildcard("local", local));
  RETURN_IF_ERROR(CheckNoWildcard("remote", remote));
  const FourTuple tuple(local, remote);
  if (local.address().is_v4() != remote.address().is_v4()) {
    return InField(
        "remote.address",
        InvalidArgument("FAMILY_MISMATCH",
                        absl::StrCat("four-tuple ", tuple.ToString(),
                                     ": one end is IPv4, the other IPv6")));
  }
  return tuple;
}

std::string FourTuple::ToString() const {
  return absl::StrCat(local_.ToString(), " > ", remote_.ToString());
}

}  // namespace connreg
