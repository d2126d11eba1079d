#include "client/cli/deregister.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

constexpr char kReporter[] =
    R"(reporter { kind: REPORTER_KIND_PROGRAM name: "connreg" host: "web1" })";

ReporterOptions Web1() {
  return {.name = "connreg", .host = "web1", .network = ""};
}

TEST(DeregisterTest, AConnectionIsNamedByTheSideThatWasRegistered) {
  DeregisterConnectionOptions options;
  options.reporter = Web1();
  options.side = {"10.0.0.9:51000", "10.0.0.5:5432", "server"};

  EXPECT_THAT(RequestOf(options),
              IsOkAndHolds(EqualsText(std::string(kReporter) + R"(
    connections {
      socket { transport: TRANSPORT_TCP }
      local { address: "10.0.0.5" port: 5432 }
      remote { address: "10.0.0.9" port: 51000 }
    })")));
}

TEST(DeregisterTest, AListenerIsNamedByItsEndpoint) {
  DeregisterListenerOptions options;
  options.reporter = Web1();
  options.socket = {.udp = true, .netns = "blue"};
  options.endpoint = "0.0.0.0:53";

  EXPECT_THAT(RequestOf(options),
              IsOkAndHolds(EqualsText(std::string(kReporter) + R"(
    listeners {
      socket { netns: "blue" transport: TRANSPORT_UDP }
      local { address: "0.0.0.0" port: 53 }
    })")));
}

TEST(DeregisterTest, AllNamesNoRows) {
  EXPECT_THAT(RequestOf(DeregisterAllOptions{Web1()}),
              IsOkAndHolds(EqualsText(std::string(kReporter) + "all: true")));
}

TEST(DeregisterTest, WhatWasTakenAwayIsCounted) {
  Captured captured;
  v1::DeregisterResponse response;
  response.set_removed_count(12);

  EXPECT_THAT(Print({}, response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(), "deregistered 12 sockets\n");
}

TEST(DeregisterTest, ARowThatIsNotThereIsAbsent) {
  Captured captured;
  DeregisterListenerOptions options;
  options.reporter = Web1();
  options.endpoint = "0.0.0.0:53";
  v1::DeregisterResponse response;
  response.set_absent_count(1);

  EXPECT_THAT(Print(*RequestOf(options), response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "");
  EXPECT_EQ(captured.err.str(),
            "nothing to deregister: reporter \"connreg\" of host \"web1\" has "
            "no such socket\n");
}

TEST(DeregisterTest, JsonIsTheResponse) {
  Captured captured;
  v1::DeregisterResponse response;
  response.set_absent_count(1);

  EXPECT_THAT(Print({}, response, captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(), "{\"absentCount\":1}\n");
  EXPECT_EQ(captured.err.str(), "");
}

}  // namespace
}  // namespace connreg::cli
