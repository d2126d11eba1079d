#include "service/model/views.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const Place kHost = {.host = "h1"};
const Place kNotTold = {.host = "h1", .netns = ""};
const absl::Time kEarlier = absl::FromUnixSeconds(100);
const absl::Time kLater = absl::FromUnixSeconds(200);

Observation Connected(const Place& place = kHost) {
  return End(place, "10.0.0.9:51000", "10.0.0.5:5432");
}

Listener Bound(const Place& place = kHost) {
  return ListenerAt(place, "0.0.0.0:5432");
}

// What is left of `rows`, which must not depend on their order.
template <typename Row>
std::vector<Row> Left(std::vector<Row> rows) {
  const std::vector<Row> left = Representatives(rows);
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  while (std::next_permutation(order.begin(), order.end())) {
    std::vector<Row> shuffled;
    for (const size_t i : order) shuffled.push_back(rows[i]);
    std::vector<testing::Matcher<Row>> same;
    for (const Row& row : left) same.push_back(Is(row));
    EXPECT_THAT(Representatives(shuffled),
                testing::UnorderedElementsAreArray(same));
  }
  return left;
}

// ---- Connections ----

TEST(RepresentativesTest, AreNoneOfNone) {
  EXPECT_THAT(Representatives(std::vector<Observation>()), SizeIs(0));
  EXPECT_THAT(Representatives(std::vector<Listener>()), SizeIs(0));
}

TEST(RepresentativesTest, TakeTheAgentsViewBeforeAProgramsLaterOne) {
  const Observation agents = Connected();
  const Observation programs = ByProgram(Connected(), "app", kLater);

  EXPECT_THAT(Left<Observation>({programs, agents}), ElementsAre(Is(agents)));
}

TEST(RepresentativesTest, TakeTheLatestOfSeveralPrograms) {
  const Observation earlier = ByProgram(Connected(), "a", kEarlier);
  const Observation later = ByProgram(Connected(), "z", kLater);

  EXPECT_THAT(Left<Observation>({earlier, later}), ElementsAre(Is(later)));
}

TEST(RepresentativesTest, AreOneEvenIfTheReportersKnowOtherIncarnations) {
  const Observation agents = WithCookie(Connected(), 2);
  const Observation programs =
      WithCookie(ByProgram(Connected(), "app", kLater), 1);

  EXPECT_THAT(Left<Observation>({agents, programs}), ElementsAre(Is(agents)));
}

TEST(RepresentativesTest, KeepOneConnectionForEachNamespace) {
  const Observation one = Connected({.host = "h1", .netns = "1"});
  const Observation two = Connected({.host = "h1", .netns = "2"});

  EXPECT_THAT(Left<Observation>({one, two}), ElementsAre(Is(one), Is(two)));
}

TEST(RepresentativesTest, TakeARowWithoutNamespaceForAViewOfAnyOther) {
  const Observation one =
      ByProgram(Connected({.host = "h1", .netns = "1"}), "a", kEarlier);
  const Observation two =
      ByProgram(Connected({.host = "h1", .netns = "2"}), "a", kEarlier);
  const Observation any = ByProgram(Connected(kNotTold), "b", kLater);

  EXPECT_THAT(Left<Observation>({one, any}), ElementsAre(Is(one)));
  EXPECT_THAT(Left<Observation>({one, any, two}),
              ElementsAre(Is(one), Is(two)));
}

TEST(RepresentativesTest, KeepOneConnectionForEachInterface) {
  Observation one = Connected({.host = "h1"});
  Observation two = one;
  one.facts.device = "eth0";
  two.facts.device = "eth1";
  const Observation unbound = Connected({.host = "h1"});

  EXPECT_THAT(Left<Observation>({one, two}), SizeIs(2));
  EXPECT_THAT(Left<Observation>({one, unbound}), SizeIs(2));
}

TEST(RepresentativesTest, TakeAnothersRowWithoutAnInterfaceForAView) {
  Observation one = Connected({.host = "h1"});
  one.facts.device = "eth0";
  const Observation any = ByProgram(Connected({.host = "h1"}), "b", kLater);

  EXPECT_THAT(Left<Observation>({one, any}), ElementsAre(Is(one)));
}

TEST(RepresentativesTest, KeepARowWithoutNamespaceThatIsAlone) {
  EXPECT_THAT(Left<Observation>({Connected(kNotTold)}), SizeIs(1));
}

TEST(RepresentativesTest, KeepBothEndsOfAConnection) {
  const Observation client = Connected();
  const Observation server = End(kHost, "10.0.0.5:5432", "10.0.0.9:51000");

  EXPECT_THAT(Left<Observation>({server, client}),
              ElementsAre(Is(server), Is(client)));
}

TEST(RepresentativesTest, KeepEachTransportHostAndNetworkApart) {
  const std::vector<Observation> rows = {
      Connected(), OverUdp(Connected()), Connected({.host = "h2"}),
      Connected({.host = "h1", .network = "other"})};

  EXPECT_THAT(Left(rows), SizeIs(4));
}

TEST(RepresentativesTest, KeepTheOrderOfTheRows) {
  std::vector<Observation> rows;
  for (const char* local : {"10.0.0.9:3", "10.0.0.9:1", "10.0.0.9:2"})
    rows.push_back(End(kHost, local, "10.0.0.5:5432"));
  rows.push_back(ByProgram(rows[0], "app", kLater));

  EXPECT_THAT(Representatives(rows),
              ElementsAre(Is(rows[0]), Is(rows[1]), Is(rows[2])));
}

TEST(RepresentativesTest, LeaveBothSocketsThatHaveNoInode) {
  const Observation one = End(kHost, "10.0.0.9:1", "10.0.0.5:5432");
  const Observation two = End(kHost, "10.0.0.9:2", "10.0.0.5:5432");

  EXPECT_THAT(Left<Observation>({one, two}), SizeIs(2));
}

// ---- Listeners ----

TEST(RepresentativesTest, KeepEveryListenerThatSharesAnEndpoint) {
  const std::vector<Listener> rows = {
      WithCookie(Bound(), 1), WithCookie(Bound(), 2), WithCookie(Bound(), 3)};

  EXPECT_THAT(Left(rows), SizeIs(3));
}

TEST(RepresentativesTest, KeepTheListenersThatOneReporterTellsApart) {
  EXPECT_THAT(Left<Listener>({WithCookie(Bound(), 1), WithInode(Bound(), 7)}),
              SizeIs(2));
}

TEST(RepresentativesTest, TakeAProgramsListenerForAViewOfTheAgents) {
  const Listener agents = WithInode(WithCookie(Bound(), 1), 7);
  const Listener programs = ByProgram(Bound(kNotTold), "app", kLater);

  EXPECT_THAT(Left<Listener>({programs, agents}), ElementsAre(Is(agents)));
}

TEST(RepresentativesTest, MatchAProgramsListenerToTheAgentsByInode) {
  const Listener first = WithInode(WithCookie(Bound(), 1), 7);
  const Listener second = WithInode(WithCookie(Bound(), 2), 8);
  const Listener programs = WithInode(ByProgram(Bound(), "app", kLater), 8);

  EXPECT_THAT(Left<Listener>({first, second, programs}),
              ElementsAre(Is(first), Is(second)));
}

TEST(RepresentativesTest, KeepAProgramsListenerThatTheAgentHasNotSeen) {
  const Listener agents = WithInode(Bound(), 7);
  const Listener programs = WithInode(ByProgram(Bound(), "app", kLater), 8);

  EXPECT_THAT(Left<Listener>({agents, programs}), SizeIs(2));
}

TEST(RepresentativesTest, TakeTheLatestOfSeveralProgramsForAListener) {
  const Listener earlier = ByProgram(Bound(), "a", kEarlier);
  const Listener later = ByProgram(Bound(), "z", kLater);

  EXPECT_THAT(Left<Listener>({earlier, later}), ElementsAre(Is(later)));
}

TEST(RepresentativesTest, DoNotLetAVagueRowStandForTwoListeners) {
  const Listener listener = ByProgram(Bound(), "a", kEarlier);
  const Listener vague = ByProgram(Bound(), "b", kLater);
  for (const auto& [one, two] :
       {std::pair(WithInode(listener, 7), WithInode(listener, 8)),
        std::pair(WithCookie(listener, 1), WithCookie(listener, 2))}) {
    EXPECT_THAT(Left<Listener>({vague, one, two}),
                ElementsAre(Is(one), Is(two)));
  }
}

TEST(RepresentativesTest, KeepListenersOfOtherDevicesAndTransportsApart) {
  Listener on_lo = Bound();
  on_lo.facts.device = "lo";

  EXPECT_THAT(Left<Listener>({Bound(), ByProgram(on_lo, "a", kLater),
                              OverUdp(ByProgram(Bound(), "b", kLater))}),
              SizeIs(3));
}

TEST(RepresentativesTest, KeepListenersOfEachNamespaceAndHostApart) {
  EXPECT_THAT(Left<Listener>({Bound(), Bound({.host = "h1", .netns = "2"}),
                              Bound({.host = "h2"})}),
              SizeIs(3));
}

}  // namespace
}  // namespace connreg
