#include "client/lib/server_address.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/percent_encoding.h"
#include "service/net/endpoint.h"

namespace connreg {
namespace {

absl::Status Malformed(absl::string_view server, absl::string_view why) {
  return InvalidArgument(
      "SERVER_ADDRESS_MALFORMED",
      absl::StrCat("server \"", absl::CHexEscape(server), "\": ", why,
                   "; write HOST:PORT, [IPV6]:PORT or unix:PATH"));
}

bool IsHostName(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace

absl::StatusOr<std::string> GrpcTarget(absl::string_view server) {
  absl::string_view path = server;
  if (absl::ConsumePrefix(&path, "unix:")) {
    if (path.empty()) return Malformed(server, "no path");
    return absl::StrCat("unix:", PercentEncoded(path));
  }
  const size_t colon = server.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(server, "no port");
  // A name has no place in an Endpoint; any address shows whether the port is
  // one.
  const absl::string_view host = server.substr(0, colon);
  const bool bracketed = absl::StartsWith(host, "[");
  const absl::StatusOr<Endpoint> endpoint = Endpoint::Parse(
      bracketed ? std::string(server)
                : absl::StrCat("0.0.0.0", server.substr(colon)));
  if (!bracketed && !IsHostName(host))
    return Malformed(server, "no name of a host");
  if (!endpoint.ok()) return Malformed(server, "no port from 1 to 65535");
  return absl::StrCat(
      "dns:///",
      PercentEncoded(bracketed ? endpoint->ToString() : std::string(server)));
}

}  // namespace connreg
