#ifndef CONNREG_TESTS_UNIT_AGENT_LEDGER_FIXTURE_H_
#define CONNREG_TESTS_UNIT_AGENT_LEDGER_FIXTURE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "client/agent/ledger.h"
#include "gmock/gmock.h"
#include "tests/unit/agent/made_rows.h"

namespace connreg {

// A ledger of a host with a listener (cookie 1) and a connection (cookie 2).
class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    snapshot_.namespaces = {{.netns = "1", .inode = 100}};
    own().listeners = {Listening("10.0.0.5:22", 1)};
    own().connections = {Connected("10.0.0.5:22", "10.0.0.9:51000", 2)};
    own().addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  }

  NetnsSnapshot& own() { return snapshot_.namespaces[0]; }
  ConnectionFacts& connection() { return own().connections[0]; }
  // Adds another network namespace, with a listener.
  NetnsSnapshot& AddOther() {
    NetnsSnapshot& other = snapshot_.namespaces.emplace_back();
    other = {.netns = "2", .inode = 200};
    other.addresses = {"2", {}, "blue"};
    other.listeners = {Listening("10.0.0.5:22", 7)};
    other.listeners[0].socket.netns = "2";
    return other;
  }

  void Look() { ledger_.Take(snapshot_); }
  // Looks, and begins a session in which all was told.
  void LookAndBegin() {
    Look();
    ledger_.BeginSession();
  }
  // Looks, and returns what is new since the session began.
  RowBatch LookAndTell() {
    Look();
    return Tell();
  }

  std::optional<RowBatch> NextBatch() { return ledger_.NextBatch(1000, kAll); }
  // All that is to be told, as one batch.
  RowBatch Tell() {
    RowBatch told;
    while (const std::optional<RowBatch> next = NextBatch()) {
      Append(next->gone_listeners, &told.gone_listeners);
      Append(next->gone_connections, &told.gone_connections);
      Append(next->gone_namespaces, &told.gone_namespaces);
      Append(next->namespaces, &told.namespaces);
      Append(next->listeners, &told.listeners);
      Append(next->connections, &told.connections);
      Append(next->ended, &told.ended);
      if (next->gaps) told.gaps = next->gaps;
      told.seq = next->seq;
    }
    return told;
  }
  template <typename T>
  static void Append(const std::vector<T>& from, std::vector<T>* to) {
    to->insert(to->end(), from.begin(), from.end());
  }

  static void ExpectNothing(const RowBatch& batch) {
    EXPECT_EQ(RowCount(batch), 0u);
    EXPECT_THAT(batch.gone_namespaces, testing::IsEmpty());
    EXPECT_THAT(batch.namespaces, testing::IsEmpty());
    EXPECT_FALSE(batch.gaps.has_value());
  }

  static constexpr size_t kAll = std::numeric_limits<size_t>::max();

  Ledger ledger_;
  Snapshot snapshot_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_LEDGER_FIXTURE_H_
