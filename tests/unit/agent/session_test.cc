#include "client/agent/session.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/agent/made_rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::Duration kForever = absl::InfiniteDuration();

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    snapshot_.namespaces = {{.netns = "1", .inode = 100}};
    own().listeners = {Listening("10.0.0.5:22", 1)};
    own().connections = {Connected("10.0.0.5:22", "10.0.0.9:51000", 2)};
    own().addresses = {"1", {}};
    snapshot_.gaps = {{GapKind::kProcesses, "not root"}};
    ledger_.Take(snapshot_);
    session_.SetInterval(absl::Seconds(5));
  }

  NetnsSnapshot& own() { return snapshot_.namespaces[0]; }

  Session::Step Next() { return session_.Next(/*can_send=*/true); }
  bool Opens() { return std::holds_alternative<Session::OpenStream>(Next()); }
  bool Closes() { return std::holds_alternative<Session::CloseStream>(Next()); }
  // The rule that was broken so that it closes.
  std::string RuleThatCloses() {
    const Session::Step step = Next();
    const auto* close = std::get_if<Session::CloseStream>(&step);
    EXPECT_NE(close, nullptr) << "it is step " << step.index();
    return close == nullptr ? "?" : close->broken_rule;
  }
  // How long it waits; forever if it wants something.
  absl::Duration Waits(bool can_send = true) {
    const Session::Step step = session_.Next(can_send);
    const auto* wait = std::get_if<Session::Wait>(&step);
    EXPECT_NE(wait, nullptr) << "it is step " << step.index();
    return wait == nullptr ? -kForever : wait->wait;
  }
  // The message that it sends.
  template <typename Message>
  Message Sends() {
    Session::Step step = Next();
    auto* message = std::get_if<AgentMessage>(&step);
    if (message == nullptr || !std::holds_alternative<Message>(*message)) {
      ADD_FAILURE() << "it is step " << step.index();
      return Message();
    }
    return std::get<Message>(*std::move(message));
  }

  SessionOpening Open() {
    EXPECT_TRUE(Opens());
    session_.NoteOpened();
    return Sends<SessionOpening>();
  }
  void Welcome(bool snapshot_wanted) {
    session_.Take(SessionWelcome{.epoch = Epoch{1},
                                 .run_id = "run",
                                 .ttl = absl::Seconds(30),
                                 .reconnect_window = absl::Seconds(8),
                                 .snapshot_wanted = snapshot_wanted,
                                 .max_rows = 1000,
                                 .max_bytes = 4 << 20});
  }
  void OpenInStep() {
    Open();
    Welcome(/*snapshot_wanted=*/false);
  }
  void Lose(const absl::Status& status = absl::UnavailableError("gone")) {
    session_.NoteLost(status);
  }
  // Lets the connection change.
  void Change() {
    state_ = state_ == ConnectionState::kCloseWait
                 ? ConnectionState::kEstablished
                 : ConnectionState::kCloseWait;
    ledger_.SetState("1", 2, state_);
  }

  FakeClock clock_;
  Ledger ledger_;
  Snapshot snapshot_;
  ConnectionState state_ = ConnectionState::kEstablished;
  double random_ = 0.5;
  Session session_{
      {.reporter = {ReporterKind::kAgent, "connreg-agent", "web1", "default"},
       .boot_id = "boot",
       .instance = "instance",
       .version = "0.1.0",
       .ttl = absl::Seconds(30),
       .ack_timeout = absl::Seconds(10),
       .max_backoff = absl::Seconds(10),
       .digest_interval = absl::Seconds(60)},
      ledger_,
      clock_,
      [this] { return random_; }};
};

// ---- Opening ----

TEST_F(SessionTest, OpensTheFirstStreamAtOnce) { EXPECT_TRUE(Opens()); }

TEST_F(SessionTest, OpensNoStreamBeforeTheFirstLook) {
  Ledger unseen;
  Session session({.ack_timeout = absl::Seconds(10)}, unseen, clock_,
                  [] { return 0.5; });
  const Session::Step step = session.Next(false);
  ASSERT_TRUE(std::holds_alternative<Session::Wait>(step));
  EXPECT_EQ(std::get<Session::Wait>(step).wait, kForever);
  unseen.Take(snapshot_);
  EXPECT_TRUE(std::holds_alternative<Session::OpenStream>(session.Next(false)));
}

TEST_F(SessionTest, SaysWhoReportsAndWhatThereIs) {
  const SessionOpening opening = Open();
  EXPECT_EQ(opening.reporter.host, "web1");
  EXPECT_EQ(opening.boot_id, "boot");
  EXPECT_EQ(opening.instance, "instance");
  EXPECT_EQ(opening.version, "0.1.0");
  EXPECT_EQ(opening.ttl, absl::Seconds(30));
  EXPECT_EQ(opening.interval, absl::Seconds(5));
  EXPECT_EQ(opening.time, clock_.Now());
  EXPECT_THAT(opening.namespaces, ElementsAre(*own().addresses));
  EXPECT_EQ(opening.gaps, snapshot_.gaps);
  EXPECT_EQ(opening.digest, ledger_.digest());
}

TEST_F(SessionTest, SaysNothingBeforeTheStreamIsThereAndTakesMessages) {
  EXPECT_TRUE(Opens());
  EXPECT_EQ(Waits(), absl::Seconds(10));
  session_.NoteOpened();
  EXPECT_EQ(Waits(/*can_send=*/false), absl::Seconds(10));
  Sends<SessionOpening>();
  EXPECT_FALSE(session_.welcomed());
  EXPECT_EQ(Waits(), absl::Seconds(10));
}

TEST_F(SessionTest, SaysNothingMoreToARegistryThatHasEverything) {
  OpenInStep();
  EXPECT_TRUE(session_.welcomed());
  EXPECT_TRUE(session_.in_step());
  EXPECT_EQ(Waits(), absl::Seconds(5));
}

TEST_F(SessionTest, SaysEverythingToARegistryThatWantsIt) {
  Open();
  Welcome(/*snapshot_wanted=*/true);
  EXPECT_FALSE(session_.in_step());
  const auto batch = Sends<RowBatch>();
  EXPECT_TRUE(batch.first);
  EXPECT_TRUE(batch.last);
  EXPECT_EQ(batch.seq, 1u);
  EXPECT_EQ(RowCount(batch), 2u);
  EXPECT_FALSE(session_.in_step());
  session_.Take(Ack{.seq = 1});
  EXPECT_TRUE(session_.in_step());
}

TEST_F(SessionTest, SaysWhatChangedWhileItWaitedForTheWelcome) {
  Open();
  Change();
  Welcome(/*snapshot_wanted=*/false);
  EXPECT_THAT(Sends<RowBatch>().connections, SizeIs(1));
}

TEST_F(SessionTest, KeepsToTheLimitsOfTheRegistry) {
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(30),
                               .snapshot_wanted = true,
                               .max_rows = 1,
                               .max_bytes = 4 << 20});
  EXPECT_EQ(RowCount(Sends<RowBatch>()), 1u);
}

TEST_F(SessionTest, SaysALotInManyBatches) {
  for (uint16_t number = 0; number < 2000; ++number)
    own().connections.push_back(Connected(number, 1000 + number));
  ledger_.Take(snapshot_);
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(30),
                               .snapshot_wanted = true,
                               .max_rows = 10'000,
                               .max_bytes = 4 << 20});
  EXPECT_EQ(RowCount(Sends<RowBatch>()), 1000u);
}

// ---- The window ----

TEST_F(SessionTest, SendsAFewBatchesBeforeTheFirstIsAcknowledged) {
  OpenInStep();
  for (int i = 0; i < 4; ++i) {
    Change();
    Sends<RowBatch>();
  }
  Change();
  EXPECT_EQ(Waits(), absl::Seconds(5));
  session_.Take(Ack{.seq = 1});
  EXPECT_EQ(Sends<RowBatch>().seq, 5u);
}

TEST_F(SessionTest, SaysOnlyWhatIsLastWhileTheStreamTakesNothing) {
  OpenInStep();
  for (int i = 0; i < 3; ++i) {
    Change();
    EXPECT_EQ(Waits(/*can_send=*/false), kForever);
  }
  EXPECT_THAT(Sends<RowBatch>().connections, SizeIs(1));
  EXPECT_EQ(Waits(), absl::Seconds(5));
}

// ---- Keep-alives and claims ----

TEST_F(SessionTest, KeepsTheLeaseWhenThereIsNothingToSay) {
  OpenInStep();
  clock_.Advance(absl::Seconds(5));
  session_.SetInterval(absl::Seconds(7));
  const auto keep_alive = Sends<KeepAlive>();
  EXPECT_EQ(keep_alive.time, clock_.Now());
  EXPECT_EQ(keep_alive.interval, absl::Seconds(7));
  EXPECT_FALSE(keep_alive.digest.has_value());
  session_.Take(Ack{});
  EXPECT_EQ(Waits(), absl::Seconds(5));
}

TEST_F(SessionTest, ABatchKeepsTheLeaseToo) {
  OpenInStep();
  clock_.Advance(absl::Seconds(4));
  Change();
  Sends<RowBatch>();
  session_.Take(Ack{.seq = 1});
  EXPECT_EQ(Waits(), absl::Seconds(5));
}

TEST_F(SessionTest, KeepsAShortLease) {
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(3)});
  EXPECT_EQ(Waits(), absl::Seconds(1));
}

class ClaimTest : public SessionTest {
 protected:
  ClaimTest() { OpenInStep(); }

  // Lets a minute pass but for a second.
  void ReachClaim() {
    for (int i = 0; i < 11; ++i) {
      clock_.Advance(absl::Seconds(5));
      EXPECT_FALSE(Sends<KeepAlive>().digest.has_value());
      session_.Take(Ack{.seq = seq_});
    }
    clock_.Advance(absl::Seconds(4));
    EXPECT_EQ(Waits(), absl::Seconds(1));
    clock_.Advance(absl::Seconds(1));
  }

  uint64_t seq_ = 0;
};

TEST_F(ClaimTest, SaysNowAndThenWhatTheRegistryShouldHave) {
  for (int i = 0; i < 2; ++i) {
    ReachClaim();
    EXPECT_EQ(Sends<KeepAlive>().digest, ledger_.digest());
    session_.Take(Ack{});
  }
}

TEST_F(ClaimTest, WaitsUntilEverythingIsAcknowledged) {
  for (int i = 0; i < 11; ++i) {
    clock_.Advance(absl::Seconds(5));
    Sends<KeepAlive>();
    session_.Take(Ack{});
  }
  clock_.Advance(absl::Seconds(4));
  Change();
  Sends<RowBatch>();
  clock_.Advance(absl::Seconds(1));
  // Nor does what is new come first, or it might never be the time.
  Change();
  EXPECT_EQ(Waits(), absl::Seconds(4));
  session_.Take(Ack{.seq = 1});
  const RowDigest told = ledger_.told_digest().value();
  EXPECT_NE(told, ledger_.digest());
  EXPECT_EQ(Sends<KeepAlive>().digest, told);
  Sends<RowBatch>();
}

TEST_F(ClaimTest, SaysEverythingAgainIfItWasWrong) {
  ReachClaim();
  Sends<KeepAlive>();
  session_.Take(Ack{.snapshot_wanted = true});
  const auto batch = Sends<RowBatch>();
  EXPECT_TRUE(batch.first);
  EXPECT_EQ(RowCount(batch), 2u);
}

// ---- Refusals ----

class RefusalTest : public SessionTest {
 protected:
  RefusalTest() {
    Open();
    Welcome(/*snapshot_wanted=*/true);
    Sends<RowBatch>();
  }

  RowDigest DigestOfListener() {
    RowDigest digest;
    digest.Add(DigestOf(own().listeners[0]));
    return digest;
  }
};

TEST_F(RefusalTest, DoNotCount) {
  session_.Take(Ack{.seq = 1, .refused_connections = {0}});
  EXPECT_EQ(ledger_.digest(), DigestOfListener());
  EXPECT_TRUE(session_.in_step());
}

TEST_F(RefusalTest, OfPlacesThatAreNotThereArePassedOver) {
  session_.Take(Ack{.seq = 1, .refused_listeners = {1, 7}});
  EXPECT_EQ(ledger_.digest().rows, 2u);
}

TEST_F(RefusalTest, AreOfferedAgainWhenThereIsRoomAndNotTooOften) {
  session_.Take(Ack{.seq = 1, .refused_connections = {0}});
  clock_.Advance(absl::Seconds(5));
  Sends<KeepAlive>();
  session_.Take(Ack{.seq = 1, .has_room = true});
  EXPECT_THAT(Sends<RowBatch>().connections, SizeIs(1));
  session_.Take(Ack{.seq = 2, .refused_connections = {0}, .has_room = true});
  EXPECT_EQ(Waits(), absl::Seconds(5));
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(Sends<RowBatch>().connections, SizeIs(1));
}

TEST_F(RefusalTest, AreOfferedAgainInTheNextSession) {
  session_.Take(Ack{.seq = 1, .refused_connections = {0}});
  Lose();
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(Open().digest, DigestOfListener());
  Welcome(/*snapshot_wanted=*/false);
  EXPECT_THAT(Sends<RowBatch>().connections, SizeIs(1));
}

// ---- Giving up ----

TEST_F(SessionTest, GivesAStreamUpThatDoesNotComeAbout) {
  EXPECT_TRUE(Opens());
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Closes());
  EXPECT_EQ(Waits(), kForever);
}

TEST_F(SessionTest, GivesAStreamUpThatTakesNothing) {
  EXPECT_TRUE(Opens());
  session_.NoteOpened();
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(std::holds_alternative<Session::CloseStream>(
      session_.Next(/*can_send=*/false)));
}

TEST_F(SessionTest, GivesAStreamUpThatHasNoWelcome) {
  EXPECT_TRUE(Opens());
  clock_.Advance(absl::Seconds(9));
  session_.NoteOpened();
  Sends<SessionOpening>();
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(Waits(), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Closes());
}

TEST_F(SessionTest, GivesAStreamUpWithoutAcknowledgement) {
  OpenInStep();
  Change();
  Sends<RowBatch>();
  clock_.Advance(absl::Seconds(5));
  Sends<KeepAlive>();
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE(Closes());
  EXPECT_FALSE(session_.welcomed());
}

TEST_F(SessionTest, KeepsASlowStreamOnWhichAnswersCome) {
  OpenInStep();
  Change();
  Sends<RowBatch>();
  clock_.Advance(absl::Seconds(4));
  Change();
  Sends<RowBatch>();
  clock_.Advance(absl::Seconds(4));
  session_.Take(Ack{.seq = 1});
  EXPECT_EQ(Waits(/*can_send=*/false), absl::Seconds(10));
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Closes());
}

TEST_F(SessionTest, CountsNoTimeInWhichNothingWasToBeAnswered) {
  OpenInStep();
  Change();
  Sends<RowBatch>();
  session_.Take(Ack{.seq = 1});
  clock_.Advance(absl::Seconds(4));
  Change();
  Sends<RowBatch>();
  EXPECT_EQ(Waits(/*can_send=*/false), absl::Seconds(10));
}

TEST_F(SessionTest, GivesAStreamUpThatBreaksTheRules) {
  const std::vector<std::vector<RegistryMessage>> broken = {
      {Ack{}},
      {SessionWelcome{}},
      {SessionWelcome{.ttl = absl::Seconds(30)}, Ack{}},
      {SessionWelcome{.ttl = absl::Seconds(30)},
       SessionWelcome{.ttl = absl::Seconds(30)}},
  };
  for (const auto& messages : broken) {
    Open();
    for (const RegistryMessage& message : messages) session_.Take(message);
    EXPECT_NE(RuleThatCloses(), "");
    Lose();
    clock_.Advance(absl::Seconds(10));
  }
}

TEST_F(SessionTest, GivesAStreamUpThatAcknowledgesWhatWasNotSent) {
  OpenInStep();
  Change();
  Sends<RowBatch>();
  session_.Take(Ack{.seq = 2});
  EXPECT_EQ(RuleThatCloses(), "an acknowledgement of what was not sent");
  Lose();
  // The next stream has broken none.
  clock_.Advance(absl::Seconds(10));
  Open();
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(RuleThatCloses(), "");
}

TEST_F(SessionTest, PassesOverWhatComesFromAStreamThatItGaveUp) {
  EXPECT_TRUE(Opens());
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Closes());
  session_.NoteOpened();
  Welcome(/*snapshot_wanted=*/true);
  session_.Take(Ack{});
  EXPECT_EQ(Waits(), kForever);
}

// ---- Coming back ----

TEST_F(SessionTest, ComesBackWithinTheWindowOfTheRegistry) {
  OpenInStep();
  Lose();
  EXPECT_FALSE(session_.welcomed());
  EXPECT_EQ(Waits(), absl::Seconds(4));
  clock_.Advance(absl::Seconds(4));
  EXPECT_TRUE(Opens());
}

TEST_F(SessionTest, ComesBackSoonToARegistryWithoutAWindow) {
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(30)});
  Lose();
  EXPECT_EQ(Waits(), absl::Milliseconds(50));
}

TEST_F(SessionTest, WaitsLongerAfterEachFailureAndNotTooLong) {
  for (const int milliseconds :
       {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    EXPECT_TRUE(Opens());
    Lose();
    EXPECT_EQ(Waits(), absl::Milliseconds(milliseconds));
    clock_.Advance(absl::Milliseconds(milliseconds));
  }
}

TEST_F(SessionTest, SpreadsItsFailuresOverTheWindowThatItKnows) {
  OpenInStep();
  Lose();
  clock_.Advance(absl::Seconds(4));
  EXPECT_TRUE(Opens());
  Lose();
  EXPECT_EQ(Waits(), absl::Seconds(4));
}

TEST_F(SessionTest, SpreadsOverAWindowThatIsLongerThanItsLongestWait) {
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(30),
                               .reconnect_window = absl::Minutes(10)});
  Lose();
  EXPECT_EQ(Waits(), absl::Minutes(5));
  clock_.Advance(absl::Minutes(5));
  EXPECT_TRUE(Opens());
  Lose();
  EXPECT_EQ(Waits(), absl::Minutes(5));
}

TEST_F(SessionTest, ComesBackAtAnyMoment) {
  random_ = 0;
  Open();
  Lose();
  EXPECT_TRUE(Opens());
}

TEST_F(SessionTest, BeginsWithShortWaitsAgainOnceAStreamWasOfUse) {
  for (int i = 0; i < 5; ++i) {
    Open();
    Lose();
    clock_.Advance(absl::Seconds(10));
  }
  Open();
  session_.Take(SessionWelcome{.ttl = absl::Seconds(30)});
  clock_.Advance(absl::Seconds(5));
  Sends<KeepAlive>();
  session_.Take(Ack{});
  Lose();
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Opens());
  Lose();
  EXPECT_EQ(Waits(), absl::Milliseconds(50));
}

TEST_F(SessionTest, WaitsASecondOrMoreWhereItIsNotWanted) {
  Open();
  Lose(absl::FailedPreconditionError("host web1 is another machine's"));
  EXPECT_EQ(Waits(), absl::Milliseconds(500));
  clock_.Advance(absl::Milliseconds(500));
  Open();
  Lose(absl::InvalidArgumentError("boot_id: not told"));
  EXPECT_EQ(Waits(), absl::Seconds(1));
}

TEST_F(SessionTest, TellsAgainWhatMayHaveBeenLost) {
  OpenInStep();
  ledger_.AddEnded(Connected(1, 9));
  Sends<RowBatch>();
  Lose();
  clock_.Advance(absl::Seconds(10));
  Open();
  Welcome(/*snapshot_wanted=*/false);
  const auto batch = Sends<RowBatch>();
  EXPECT_EQ(batch.seq, 1u);
  EXPECT_THAT(batch.ended, SizeIs(1));
}

TEST_F(SessionTest, DoesNotTellAgainWhatWasAcknowledged) {
  OpenInStep();
  ledger_.AddEnded(Connected(1, 9));
  Sends<RowBatch>();
  session_.Take(Ack{.seq = 1});
  Lose();
  clock_.Advance(absl::Seconds(10));
  OpenInStep();
  EXPECT_TRUE(session_.in_step());
}

TEST_F(SessionTest, AStreamThatEndsTwiceEndsOnce) {
  OpenInStep();
  Lose();
  Lose(absl::FailedPreconditionError("late"));
  EXPECT_EQ(Waits(), absl::Seconds(4));
}

// ---- Leaving ----

TEST_F(SessionTest, SaysGoodbyeAndCloses) {
  OpenInStep();
  Change();
  session_.Leave({.remove = true});
  EXPECT_EQ(Waits(/*can_send=*/false), kForever);
  EXPECT_TRUE(Sends<Goodbye>().remove);
  EXPECT_EQ(Waits(/*can_send=*/false), kForever);
  const Session::Step step = Next();
  ASSERT_TRUE(std::holds_alternative<Session::CloseStream>(step));
  EXPECT_TRUE(std::get<Session::CloseStream>(step).after_goodbye);
  Lose(absl::OkStatus());
  EXPECT_EQ(Waits(), kForever);
}

TEST_F(SessionTest, ClosesWithoutAGoodbyeWhereItIsNotWelcomed) {
  Open();
  session_.Leave({});
  EXPECT_TRUE(Closes());
  EXPECT_EQ(Waits(), kForever);
}

TEST_F(SessionTest, LeavesWhereThereIsNoStream) {
  session_.Leave({});
  EXPECT_EQ(Waits(), kForever);
}

TEST_F(SessionTest, DoesNotWaitForAnswersForEverWhenItLeaves) {
  OpenInStep();
  Change();
  Sends<RowBatch>();
  session_.Leave({});
  EXPECT_EQ(Waits(/*can_send=*/false), absl::Seconds(10));
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Closes());
}

}  // namespace
}  // namespace connreg
