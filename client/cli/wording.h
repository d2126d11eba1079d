#ifndef CONNREG_CLIENT_CLI_WORDING_H_
#define CONNREG_CLIENT_CLI_WORDING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/output.h"
#include "connreg/v1/socket.pb.h"
#include "google/protobuf/timestamp.pb.h"

// The parts of answers in words for people, as ss(8) and lsof(8) write them
// where they know them. All of it is safe to show on a terminal. A value that
// this build does not know, of a newer service, is "?".
namespace connreg::cli {

// "10.0.0.5:5432", "[2001:db8::1]:443"; with `device`, "10.0.0.5%eth0:5432" and
// "[fe80::1]%eth0:22".
std::string EndpointText(const v1::Endpoint& endpoint,
                         absl::string_view device = "");

// Where a listener waits, as ss(8) has it: the wildcard that takes both
// families is "*", and the one that takes IPv6 alone "::".
v1::Endpoint AsListened(v1::Endpoint endpoint, bool v6_only);

// "0.0.0.0:5432", "*:443", "10.0.0.5%eth0:5432": where a listener waits, with
// the device that it is bound to.
std::string ListenerText(const v1::Listener& listener);

// "tcp", "udp".
std::string TransportText(v1::Transport transport);

// "ESTAB", "SYN-SENT", "FIN-WAIT-1".
std::string StateText(v1::ConnectionState state);

// "nginx,812"; of several, the first and how many more: "nginx,812 (+3)"; of
// none, why: "(not permitted)".
std::string OwnersText(const v1::Owners& owners);

// The same with all of several: "nginx,812; nginx,813".
std::string AllOwnersText(const v1::Owners& owners);

// "reported gone", "replaced", "no longer there".
std::string CloseReasonText(v1::CloseReason reason);

// For kTable how long ago it was (see AgoText()), else when (see TimeFact()).
// For people a time that is not set is "?".
std::string TimeText(const google::protobuf::Timestamp& time,
                     const Style& style);

// How long before `now` it was: "12s ago", "4m12s ago", "30d ago"; "now" if
// that is less than a second, or if the clocks disagree so that it is yet to
// come. A time that is not set is "?".
std::string AgoText(const google::protobuf::Timestamp& time, absl::Time now);

// "12s", "4m12s", "1h", "30d": the two largest units, of which the smaller goes
// where the larger has two digits. Negative ones are "0s".
std::string AgeText(absl::Duration age);

// Of `count`, how many are not `told`: " (+3)"; empty if that is none.
std::string MoreText(uint64_t count, uint64_t told);

// "1 host", "2 hosts".
std::string CountText(uint64_t count, absl::string_view noun);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_WORDING_H_
