#include <optional>
#include <string>
#include <vector>

#include "client/cli/render.h"
#include "client/cli/table.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Text(const std::vector<v1::Host>& hosts) {
  return FormatTable(HostsAsTable(Rows(hosts), kAsTable), std::nullopt);
}

v1::Host Reporting(const std::string& name) {
  auto host = FromText<v1::Host>(R"(
    network: "default"
    state: HOST_STATE_LIVE
    state_time { seconds: 1700000000 }
    last_report_time { seconds: 1700000060 }
    reporters { name: "connreg-agent" }
    reporter_count: 1
    connection_count: 120
    listener_count: 30)");
  host.set_name(name);
  return host;
}

v1::Host InState(v1::HostState state) {
  v1::Host host = Reporting("web1");
  host.set_state(state);
  return host;
}

TEST(RenderHostsTest, AHostShowsItsStateAndWhatItReports) {
  EXPECT_EQ(Text({Reporting("web1")}),
            "HOST  STATE  SINCE   LAST REPORT  LISTENERS  CONNECTIONS  "
            "REPORTERS\n"
            "web1  LIVE   2m ago  1m ago       30         120          "
            "connreg-agent\n");
}

TEST(RenderHostsTest, AnAgentTellsItsIntervalAndItsVersion) {
  v1::Host host = Reporting("web1");
  *host.mutable_session() = FromText<v1::AgentSession>(
      R"(version: "0.1.0" interval { seconds: 5 } clock_offset { seconds: 0 })");

  EXPECT_EQ(Text({host}),
            "HOST  STATE  SINCE   LAST REPORT  INTERVAL  LISTENERS  "
            "CONNECTIONS  REPORTERS      VERSION\n"
            "web1  LIVE   2m ago  1m ago       5s        30         120        "
            "  connreg-agent  0.1.0\n");
}

TEST(RenderHostsTest, AClockThatIsOffBringsAColumn) {
  v1::Host ahead = Reporting("web2");
  ahead.mutable_session()->mutable_clock_offset()->set_seconds(252);

  EXPECT_THAT(Text({Reporting("web1")}), Not(HasSubstr("CLOCK")));
  const std::string text = Text({Reporting("web1"), ahead});
  EXPECT_THAT(text, HasSubstr("  LAST REPORT  CLOCK   LISTENERS"));
  EXPECT_THAT(text, HasSubstr("  1m ago       -       30"));
  EXPECT_THAT(text, HasSubstr("  1m ago       +4m12s  30"));
}

TEST(RenderHostsTest, AnotherMachineOfItsNameBringsAColumn) {
  v1::Host host = Reporting("web2");
  host.mutable_session()->mutable_name_conflict_time()->set_seconds(1700000060);

  EXPECT_THAT(Text({Reporting("web1")}), Not(HasSubstr("NAME CONFLICT")));
  const std::string text = Text({Reporting("web1"), host});
  EXPECT_THAT(text, HasSubstr("  REPORTERS      NAME CONFLICT\n"));
  EXPECT_THAT(text, HasSubstr("  connreg-agent  -\n"));
  EXPECT_THAT(text, HasSubstr("  connreg-agent  1m ago\n"));
}

TEST(RenderHostsTest, EveryStateHasItsWord) {
  EXPECT_THAT(Text({InState(v1::HOST_STATE_STALE)}), HasSubstr("  STALE  "));
  EXPECT_THAT(Text({InState(v1::HOST_STATE_SYNCING)}),
              HasSubstr("  SYNCING  "));
  EXPECT_THAT(Text({InState(v1::HOST_STATE_EXPIRED)}),
              HasSubstr("  EXPIRED  "));
  EXPECT_THAT(Text({InState(v1::HOST_STATE_NO_AGENT)}),
              HasSubstr("  NO-AGENT  "));
  EXPECT_THAT(Text({InState(static_cast<v1::HostState>(99))}),
              HasSubstr("web1  ?      2m ago"));
}

TEST(RenderHostsTest, OfSeveralReportersTheOthersAreCounted) {
  v1::Host host = Reporting("web1");
  host.set_reporter_count(20);

  EXPECT_THAT(Text({host}), HasSubstr("  connreg-agent (+19)\n"));
}

TEST(RenderHostsTest, WithoutReportersThereIsADash) {
  v1::Host host = InState(v1::HOST_STATE_EXPIRED);
  host.clear_reporters();
  host.clear_reporter_count();

  EXPECT_THAT(Text({host}), HasSubstr("  120          -\n"));
}

TEST(RenderHostsTest, RefusedRowsBringAColumn) {
  v1::Host refused = Reporting("web2");
  refused.set_refused_row_count(7);

  EXPECT_THAT(Text({Reporting("web1")}), Not(HasSubstr("REFUSED")));
  const std::string text = Text({Reporting("web1"), refused});
  EXPECT_THAT(text, HasSubstr("  REPORTERS      REFUSED\n"));
  EXPECT_THAT(text, HasSubstr("  connreg-agent  0\n"));
  EXPECT_THAT(text, HasSubstr("  connreg-agent  7\n"));
}

TEST(RenderHostsTest, WhatIsNotSeenBringsAColumn) {
  v1::Host gapped = Reporting("web2");
  for (const v1::GapKind kind :
       {v1::GAP_KIND_SOCKETS, v1::GAP_KIND_SOCKETS, v1::GAP_KIND_PROCESSES,
        v1::GAP_KIND_ADDRESSES}) {
    v1::CoverageGap* const gap = gapped.add_coverage_gaps();
    gap->set_kind(kind);
    gap->set_description("no netlink");
  }

  EXPECT_THAT(Text({Reporting("web1")}), Not(HasSubstr("NOT SEEN")));
  const std::string text = Text({Reporting("web1"), gapped});
  EXPECT_THAT(text, HasSubstr("  connreg-agent  -\n"));
  EXPECT_THAT(text,
              HasSubstr("  connreg-agent  addresses, processes, sockets\n"));
}

TEST(RenderHostsTest, AnotherNetworkBringsAColumn) {
  v1::Host other = Reporting("web1");
  other.set_network("site-b");

  const std::string text = Text({Reporting("web1"), other});
  EXPECT_THAT(text, HasSubstr("web1  default  LIVE"));
  EXPECT_THAT(text, HasSubstr("web1  site-b   LIVE"));
}

TEST(RenderHostsTest, ANameCannotCarryControlCharacters) {
  EXPECT_THAT(Text({Reporting("a\x1b[2J")}), HasSubstr("a\\033[2J  LIVE"));
}

}  // namespace
}  // namespace connreg::cli
