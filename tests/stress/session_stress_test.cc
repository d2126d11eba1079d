// Sessions under threads that fence each other, lapse, and are taken away.

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::SizeIs;

constexpr int kHosts = 4;
// Threads that speak for one agent, each in a session of its own.
constexpr int kRivals = 2;
constexpr int kSessions = 60;
constexpr int kBatches = 8;
constexpr int kRows = 40;
constexpr absl::Duration kTtl = absl::Seconds(5);

// The invariants, whatever other threads do meanwhile:
//  - What a session claims to have said is right, or the session has ended:
//    nothing of another session of the agent is mixed in.
//  - When all have said goodbye nothing is left, and all room is given back.
class SessionStressTest : public testing::Test {
 protected:
  // A row as the session of that epoch says it.
  static ConnectionFacts RowOf(int host, int row, Epoch epoch) {
    ConnectionFacts facts = Tcp(absl::StrCat("10.0.0.", host + 1, ":", row + 1),
                                "10.0.1.1:80", row + 1);
    facts.socket.uid = static_cast<uint32_t>(epoch);
    return facts;
  }
  static Reporter AgentOf(int host) {
    return Agent(absl::StrCat("host-", host));
  }

  absl::StatusOr<SessionWelcome> Open(int host, uint64_t rows) {
    std::optional<Epoch> superseded;
    return registry_.OpenSession({.reporter = AgentOf(host),
                                  .boot_id = "boot",
                                  .instance = "run",
                                  .ttl = kTtl,
                                  .digest = {rows, 1}},
                                 &superseded);
  }

  // Says in a few batches what is there, then takes some of it back; false as
  // soon as the session has ended.
  bool Report(int host, Epoch epoch, std::vector<ConnectionFacts>* said) {
    RowDigest digest;
    for (int i = 0; i < kBatches; ++i) {
      RowBatch batch{.seq = static_cast<uint64_t>(i + 1),
                     .kind = RowBatch::Kind::kSnapshot,
                     .first = i == 0,
                     .last = i == kBatches - 1};
      for (int row = i; row < kRows; row += kBatches) {
        batch.connections.push_back(RowOf(host, row, epoch));
        digest.Add(DigestOf(batch.connections.back()));
      }
      *said = batch.connections;
      if (!IsAcked(registry_.Apply(epoch, batch))) return false;
    }
    RowBatch gone{.seq = kBatches + 1};
    for (const ConnectionFacts& facts : *said) {
      gone.gone_connections.push_back({facts.socket, facts.tuple});
      digest.Remove(DigestOf(facts));
    }
    if (!IsAcked(registry_.Apply(epoch, gone))) return false;
    const absl::StatusOr<Ack> ack =
        registry_.Apply(epoch, KeepAlive{.digest = digest});
    if (!IsAcked(ack)) return false;
    EXPECT_FALSE(ack->snapshot_wanted) << "something was mixed in";
    return true;
  }

  static bool IsAcked(const absl::StatusOr<Ack>& ack) {
    EXPECT_TRUE(ack.ok() || absl::IsAborted(ack.status())) << ack.status();
    return ack.ok();
  }

  void SpeakFor(int host) {
    for (int i = 0; i < kSessions; ++i) {
      const absl::StatusOr<SessionWelcome> welcome = Open(host, kRows);
      ASSERT_THAT(welcome, IsOk());
      std::vector<ConnectionFacts> said;
      if (!Report(host, welcome->epoch, &said)) continue;
      if (i % 5 == 0) registry_.EndSession(welcome->epoch, {.remove = true});
      if (i % 3 == 0) registry_.LoseSession(welcome->epoch);
    }
  }

  void AdvanceUntilDone() {
    while (!done_) {
      clock_.Advance(absl::Milliseconds(100));
      registry_.Advance();
      if (++advances_ % 10 == 0) registry_.NoteStall(absl::Milliseconds(500));
    }
  }

  void TakeAwayUntilDone() {
    for (int i = 0; !done_; ++i) {
      EXPECT_THAT(
          registry_.Deregister({.reporter = AgentOf(i % kHosts), .all = true}),
          IsOk());
      std::this_thread::yield();
    }
  }

  void AskUntilDone() {
    while (!done_) {
      EXPECT_LE(registry_.ListHosts({.page_size = 100}).hosts.size(),
                size_t{kHosts});
      registry_.ListConnections({.page_size = 1000});
      registry_.GetStatus();
    }
  }

  FakeClock clock_;
  Registry registry_{{.run_id = "run",
                      .hash_key = {1, 2},
                      .limits = {.rows = kHosts * kRows},
                      .grace = absl::Seconds(5),
                      .sync_time = absl::ZeroDuration()},
                     clock_};
  std::atomic<bool> done_{false};
  int advances_ = 0;
};

TEST_F(SessionStressTest, NoSessionMixesWithAnother) {
  std::vector<std::thread> speakers;
  for (int i = 0; i < kHosts * kRivals; ++i)
    speakers.emplace_back([this, i] { SpeakFor(i % kHosts); });
  std::vector<std::thread> others;
  others.emplace_back([this] { AdvanceUntilDone(); });
  others.emplace_back([this] { TakeAwayUntilDone(); });
  others.emplace_back([this] { AskUntilDone(); });
  for (std::thread& thread : speakers) thread.join();
  done_ = true;
  for (std::thread& thread : others) thread.join();

  for (int host = 0; host < kHosts; ++host) {
    const SessionWelcome welcome = Open(host, kRows).value();
    std::vector<ConnectionFacts> said;
    ASSERT_TRUE(Report(host, welcome.epoch, &said));
    EXPECT_THAT(registry_
                    .ListConnections({.scope = {.host = AgentOf(host).host},
                                      .page_size = 1000})
                    .connections,
                SizeIs(kRows - kRows / kBatches));
    registry_.EndSession(welcome.epoch, {.remove = true});
  }
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.observations, 0u);
  EXPECT_EQ(status.reporters, 0u);
  EXPECT_EQ(status.sessions, 0u);
  EXPECT_EQ(status.divergences, 0u);
}

}  // namespace
}  // namespace connreg
