#ifndef CONNREG_CLIENT_CLI_ARGUMENTS_H_
#define CONNREG_CLIENT_CLI_ARGUMENTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connreg/v1/reporting_service.pb.h"
#include "connreg/v1/socket.pb.h"

// Words of the command line to values. Each returns INVALID_ARGUMENT, in the
// field `argument`, which is the word's name on the command line: what was
// written is not what it says here.
namespace connreg::cli {

// An endpoint as Endpoint::Parse() takes it.
absl::StatusOr<v1::Endpoint> ParseEndpoint(absl::string_view argument,
                                           absl::string_view text);

// Whether `text` is meant to be a Community ID: a version, a colon, and what is
// neither a port nor the rest of an IPv6 address.
bool LooksLikeCommunityId(absl::string_view text);

// `text`, if it is a Community ID.
absl::StatusOr<std::string> CheckedCommunityId(absl::string_view argument,
                                               absl::string_view text);

// An address or a prefix as Prefix::Parse() takes it, in its canonical form.
absl::StatusOr<std::string> ParsePrefix(absl::string_view argument,
                                        absl::string_view text);

// A positive, finite duration: "1h30m", "500ms".
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view argument,
                                             absl::string_view text);

// A state as ss(8) or RFC 9293 writes it, in either case, with "-" or "_";
// empty is unspecified.
absl::StatusOr<v1::ConnectionState> ParseState(absl::string_view argument,
                                               absl::string_view text);

// The names that it takes, each state once: "{SYN-SENT,SYN-RECV,...}", as the
// parser's help has what an option may be.
std::string StateNames();

// An address or a prefix that a host owns, in its canonical form. An address
// with a length, as ip(8) prints it ("10.0.0.5/24"), is refused: it could mean
// either. Behind it may stand the interface that has it: "10.0.0.5@eth0".
absl::StatusOr<v1::LocalPrefix> ParseOwned(absl::string_view argument,
                                           absl::string_view text);

// What is wrong with `text` as the name of a host, a network and the like;
// empty if nothing is. The form in which CLI11 takes checks.
std::string NameError(const std::string& text);

// The same of any text: an empty one is wrong, since that is what a script's
// unset variable leaves.
std::string NotEmpty(const std::string& text);

// "tcp" or "udp"; anything else is unspecified.
v1::Transport TransportOf(absl::string_view text);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ARGUMENTS_H_
