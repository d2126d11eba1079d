#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "service/model/join.h"
#include "service/model/views.h"
#include "tests/property/seed.h"
#include "tests/unit/model/joined.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

// Everything that Join() says, in an order that does not depend on its own.
std::vector<std::string> Described(const std::vector<Connection>& connections) {
  std::vector<std::string> described;
  for (const Connection& connection : connections) {
    std::string text = testing::PrintToString(connection);
    if (connection.client)
      absl::StrAppend(&text, " client ", connection.client->ToString());
    if (connection.server)
      absl::StrAppend(&text, " server ", connection.server->ToString());
    absl::StrAppend(&text, " by ", static_cast<int>(connection.evidence));
    for (const Conflict conflict : connection.conflicts)
      absl::StrAppend(&text, " conflict ", static_cast<int>(conflict));
    described.push_back(std::move(text));
  }
  std::sort(described.begin(), described.end());
  return described;
}

// Rows at few places and few four-tuples, so that all rules meet.
class AnyRowsTest : public RandomTest {
 protected:
  std::vector<Observation> SomeRows() {
    std::vector<Observation> rows(Below(12), Client());
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i] = WithCookie(SomeRow(), i + 1);
      if (OneIn(3)) {
        rows[i] = ByProgram(rows[i], absl::StrCat("p", Below(2)),
                            absl::FromUnixSeconds(Below(3)));
      }
    }
    return Representatives(rows);
  }

  Ownership SomeOwnership() {
    Ownership ownership;
    for (size_t i = Below(8); i > 0; --i)
      ownership.Owns(SomePlace(), AnyOf(kAddresses));
    return ownership;
  }

  std::vector<Observation> Shuffled(std::vector<Observation> rows) {
    for (size_t i = rows.size(); i > 1; --i)
      std::swap(rows[i - 1], rows[Below(i)]);
    return rows;
  }

 private:
  const std::vector<std::string> kAddresses = {"10.0.0.5", "10.0.0.9",
                                               "127.0.0.1", "fe80::1%eth0"};

  Place SomePlace() {
    return {.host = AnyOf(std::vector<std::string>{"h1", "h2", "h3"}),
            .netns = AnyOf(std::vector<std::string>{"", "1", "2"}),
            .network = OneIn(4) ? "other" : "default"};
  }

  FourTuple SomeTuple() {
    for (;;) {
      const absl::StatusOr<FourTuple> tuple =
          FourTuple::Create(SomeEndpoint(), SomeEndpoint());
      if (tuple.ok()) return *tuple;
    }
  }

  Endpoint SomeEndpoint() {
    return Endpoint::Create(Address(AnyOf(kAddresses)), OneIn(8) ? 6379 : 5432)
        .value();
  }

  Observation SomeRow() {
    Observation row = End(SomePlace(), SomeTuple());
    if (OneIn(5)) row = OverUdp(row);
    using enum RoleEvidence;
    const auto [role, evidence] =
        AnyOf(std::vector<std::pair<Role, RoleEvidence>>{
            {Role::kUnknown, kUnknown},
            {Role::kClient, kInitiated},
            {Role::kClient, kDeclared},
            {Role::kServer, kListener},
            {Role::kBoth, kSimultaneous}});
    row = WithRole(row, role, evidence);
    using enum ConnectionState;
    return InState(
        row, AnyOf(std::vector<ConnectionState>{
                 kSynSent, kEstablished, kFinWait2, kCloseWait, kLastAck}));
  }
};

constexpr int kRounds = 500;

TEST_F(AnyRowsTest, JoinToTheSameConnectionsInAnyOrder) {
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<Observation> rows = SomeRows();
    const Ownership ownership = SomeOwnership();

    ASSERT_EQ(Described(Joined(rows, ownership)),
              Described(Joined(Shuffled(rows), ownership)));
  }
}

TEST_F(AnyRowsTest, EachAppearInExactlyOneConnection) {
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<Observation> rows = SomeRows();
    std::vector<std::string> expected;
    for (const Observation& row : rows)
      expected.push_back(testing::PrintToString(row));
    std::vector<std::string> seen;
    for (const Connection& connection : Joined(rows, SomeOwnership())) {
      seen.push_back(testing::PrintToString(connection.first));
      if (connection.second)
        seen.push_back(testing::PrintToString(*connection.second));
    }

    ASSERT_THAT(seen, testing::UnorderedElementsAreArray(expected));
  }
}

TEST_F(AnyRowsTest, AreJoinedOnlyWithTheirMirrorWhereItCanBe) {
  size_t joined = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Ownership ownership = SomeOwnership();
    for (const Connection& connection : Joined(SomeRows(), ownership)) {
      const Observation& first = connection.first;
      const FourTuple& tuple = first.facts.tuple;
      ASSERT_EQ(connection.client.has_value(), connection.server.has_value());
      ASSERT_EQ(connection.one_sided.has_value(),
                !connection.second && !tuple.is_self());
      if (!connection.second) continue;
      ++joined;
      const Observation& second = *connection.second;
      ASSERT_EQ(tuple.Mirror(), second.facts.tuple);
      ASSERT_EQ(first.facts.socket.transport, second.facts.socket.transport);
      ASSERT_EQ(first.reporter().network, second.reporter().network);
      if (first.reporter().host == second.reporter().host) {
        if (tuple.is_host_local()) {
          ASSERT_EQ(first.facts.socket.netns, second.facts.socket.netns);
        }
        continue;
      }
      ASSERT_FALSE(tuple.is_host_local());
      for (const auto& [end, asker] :
           {std::pair(&first, &second), std::pair(&second, &first)}) {
        const std::vector<AddressOwner> owners =
            ownership(asker->reporter(), end->facts.tuple.local().address());
        ASSERT_FALSE(owners.empty());
        for (const AddressOwner& owner : owners)
          ASSERT_EQ(owner.host, end->reporter().host);
      }
    }
  }
  EXPECT_GT(joined, 0u);
}

}  // namespace
}  // namespace connreg
