#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/agent/ledger.h"
#include "client/agent/session.h"
#include "gtest/gtest.h"
#include "tests/property/seed.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/agent/model_host.h"
#include "tests/unit/agent/model_registry.h"

// An agent's ledger and session against a registry of a hundred lines, over a
// network that delays and loses.
namespace connreg {
namespace {

class SessionPropertyTest : public RandomTest {
 protected:
  // A step of the world.
  void Step() {
    if (OneIn(2)) host_.Change();
    if (OneIn(8)) BeginLook();
    if (look_ && OneIn(4)) EndLook();
    if (OneIn(3)) host_.TellEvents(ledger_);
    if (OneIn(4)) clock_.Advance(absl::Milliseconds(1 + Below(2000)));
    if (OneIn(3)) Deliver();
    if (OneIn(3)) Answer();
    if (losses_ && OneIn(100)) Lose();
    if (OneIn(50)) registry_.max_rows = OneIn(2) ? 8 : 1000;
    Serve(/*can_send=*/!OneIn(4));
    Check();
  }

  // A look shows what there was when it began.
  void BeginLook() { look_ = host_.Look(/*complete=*/!faults_); }
  void EndLook() {
    ledger_.Take(*std::move(look_));
    look_.reset();
  }

  void Serve(bool can_send) {
    while (true) {
      const Session::Step step = session_.Next(can_send);
      if (std::holds_alternative<Session::Wait>(step)) return;
      if (std::holds_alternative<Session::OpenStream>(step)) {
        is_open_ = true;
        session_.NoteOpened();
      } else if (std::holds_alternative<Session::CloseStream>(step)) {
        Lose();
      } else {
        sent_.push_back(std::get<AgentMessage>(step));
      }
    }
  }

  // The registry gets a message.
  void Deliver() {
    if (sent_.empty()) return;
    const AgentMessage message = sent_.front();
    sent_.pop_front();
    if (const auto* opening = std::get_if<SessionOpening>(&message)) {
      answers_.push_back(registry_.Open(*opening));
      if (std::get<SessionWelcome>(answers_.back()).snapshot_wanted)
        ++snapshots_;
    } else if (const auto* batch = std::get_if<RowBatch>(&message)) {
      answers_.push_back(registry_.Apply(*batch));
    } else {
      answers_.push_back(registry_.Apply(std::get<KeepAlive>(message)));
    }
  }

  // The agent gets an answer.
  void Answer() {
    if (answers_.empty()) return;
    session_.Take(answers_.front());
    answers_.pop_front();
  }

  // The stream breaks; the registry may get some more of it.
  void Lose() {
    if (!is_open_) return;
    is_open_ = false;
    for (size_t more = Below(3); more > 0; --more) Deliver();
    sent_.clear();
    answers_.clear();
    session_.NoteLost(OneIn(5) ? absl::FailedPreconditionError("")
                               : absl::UnavailableError(""));
  }

  void Check() {
    if (!session_.in_step()) return;
    ++in_step_;
    ASSERT_EQ(registry_.digest(), ledger_.digest());
    ASSERT_EQ(ledger_.told_digest(), ledger_.digest());
    ASSERT_EQ(registry_.gaps(), ledger_.gaps());
    ASSERT_EQ(Text(registry_.namespaces()), Text(ledger_.namespaces()));
  }

  static std::set<std::string> Text(
      const std::vector<NetworkNamespace>& namespaces) {
    std::set<std::string> text;
    for (const NetworkNamespace& netns : namespaces)
      text.insert(absl::StrCat(netns.netns, " ", netns.name));
    return text;
  }

  // Nothing breaks any more, and everything is seen.
  void Settle() {
    losses_ = faults_ = false;
    registry_.max_rows = 1000;
    for (int i = 0; i < 30; ++i) {
      host_.TellEvents(ledger_);
      if (look_) EndLook();
      BeginLook();
      EndLook();
      clock_.Advance(absl::Seconds(2));
      Serve(/*can_send=*/true);
      while (!sent_.empty() || !answers_.empty()) {
        Deliver();
        Answer();
        Serve(/*can_send=*/true);
      }
    }
  }

  // What tells a row from others, and the state that it is in.
  static std::string NameOf(const ListenerFacts& facts) {
    return absl::StrCat(facts.socket.netns, " ", facts.local.ToString(),
                        " cookie ", facts.socket.cookie);
  }
  static std::string NameOf(const ConnectionFacts& facts) {
    return absl::StrCat(facts.socket.netns, " ", facts.tuple.ToString(),
                        " cookie ", facts.socket.cookie, " state ",
                        static_cast<int>(facts.state));
  }
  // Whether the host has each of the rows.
  template <typename Rows, typename Facts>
  static void ExpectAllThere(const Rows& rows, const std::vector<Facts>& host) {
    std::multiset<std::string> there;
    for (const Facts& facts : host) there.insert(NameOf(facts));
    for (const auto& row : rows)
      EXPECT_TRUE(there.contains(NameOf(row.facts))) << NameOf(row.facts);
  }

  void ExpectRegistryHasHost() {
    EXPECT_TRUE(session_.in_step());
    EXPECT_EQ(ledger_.listener_count(), host_.listeners().size());
    EXPECT_EQ(ledger_.connection_count(), host_.connections().size());
    // The others are malformed: one in 16.
    EXPECT_GE(registry_.row_count() * 2 + 10,
              host_.listeners().size() + host_.connections().size());
    ExpectAllThere(registry_.listeners(), host_.listeners());
    ExpectAllThere(registry_.connections(), host_.connections());
  }

  ModelHost host_{[this](size_t limit) { return Below(limit); }};
  ModelRegistry registry_;
  FakeClock clock_;
  Ledger ledger_;
  Session session_{{.ttl = absl::Seconds(30),
                    .ack_timeout = absl::Seconds(10),
                    .max_backoff = absl::Seconds(10),
                    .digest_interval = absl::Seconds(20)},
                   ledger_,
                   clock_,
                   [this] { return static_cast<double>(Below(1000)) / 1000; }};

  bool losses_ = true;
  bool faults_ = true;
  std::optional<Snapshot> look_;
  bool is_open_ = false;
  std::deque<AgentMessage> sent_;
  std::deque<RegistryMessage> answers_;
  size_t in_step_ = 0;
  size_t snapshots_ = 0;
};

TEST_F(SessionPropertyTest, InStepTheRegistryHasWhatTheLedgerHas) {
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) Step();
  EXPECT_GT(in_step_, 100u);
  EXPECT_GT(snapshots_, 10u);
  EXPECT_EQ(registry_.divergences(), 0u);
}

TEST_F(SessionPropertyTest, WhenNothingBreaksAnyMoreTheRegistryHasTheHost) {
  for (int round = 0; round < 20 && !HasFailure(); ++round) {
    for (int i = 0; i < 500; ++i) Step();
    Settle();
    ExpectRegistryHasHost();
    losses_ = faults_ = true;
  }
  EXPECT_EQ(registry_.divergences(), 0u);
}

TEST_F(SessionPropertyTest, WhatEndedUnseenIsToldThoughStreamsBreak) {
  for (int i = 0; i < 10'000 && !HasFailure(); ++i) Step();
  Settle();
  std::set<uint64_t> told;
  for (const ConnectionFacts& facts : registry_.ended())
    told.insert(facts.socket.cookie);
  EXPECT_EQ(told, host_.ended_unseen());
  EXPECT_GT(told.size(), 100u);
}

TEST_F(SessionPropertyTest, ARegistryThatLostARowGetsItBack) {
  for (int round = 0; round < 20 && !HasFailure(); ++round) {
    for (int i = 0; i < 50; ++i) host_.Change();
    Settle();
    registry_.Tamper();
    Settle();
    ExpectRegistryHasHost();
  }
  EXPECT_GT(registry_.divergences(), 10u);
}

}  // namespace
}  // namespace connreg
