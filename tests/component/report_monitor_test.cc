#include "service/server/report_monitor.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "service/base/error.h"
#include "service/server/call_metrics.h"
#include "service/server/stall_watch.h"
#include "tests/component/report_client.h"
#include "tests/support/fake_clock.h"

namespace connreg {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReportMonitorTest : public testing::Test {
 protected:
  static absl::Status NameTaken() {
    return WithDetail(absl::FailedPreconditionError("taken"),
                      {.reason = "HOST_NAME_TAKEN"});
  }

  // What is counted under `name`, by the value of the only label.
  std::map<std::string, double> Counts(const std::string& name) {
    std::map<std::string, double> counts;
    for (const auto& family : monitor_.collectable()->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric)
        counts[metric.label.empty() ? "" : metric.label[0].value] =
            metric.counter.value;
    }
    return counts;
  }

  // What is logged while `act` is done.
  template <typename Act>
  static std::string LoggedBy(Act act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }

  FakeClock clock_;
  CallMetrics calls_;
  ReportMonitor monitor_{clock_, calls_};
};

TEST_F(ReportMonitorTest, SessionsAreCounted) {
  monitor_.Opened(Opening("web-1"), {});
  monitor_.Superseded(Epoch{1});
  EXPECT_EQ(Counts("connreg_sessions_opened_total")[""], 1);
  EXPECT_EQ(Counts("connreg_sessions_superseded_total")[""], 1);
}

TEST_F(ReportMonitorTest, RefusedSessionsAreCountedByReason) {
  EXPECT_EQ(Counts("connreg_sessions_refused_total"),
            (std::map<std::string, double>{{"HOST_NAME_TAKEN", 0},
                                           {"TOO_MANY_REPORTERS", 0},
                                           {"RUN_SUPERSEDED", 0}}));
  monitor_.Refused(Opening("web-1"), NameTaken());
  monitor_.Refused(Opening("web-1"),
                   WithDetail(absl::ResourceExhaustedError("full"),
                              {.reason = "TOO_MANY_REPORTERS"}));
  EXPECT_EQ(Counts("connreg_sessions_refused_total"),
            (std::map<std::string, double>{{"HOST_NAME_TAKEN", 1},
                                           {"TOO_MANY_REPORTERS", 1},
                                           {"RUN_SUPERSEDED", 0}}));
}

TEST_F(ReportMonitorTest, RowsAreCountedAndSoAreThoseThatWereMalformed) {
  DecodedBatch decoded{.batch = Snapshot(1, {ListenerAt("10.0.0.5:80")}),
                       .malformed_listeners = {1},
                       .malformed_ended = 2};
  monitor_.Took(Opening("web-1").reporter, decoded, Ack());
  EXPECT_EQ(Counts("connreg_reported_rows_total")[""], 1);
  EXPECT_EQ(Counts("connreg_malformed_rows_total")[""], 3);
  EXPECT_EQ(Counts("connreg_snapshots_total")[""], 1);
  EXPECT_EQ(Counts("connreg_report_messages_total")["rows"], 1);
}

TEST_F(ReportMonitorTest, RefusalsOfOneHostAreToldOnceAMinute) {
  const auto refuse = [&](const std::string& host) {
    return LoggedBy([&] { monitor_.Refused(Opening(host), NameTaken()); });
  };
  EXPECT_THAT(refuse("web-1"),
              testing::AllOf(HasSubstr("session refused"),
                             HasSubstr("HOST_NAME_TAKEN"), HasSubstr("web-1")));
  EXPECT_EQ(refuse("web-1"), "");
  EXPECT_THAT(refuse("web-2"), HasSubstr("web-2"));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(refuse("web-1"), HasSubstr("web-1"));
}

TEST_F(ReportMonitorTest, DivergenceIsToldWithItsHost) {
  const Reporter reporter = Opening("web-1").reporter;
  const auto logged_for = [&](const Ack& ack) {
    return LoggedBy([&] { monitor_.Took(reporter, KeepAlive(), ack); });
  };
  EXPECT_EQ(logged_for({}), "");
  // It is still to come.
  EXPECT_EQ(logged_for({.snapshot_wanted = true}), "");
  EXPECT_THAT(logged_for({.snapshot_wanted = true, .diverges = true}),
              testing::AllOf(HasSubstr("rows diverge"), HasSubstr("web-1")));
}

// ---- The service's own stalls ----

TEST(StallWatchTest, LateCallTellsHowLate) {
  FakeClock clock;
  StallWatch watch(clock, absl::Milliseconds(250));
  EXPECT_EQ(watch.Stall(), std::nullopt);
  clock.Advance(absl::Milliseconds(1250));
  EXPECT_EQ(watch.Stall(), std::nullopt);
  clock.Advance(absl::Milliseconds(1251));
  EXPECT_EQ(watch.Stall(), absl::Milliseconds(1001));
  clock.Advance(absl::Milliseconds(250));
  EXPECT_EQ(watch.Stall(), std::nullopt);
}

}  // namespace
}  // namespace connreg
