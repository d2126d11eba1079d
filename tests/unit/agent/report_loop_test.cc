#include "client/agent/report_loop.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/agent/loop_fixture.h"

namespace connreg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ReportLoopTest : public LoopFixture {};

TEST_F(ReportLoopTest, SaysNothingBeforeTheFirstLookIsDone) {
  looks_.takes = absl::Seconds(1);
  Settle();
  EXPECT_EQ(registry_.opened, 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(registry_.opened, 1);
}

TEST_F(ReportLoopTest, TellsEverythingAtFirst) {
  EXPECT_EQ(Settle(), absl::Seconds(5));
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener, kConnection));
  EXPECT_EQ(registry_.Sent<SessionOpening>()[0].interval, absl::Seconds(5));
}

TEST_F(ReportLoopTest, ThenOnlyKeepsTheSessionAliveWhileNothingChanges) {
  Settle();
  const size_t before = registry_.sent.size();
  Look();
  ASSERT_THAT(registry_.sent, SizeIs(before + 1));
  EXPECT_TRUE(std::holds_alternative<KeepAlive>(registry_.sent.back()));
}

TEST_F(ReportLoopTest, TellsWhatALookShowsToHaveChanged) {
  Settle();
  kernel_.sockets[1].cookie = 3;
  Look();
  EXPECT_THAT(registry_.rows(),
              ElementsAre(kListener, "10.0.0.5:22 > 10.0.0.9:51000 cookie 3"));
  EXPECT_THAT(registry_.Sent<RowBatch>().back().listeners, IsEmpty());
}

TEST_F(ReportLoopTest, TellsAnEndAsSoonAsItIsHeard) {
  Settle();
  kernel_.ends->HearEnd(kernel_.sockets[1]);
  Settle();
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
  EXPECT_EQ(looks_.begun, 1);
}

TEST_F(ReportLoopTest, TellsAnEndThatIsHeardWhileALookIsUnderWay) {
  Settle();
  looks_.takes = absl::Milliseconds(100);
  Look();
  kernel_.ends->HearEnd(kernel_.sockets[1]);
  Settle();
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
}

TEST_F(ReportLoopTest, WaitsForTheNextQuestionAboutAHalfClosedConnection) {
  Settle();
  DiagSocket remainder = kernel_.sockets[1];
  remainder.state = KernelState::kFinWait2;
  kernel_.ends->left[2] = remainder;
  kernel_.ends->HearEnd(remainder);
  EXPECT_EQ(Settle(), absl::Milliseconds(25));
  EXPECT_THAT(registry_.rows(), Contains(kConnection));
  kernel_.ends->left.clear();
  Pass(absl::Milliseconds(25));
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
}

TEST_F(ReportLoopTest, TellsConnectionsThatNoLookHasShown) {
  Settle();
  kernel_.ends->HearEnd(ConnectionV4(Transport::kTcp, 22, 51001, 9));
  Settle();
  ASSERT_THAT(registry_.ended, SizeIs(1));
  EXPECT_EQ(registry_.ended[0].socket.cookie, 9u);
}

TEST_F(ReportLoopTest, LooksAtOnceWhereEndsWereLost) {
  Settle();
  kernel_.sockets.pop_back();
  kernel_.ends->news.is_lossy = true;
  Settle();
  EXPECT_EQ(looks_.begun, 2);
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
}

TEST_F(ReportLoopTest, LooksAgainWhereEndsWereLostWhileItLooked) {
  Settle();
  looks_.takes = absl::Milliseconds(10);
  Look();
  kernel_.sockets.pop_back();
  kernel_.ends->news.is_lossy = true;
  Settle();
  EXPECT_EQ(looks_.begun, 2);
  // As soon as that may cost as much.
  Pass(absl::Milliseconds(100));
  Pass(absl::Milliseconds(10));
  EXPECT_EQ(looks_.begun, 3);
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
}

TEST_F(ReportLoopTest, LooksLessOftenThanToldWhereThatCostsTooMuch) {
  looks_.takes = absl::Seconds(1);
  Settle();
  Pass(absl::Seconds(1));
  EXPECT_THAT(log_, Contains("looks less often, to stay within --max-cpu "
                             "interval=10s"));
  EXPECT_EQ(registry_.Sent<SessionOpening>()[0].interval, absl::Seconds(10));
  Pass(absl::Seconds(8));
  EXPECT_EQ(looks_.begun, 1);
  Pass(absl::Seconds(1));
  EXPECT_EQ(looks_.begun, 2);
}

TEST_F(ReportLoopTest, KeepsTheSessionAliveWhileALookTakesLong) {
  Settle();
  looks_.takes = absl::Hours(1);
  Look();
  const size_t before = registry_.Sent<KeepAlive>().size();
  Pass(absl::Seconds(5));
  EXPECT_THAT(registry_.Sent<KeepAlive>(), SizeIs(before + 1));
}

// ---- A registry that is away ----

TEST_F(ReportLoopTest, TellsNothingAgainToARegistryThatStillHasIt) {
  Settle();
  const size_t before = registry_.Sent<RowBatch>().size();
  registry_.Lose(absl::UnavailableError("gone"));
  Settle();
  Pass(absl::Seconds(5));
  EXPECT_EQ(registry_.opened, 2);
  EXPECT_THAT(registry_.Sent<RowBatch>(), SizeIs(before));
}

TEST_F(ReportLoopTest, TellsEverythingToARegistryThatHasSomethingElse) {
  Settle();
  registry_.Lose(absl::UnavailableError("gone"));
  Settle();
  // While nobody answered, a connection has ended.
  kernel_.sockets.pop_back();
  Look();
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener));
}

TEST_F(ReportLoopTest, GivesUpAStreamOnWhichNothingIsAnswered) {
  Settle();
  registry_.is_silent = true;
  Pass(absl::Seconds(5));
  Pass(absl::Seconds(10));
  EXPECT_FALSE(registry_.is_open());
  EXPECT_EQ(log_.back(),
            "cannot report; trying again error=the service at registry:7878 "
            "does not answer within 10s");
}

TEST_F(ReportLoopTest, SaysApartThatTheRegistryBreaksTheRules) {
  Settle();
  registry_.is_silent = true;
  Pass(absl::Seconds(5));
  Pass(absl::Seconds(10));
  ASSERT_THAT(log_.back(), HasSubstr("does not answer"));
  Pass(absl::Seconds(5));
  ASSERT_EQ(registry_.opened, 2);
  registry_.Say(SessionWelcome());
  Settle();
  EXPECT_EQ(log_.back(),
            "cannot report; trying again error=the service at registry:7878 "
            "breaks the rules: a welcome without a lease");
}

// ---- Several network namespaces ----

TEST_F(ReportLoopTest, FollowsNamespacesAsTheyComeAndGo) {
  Settle();
  namespaces_.Add(4200, "blue").sockets = {ListenerV4(Transport::kTcp, 80, 5)};
  Look();
  EXPECT_THAT(registry_.rows(), Contains("0.0.0.0:80 cookie 5"));
  EXPECT_EQ(registry_.namespaces["4200"].name, "blue");
  EXPECT_NE(ends_.Find("4200"), nullptr);
  namespaces_.others.clear();
  Look();
  EXPECT_EQ(ends_.Find("4200"), nullptr);
  EXPECT_THAT(registry_.rows(), Contains("0.0.0.0:80 cookie 5"));
  Look();
  EXPECT_THAT(registry_.rows(), ElementsAre(kListener, kConnection));
  EXPECT_FALSE(registry_.namespaces.contains("4200"));
}

TEST_F(ReportLoopTest, KeepsTheRowsOfANamespaceThatItMayNotEnter) {
  namespaces_.Add(4200, "blue").sockets = {ListenerV4(Transport::kTcp, 80, 5)};
  Settle();
  namespaces_.others.clear();
  namespaces_.AddClosed(4200, "blue");
  Look();
  Look();
  EXPECT_THAT(registry_.rows(), Contains("0.0.0.0:80 cookie 5"));
}

TEST_F(ReportLoopTest, LeavesRowsThatItCannotSeeForNowAsTheyAre) {
  kernel_.sockets.push_back(ListenerV4(Transport::kUdp, 53, 4));
  Settle();
  kernel_.refusal = absl::AbortedError("interrupted");
  Look();
  EXPECT_THAT(registry_.rows(), SizeIs(3));
}

// ---- The end ----

TEST_F(ReportLoopTest, LeavesWithAGoodbyeThatKeepsItsRows) {
  Settle();
  loop_.Leave();
  Settle();
  EXPECT_TRUE(loop_.left());
  ASSERT_THAT(registry_.Sent<Goodbye>(), SizeIs(1));
  EXPECT_THAT(registry_.rows(), SizeIs(2));
  EXPECT_THAT(log_, Not(Contains(HasSubstr("cannot report"))));
}

TEST_F(ReportLoopTest, LeavesAtOnceWhereNobodyAnswers) {
  registry_.failure = absl::UnavailableError("gone");
  Settle();
  loop_.Leave();
  Settle();
  EXPECT_TRUE(loop_.left());
}

TEST_F(ReportLoopTest, LeavesBeforeTheFirstLookIsDone) {
  looks_.takes = absl::Hours(1);
  Settle();
  loop_.Leave();
  Settle();
  EXPECT_TRUE(loop_.left());
}

TEST_F(ReportLoopTest, SaysGoodbyeAfterWhatIsUnderWay) {
  Settle();
  registry_.is_silent = true;
  kernel_.ends->HearEnd(kernel_.sockets[1]);
  Settle();
  loop_.Leave();
  EXPECT_EQ(Settle(), absl::Seconds(1));
  EXPECT_THAT(registry_.Sent<Goodbye>(), IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(registry_.Sent<Goodbye>(), SizeIs(1));
  EXPECT_FALSE(loop_.left());
  Pass(absl::Seconds(1));
  EXPECT_TRUE(loop_.left());
}

TEST_F(ReportLoopTest, TellsWhatEndsBeforeItsGoodbye) {
  Settle();
  registry_.is_silent = true;
  kernel_.ends->HearEnd(kernel_.sockets[1]);
  Settle();
  loop_.Leave();
  Settle();
  kernel_.ends->HearEnd(kernel_.sockets[0], /*was_connected=*/false);
  Settle();
  EXPECT_THAT(registry_.Sent<RowBatch>().back().gone_listeners, SizeIs(1));
}

TEST_F(ReportLoopTest, WaitsForNothingThatItDoesNotReadOnceItLeaves) {
  Settle();
  EXPECT_THAT(loop_.descriptors(), SizeIs(3));
  registry_.is_silent = true;
  loop_.Leave();
  Settle();
  EXPECT_FALSE(loop_.left());
  EXPECT_THAT(loop_.descriptors(), SizeIs(1));
}

class RemovingLoopTest : public LoopFixture {
 protected:
  static ReportLoop::Options Removing(ReportLoop::Options options) {
    options.removes_at_end = true;
    return options;
  }
};

TEST_F(RemovingLoopTest, TakesItsRowsWithIt) {
  ReportLoop loop(
      Removing(Options()),
      {.looks = looks_,
       .ends = ends_,
       .stream = registry_,
       .clock = clock_,
       .cpu_time = [] { return absl::ZeroDuration(); },
       .random = [] { return 0.5; }},
      [](LogLevel, absl::string_view, std::initializer_list<LogField>) {});
  for (int i = 0; i < 10; ++i) loop.Round();
  EXPECT_THAT(registry_.rows(), SizeIs(2));
  loop.Leave();
  loop.Round();
  EXPECT_THAT(registry_.rows(), IsEmpty());
}

}  // namespace
}  // namespace connreg
