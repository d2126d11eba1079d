#ifndef CONNREG_SERVICE_WIRE_PAGE_TOKEN_H_
#define CONNREG_SERVICE_WIRE_PAGE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace connreg {

// What a page token is good for: one run of the service, and one request apart
// from its page fields.
struct PageTokenScope {
  absl::string_view run_id;
  // The request's type, since requests of two types may have the same bytes,
  // and its serialized bytes, without its page size and token.
  std::string request;
};

// A token for the page after `position`. Opaque to clients, with a checksum.
std::string MakePageToken(const PageTokenScope& scope,
                          absl::string_view position);

// The position that `token` was made for; nothing for the empty token, which
// asks for the first page.
//
// INVALID_ARGUMENT, in "page_token": it was not made for this `scope`
//   (PAGE_TOKEN_INVALID).
absl::StatusOr<std::optional<std::string>> ReadPageToken(
    const PageTokenScope& scope, absl::string_view token);

// The error for a token whose position cannot be understood.
absl::Status InvalidPageToken();

// The `scope` of a request that has the standard page fields.
template <typename Request>
PageTokenScope PageTokenScopeOf(absl::string_view run_id, Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return {run_id,
          absl::StrCat(request.GetTypeName(), request.SerializeAsString())};
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_PAGE_TOKEN_H_
