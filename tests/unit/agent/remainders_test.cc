#include "client/agent/remainders.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Remainder Of(uint64_t cookie) {
  Remainder remainder{.netns = "1"};
  remainder.socket.cookie = cookie;
  return remainder;
}

class RemaindersTest : public testing::Test {
 protected:
  std::vector<uint64_t> TakeDue() {
    std::vector<uint64_t> cookies;
    for (const Remainder& remainder : remainders_.TakeDue(now_))
      cookies.push_back(remainder.socket.cookie);
    return cookies;
  }

  Remainders remainders_;
  absl::Duration now_ = absl::Seconds(1);
};

TEST_F(RemaindersTest, NoneIsWaitedForWhereThereIsNone) {
  EXPECT_EQ(remainders_.WaitFrom(now_), std::nullopt);
  EXPECT_THAT(TakeDue(), IsEmpty());
}

TEST_F(RemaindersTest, OneIsDueAtOnceAndThenEvery25Milliseconds) {
  remainders_.Add(Of(7));
  EXPECT_EQ(remainders_.WaitFrom(now_), absl::ZeroDuration());
  EXPECT_THAT(TakeDue(), ElementsAre(7));
  remainders_.Add(Of(7));
  EXPECT_EQ(remainders_.WaitFrom(now_), absl::Milliseconds(25));
  EXPECT_THAT(TakeDue(), IsEmpty());
  now_ += absl::Milliseconds(25);
  EXPECT_THAT(TakeDue(), ElementsAre(7));
}

TEST_F(RemaindersTest, OneThatIsThereIsNotAddedAgain) {
  remainders_.Add(Of(7));
  remainders_.Add(Of(7));
  EXPECT_THAT(TakeDue(), ElementsAre(7));
}

TEST_F(RemaindersTest, OfManyTwoThousandASecondAreDue) {
  for (uint64_t cookie = 1; cookie <= 10'000; ++cookie)
    remainders_.Add(Of(cookie));
  size_t count = 0;
  for (int turn = 0; turn < 40; ++turn) {
    count += TakeDue().size();
    now_ += absl::Milliseconds(25);
  }
  EXPECT_EQ(count, 2000u);
}

TEST_F(RemaindersTest, ManyTakeTurns) {
  for (uint64_t cookie = 1; cookie <= 60; ++cookie) remainders_.Add(Of(cookie));
  const std::vector<uint64_t> first = TakeDue();
  EXPECT_THAT(first, SizeIs(50));
  for (const uint64_t cookie : first) remainders_.Add(Of(cookie));
  now_ += absl::Milliseconds(25);
  EXPECT_EQ(TakeDue().front(), 51u);
}

}  // namespace
}  // namespace connreg
