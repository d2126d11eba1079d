// Which sockets that have ended were ends of one connection.

#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/model/join.h"
#include "tests/unit/model/joined.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

absl::Time Second(int seconds) { return absl::FromUnixSeconds(seconds); }

Observation EndedClient(uint64_t cookie, int begin, int end) {
  return Ended(WithCookie(Client(), cookie), Second(begin), Second(end));
}
Observation EndedServer(uint64_t cookie, int begin, int end) {
  return Ended(WithCookie(Server(), cookie), Second(begin), Second(end));
}

TEST(EndedJoinTest, JoinsEndsWhoseLivesOverlapped) {
  for (const auto& [begin, end] :
       {std::pair(10, 20), std::pair(5, 15), std::pair(15, 25),
        std::pair(12, 13), std::pair(5, 25)}) {
    const Observation client = EndedClient(1, 10, 20);
    const Observation server = EndedServer(2, begin, end);

    EXPECT_THAT(Joined({client, server}, EachItsOwn()),
                ElementsAre(Joins(client, server)))
        << "from " << begin << " to " << end;
  }
}

TEST(EndedJoinTest, KeepsEndsApartThatWereNeverThereAtOnce) {
  const Observation client = EndedClient(1, 10, 20);
  for (const Observation& server :
       {EndedServer(2, 0, 9), EndedServer(2, 21, 30)}) {
    EXPECT_THAT(
        Joined({client, server}, EachItsOwn()),
        UnorderedElementsAre(IsOneSided(client, OneSidedReason::kNotReported),
                             IsOneSided(server, OneSidedReason::kNotReported)));
  }
}

TEST(EndedJoinTest, JoinsEachLifeOfAFourTupleApart) {
  const Observation client_1 = EndedClient(1, 10, 20);
  const Observation server_1 = EndedServer(2, 11, 19);
  const Observation client_2 = EndedClient(3, 30, 40);
  const Observation server_2 = EndedServer(4, 31, 41);

  EXPECT_THAT(Joined({client_1, client_2, server_2, server_1}, EachItsOwn()),
              UnorderedElementsAre(Joins(client_1, server_1),
                                   Joins(client_2, server_2)));
}

TEST(EndedJoinTest, JoinsLivesThatTookOverFromEachOtherAtOneInstant) {
  const Observation client_1 = EndedClient(1, 10, 20);
  const Observation server_1 = EndedServer(2, 10, 20);
  const Observation client_2 = EndedClient(3, 20, 30);
  const Observation server_2 = EndedServer(4, 20, 30);

  EXPECT_THAT(Joined({client_1, client_2, server_2, server_1}, EachItsOwn()),
              UnorderedElementsAre(Joins(client_1, server_1),
                                   Joins(client_2, server_2)));
}

TEST(EndedJoinTest, JoinsLivesThatWereOverAtOnce) {
  const Observation client = EndedClient(1, 10, 10);
  const Observation server = EndedServer(2, 10, 10);

  EXPECT_THAT(Joined({client, server}, EachItsOwn()),
              ElementsAre(Joins(client, server)));
}

TEST(EndedJoinTest, CannotTellWhichOfTwoLivesAnEndThatSawBothIsOf) {
  const Observation client = EndedClient(1, 10, 40);
  const Observation server_1 = EndedServer(2, 11, 19);
  const Observation server_2 = EndedServer(3, 31, 39);

  EXPECT_THAT(
      Joined({client, server_1, server_2}, EachItsOwn()),
      UnorderedElementsAre(IsOneSided(client, OneSidedReason::kAmbiguous),
                           IsOneSided(server_1, OneSidedReason::kAmbiguous),
                           IsOneSided(server_2, OneSidedReason::kAmbiguous)));
}

}  // namespace
}  // namespace connreg
