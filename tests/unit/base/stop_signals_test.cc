#include "service/base/stop_signals.h"

#include <poll.h>

#include <csignal>

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::Optional;

TEST(StopSignalsTest, AreTakenByAWait) {
  const StopSignals signals;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    raise(signal);
    EXPECT_THAT(signals.WaitFor(absl::Hours(1)), Optional(signal));
    raise(signal);
    EXPECT_EQ(signals.Wait(), signal);
  }
}

TEST(StopSignalsTest, AHangUpThatIsIgnoredStaysSo) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const StopSignals signals;
    raise(SIGHUP);
    EXPECT_EQ(signals.WaitFor(absl::ZeroDuration()), std::nullopt);
  }
  // One that is pending goes, where another test has blocked them.
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGHUP, before);
}

TEST(StopSignalsTest, AreSeenBesideOtherDescriptorsUntilTheyAreTaken) {
  const StopSignals signals;
  pollfd event = {.fd = signals.descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&event, 1, 0), 0);
  raise(SIGTERM);
  EXPECT_EQ(poll(&event, 1, 0), 1);
  EXPECT_THAT(signals.WaitFor(absl::ZeroDuration()), Optional(SIGTERM));
  EXPECT_EQ(poll(&event, 1, 0), 0);
}

TEST(StopSignalsTest, AreNotWaitedForLongerThanToldTo) {
  EXPECT_EQ(StopSignals().WaitFor(absl::Milliseconds(1)), std::nullopt);
  EXPECT_EQ(StopSignals().WaitFor(absl::ZeroDuration()), std::nullopt);
}

}  // namespace
}  // namespace connreg
