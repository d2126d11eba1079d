// What happens when very many hosts go silent.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/core/session_fixture.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MassExpiryTest : public SessionFixture {
 protected:
  static Registry::Options Options(bool hold_expiry) {
    Registry::Options options = OptionsWith();
    options.hold_expiry = hold_expiry;
    return options;
  }
  explicit MassExpiryTest(bool hold_expiry = true)
      : SessionFixture(Options(hold_expiry)) {}

  static Reporter AgentOf(int host) {
    return Agent(absl::StrCat("host-", host));
  }
  static ConnectionFacts RowOf(int host) {
    return Tcp(absl::StrCat("10.1.", host / 250, ".", host % 250 + 1, ":1"),
               "10.0.0.5:80", 1);
  }
  void OpenHosts(int count) {
    for (int host = 0; host < count; ++host)
      epochs_.push_back(OpenWith(AgentOf(host), {RowOf(host)}));
  }
  void Lose(int from, int to) {
    for (int host = from; host < to; ++host)
      registry_.LoseSession(epochs_[host]);
  }
  // Lets time pass in which the hosts from that one on speak.
  std::vector<Reporter> ExpiredAfter(absl::Duration duration, int speaking) {
    std::vector<Reporter> expired;
    for (absl::Duration passed; passed < duration; passed += kTtl / 2) {
      clock_.Advance(kTtl / 2);
      for (size_t host = speaking; host < epochs_.size(); ++host)
        EXPECT_THAT(KeepAliveOf(epochs_[host]), IsOk());
      const Registry::Changes changes = registry_.Advance();
      expired.insert(expired.end(), changes.expired.begin(),
                     changes.expired.end());
    }
    return expired;
  }
  std::optional<absl::Time> HeldSince() {
    return registry_.GetStatus().expiry_held_since;
  }

  std::vector<Epoch> epochs_;
};

TEST_F(MassExpiryTest, IsHeldWhenVeryManyHostsVanishAtOnce) {
  OpenHosts(50);
  clock_.Advance(absl::Seconds(1));
  Lose(0, 21);
  EXPECT_EQ(HeldSince(), start_ + absl::Seconds(1));
  EXPECT_THAT(ExpiredAfter(kGrace * 2, 21), IsEmpty());
  EXPECT_THAT(List(), SizeIs(50));
  EXPECT_EQ(HeldSince(), start_ + absl::Seconds(1));
}

TEST_F(MassExpiryTest, IsHeldWhenTheirLeasesLapseToo) {
  OpenHosts(30);
  Pass(kTtl);
  EXPECT_NE(HeldSince(), std::nullopt);
  EXPECT_THAT(Pass(kGrace * 2).expired, IsEmpty());
}

TEST_F(MassExpiryTest, IsNotHeldForTwentyHosts) {
  OpenHosts(20);
  Lose(0, 20);
  EXPECT_EQ(HeldSince(), std::nullopt);
  EXPECT_THAT(Pass(kGrace).expired, SizeIs(20));
}

TEST_F(MassExpiryTest, IsNotHeldForThirtyPercent) {
  OpenHosts(80);
  Lose(0, 24);
  EXPECT_EQ(HeldSince(), std::nullopt);
  EXPECT_THAT(ExpiredAfter(kGrace, 24), SizeIs(24));
}

TEST_F(MassExpiryTest, IsNotHeldForHostsThatGoOneAfterAnother) {
  OpenHosts(50);
  for (int host = 0; host < 40; ++host) {
    Lose(host, host + 1);
    ExpiredAfter(kTtl / 2, host + 1);
    EXPECT_EQ(HeldSince(), std::nullopt);
  }
}

TEST_F(MassExpiryTest, GoesOnWhenEnoughAreBack) {
  OpenHosts(50);
  Lose(0, 21);
  ExpiredAfter(kGrace, 21);
  epochs_[20] = OpenWith(AgentOf(20), {RowOf(20)});
  EXPECT_THAT(ExpiredAfter(kTtl / 2, 20), SizeIs(20));
  EXPECT_EQ(HeldSince(), std::nullopt);
  EXPECT_THAT(List(), SizeIs(30));
}

TEST_F(MassExpiryTest, IsNotHeldOnceTheHostsAreBack) {
  OpenHosts(50);
  Lose(0, 21);
  for (int host = 0; host < 21; ++host)
    epochs_[host] = OpenWith(AgentOf(host), {RowOf(host)});
  registry_.Advance();
  EXPECT_EQ(HeldSince(), std::nullopt);
}

class UnheldMassExpiryTest : public MassExpiryTest {
 protected:
  UnheldMassExpiryTest() : MassExpiryTest(/*hold_expiry=*/false) {}
};

TEST_F(UnheldMassExpiryTest, IsNeverHeld) {
  OpenHosts(50);
  Lose(0, 50);
  EXPECT_EQ(HeldSince(), std::nullopt);
  EXPECT_THAT(Pass(kGrace).expired, SizeIs(50));
}

TEST_F(UnheldMassExpiryTest, IsPacedByItsRows) {
  std::vector<ConnectionFacts> rows;
  for (int port = 1; port <= 30'000; ++port)
    rows.push_back(Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:80"));
  for (int host = 0; host < 3; ++host) Register(AgentOf(host), rows);
  Pass(kTtl);
  EXPECT_THAT(Pass(kGrace).expired, SizeIs(2));
  EXPECT_EQ(registry_.GetStatus().observations, 30'000u);
  EXPECT_THAT(registry_.Advance().expired, SizeIs(1));
  EXPECT_EQ(registry_.GetStatus().observations, 0u);
}

TEST_F(UnheldMassExpiryTest, IsPacedByItsHosts) {
  OpenHosts(1001);
  Lose(0, 1001);
  EXPECT_THAT(Pass(kGrace).expired, SizeIs(1000));
  EXPECT_THAT(registry_.Advance().expired, SizeIs(1));
}

}  // namespace
}  // namespace connreg
