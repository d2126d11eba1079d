#include "client/cli/wording.h"

#include <string>

#include "gmock/gmock.h"
#include "service/wire/text.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(WordingTest, Ipv6EndpointsStandInBrackets) {
  EXPECT_EQ(EndpointText(At("10.0.0.5:5432")), "10.0.0.5:5432");
  EXPECT_EQ(EndpointText(At("[2001:db8::1]:443")), "[2001:db8::1]:443");
  EXPECT_EQ(EndpointText(At("[fe80::1%eth0]:22")), "[fe80::1%eth0]:22");
}

TEST(WordingTest, ADeviceStandsBeforeThePort) {
  EXPECT_EQ(EndpointText(At("0.0.0.0:68"), "eth0"), "0.0.0.0%eth0:68");
  EXPECT_EQ(EndpointText(At("[fe80::1]:546"), "eth0"), "[fe80::1]%eth0:546");
}

TEST(WordingTest, StatesAreThoseOfSs) {
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_SYN_SENT), "SYN-SENT");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_SYN_RECEIVED), "SYN-RECV");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_ESTABLISHED), "ESTAB");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_FIN_WAIT_1), "FIN-WAIT-1");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_FIN_WAIT_2), "FIN-WAIT-2");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_CLOSE_WAIT), "CLOSE-WAIT");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_CLOSING), "CLOSING");
  EXPECT_EQ(StateText(v1::CONNECTION_STATE_LAST_ACK), "LAST-ACK");
}

TEST(WordingTest, AStateOfANewerServiceIsAQuestionMark) {
  EXPECT_EQ(StateText(static_cast<v1::ConnectionState>(99)), "?");
  EXPECT_EQ(TransportText(static_cast<v1::Transport>(99)), "?");
}

TEST(WordingTest, OneHolderIsNameAndPid) {
  EXPECT_EQ(OwnersText(FromText<v1::Owners>(
                R"(processes { pid: 812 display_name: "nginx" })")),
            "nginx,812");
}

TEST(WordingTest, OfSeveralHoldersTheFirstIsNamedAndTheOthersAreCounted) {
  EXPECT_EQ(OwnersText(FromText<v1::Owners>(
                R"(processes { pid: 812 display_name: "nginx" }
                   processes { pid: 813 display_name: "nginx" }
                   processes { pid: 1 display_name: "systemd" })")),
            "nginx,812 (+2)");
}

TEST(WordingTest, AllHoldersAreNamedWhereAllAreWanted) {
  EXPECT_EQ(AllOwnersText(FromText<v1::Owners>(
                R"(processes { pid: 812 display_name: "nginx" }
                   processes { pid: 1 })")),
            "nginx,812; ?,1");
}

TEST(WordingTest, AHolderWithoutANameHasItsPid) {
  EXPECT_EQ(OwnersText(FromText<v1::Owners>("processes { pid: 812 }")),
            "?,812");
}

TEST(WordingTest, AnUnknownHolderHasItsReason) {
  const auto text = [](v1::OwnerUnknownReason reason) {
    v1::Owners owners;
    owners.set_unknown_reason(reason);
    return OwnersText(owners);
  };
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_UNSPECIFIED), "(not reported)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_NOT_REPORTED), "(not reported)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED), "(not permitted)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED), "(not accepted)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN), "(kernel orphan)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_NO_HOLDER), "(no holder)");
  EXPECT_EQ(text(v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN),
            "(ended before scan)");
}

TEST(WordingTest, TheWildcardOfBothFamiliesIsAStar) {
  EXPECT_EQ(EndpointText(AsListened(At("[::]:443"), false)), "*:443");
  EXPECT_EQ(EndpointText(AsListened(At("[::]:443"), true)), "[::]:443");
  EXPECT_EQ(EndpointText(AsListened(At("0.0.0.0:443"), false)), "0.0.0.0:443");
}

TEST(WordingTest, TheEndOfARowHasItsReason) {
  EXPECT_EQ(CloseReasonText(v1::CLOSE_REASON_DEREGISTERED), "reported gone");
  EXPECT_EQ(CloseReasonText(v1::CLOSE_REASON_REPLACED), "replaced");
  EXPECT_EQ(CloseReasonText(v1::CLOSE_REASON_LEASE_ENDED), "lease ended");
  EXPECT_EQ(CloseReasonText(v1::CLOSE_REASON_NOT_IN_SNAPSHOT),
            "no longer there");
  EXPECT_EQ(CloseReasonText(v1::CLOSE_REASON_HOST_RESTARTED), "host restarted");
  EXPECT_EQ(CloseReasonText(static_cast<v1::CloseReason>(99)), "?");
}

std::string AgoBefore(absl::Time now) {
  return AgoText(FromText<google::protobuf::Timestamp>("seconds: 1700000000"),
                 now);
}

TEST(WordingTest, TimesAreAges) {
  const absl::Time time = absl::FromUnixSeconds(1700000000);
  EXPECT_EQ(AgoBefore(time + absl::Seconds(1)), "1s ago");
  EXPECT_EQ(AgoBefore(time + absl::Seconds(252)), "4m12s ago");
}

TEST(WordingTest, WhatIsJustNowOrYetToComeIsNow) {
  const absl::Time time = absl::FromUnixSeconds(1700000000);
  EXPECT_EQ(AgoBefore(time + absl::Milliseconds(999)), "now");
  EXPECT_EQ(AgoBefore(time), "now");
  EXPECT_EQ(AgoBefore(time - absl::Hours(3)), "now");
}

TEST(WordingTest, ATimeThatIsNotToldIsAQuestionMark) {
  EXPECT_EQ(AgoText({}, absl::FromUnixSeconds(1700000000)), "?");
}

TEST(WordingTest, AnAgeHasItsTwoLargestUnitsOrOneOfTwoDigits) {
  EXPECT_EQ(AgeText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(AgeText(absl::Seconds(59.9)), "59s");
  EXPECT_EQ(AgeText(absl::Seconds(60)), "1m");
  EXPECT_EQ(AgeText(absl::Seconds(599)), "9m59s");
  EXPECT_EQ(AgeText(absl::Seconds(611)), "10m");
  EXPECT_EQ(AgeText(absl::Hours(1) + absl::Seconds(59)), "1h");
  EXPECT_EQ(AgeText(absl::Hours(9) + absl::Minutes(7)), "9h7m");
  EXPECT_EQ(AgeText(absl::Hours(23) + absl::Minutes(59)), "23h");
  EXPECT_EQ(AgeText(absl::Hours(26)), "1d2h");
  EXPECT_EQ(AgeText(absl::Hours(24 * 400)), "400d");
  EXPECT_EQ(AgeText(-absl::Hours(1)), "0s");
}

TEST(WordingTest, OneIsSingular) {
  EXPECT_EQ(CountText(1, "socket"), "1 socket");
  EXPECT_EQ(CountText(0, "socket"), "0 sockets");
  EXPECT_EQ(CountText(12, "socket"), "12 sockets");
}

TEST(WordingTest, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(OneLine("a\nb\x1b[2J"), "a\\nb\\033[2J");
  EXPECT_EQ(OneLine("\xc2\x9b"
                    "2J"),
            "\\302\\2332J");
}

TEST(WordingTest, WhatIsEscapedIsNotEscapedAgain) {
  EXPECT_EQ(OneLine("host \"a\\n\" é"), "host \"a\\n\" é");
}

TEST(WordingTest, ANameOfTheServiceCannotCarryControlCharacters) {
  v1::Owners owners;
  v1::Process* const process = owners.add_processes();
  process->set_pid(7);
  process->set_display_name("\x1b[31mroot");
  EXPECT_EQ(OwnersText(owners), "\\033[31mroot,7");
}

}  // namespace
}  // namespace connreg::cli
