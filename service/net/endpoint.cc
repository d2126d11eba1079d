#include "service/net/endpoint.h"

#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/net/text.h"

namespace connreg {
namespace {

using net_internal::At;
using net_internal::Named;
using net_internal::ParseDecimal;
using net_internal::Printable;
using net_internal::Quoted;

constexpr uint32_t kMaxPort = std::numeric_limits<uint16_t>::max();

// `written` is the port as its author wrote it.
absl::Status CheckPort(uint32_t port, absl::string_view written) {
  if (port > 0 && port <= kMaxPort) return absl::OkStatus();
  return InvalidArgument(port == 0 ? "PORT_ZERO" : "PORT_TOO_LARGE",
                         absl::StrCat("port ", Printable(written),
                                      " is not a number from 1 to 65535"));
}

absl::StatusOr<uint16_t> ParsePort(absl::string_view text) {
  ASSIGN_OR_RETURN(const uint32_t port, ParseDecimal(text, "PORT_MALFORMED"));
  RETURN_IF_ERROR(At(0, CheckPort(port, text)));
  return static_cast<uint16_t>(port);
}

// Where the address in `text` ends: at the ':' before the port, or at the end
// if there is none.
absl::StatusOr<size_t> AddressEnd(absl::string_view text) {
  size_t search_from = 0;
  if (text[0] == '[') {
    search_from = text.find(']');
    if (search_from == absl::string_view::npos)
      return InvalidArgument("BRACKET_UNCLOSED", "\"[\" is not closed",
                             size_t{0});
  }
  const size_t colon = text.find(':', search_from);
  if (colon == absl::string_view::npos) return text.size();
  const absl::string_view before = text.substr(0, colon);
  const bool maybe_v6 =
      search_from == 0 && before != "*" && !absl::StrContains(before, '.');
  if (maybe_v6 && text.rfind(':') != colon) {
    return InvalidArgument("BRACKETS_MISSING",
                           "an IPv6 address stands in brackets, [ADDRESS]:PORT",
                           size_t{0});
  }
  return colon;
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Create(const IpAddress& address,
                                          uint32_t port) {
  if (port > 0 && port <= kMaxPort)
    return Endpoint(address, static_cast<uint16_t>(port));
  return InField("port", CheckPort(port, absl::StrCat(port)));
}

absl::StatusOr<Endpoint> Endpoint::Parse(absl::string_view text) {
  if (text.empty()) {
    return Named("endpoint", text,
                 InvalidArgument("ENDPOINT_EMPTY", "no endpoint", size_t{0}));
  }
  const absl::StatusOr<size_t> end = AddressEnd(text);
  if (!end.ok()) return Named("endpoint", text, end.status());
  const absl::string_view written = text.substr(0, *end);
  ASSIGN_OR_RETURN(const IpAddress address, IpAddress::Parse(written));
  if (*end + 1 >= text.size()) {
    return InvalidArgument("PORT_MISSING",
                           absl::StrCat("endpoint ", Quoted(text),
                                        ": no port; write ", written, ":PORT"),
                           text.size());
  }
  const absl::StatusOr<uint16_t> port = ParsePort(text.substr(*end + 1));
  if (!port.ok())
    return Named("endpoint", text, MovedBy(*end + 1, port.status()));
  return Endpoint(address, *port);
}

std::string Endpoint::ToString() const {
  return address_.is_v4() ? absl::StrCat(address_.ToString(), ":", port_)
                          : absl::StrCat("[", address_.ToString(), "]:", port_);
}

}  // namespace connreg
