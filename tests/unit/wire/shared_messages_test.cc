#include "service/wire/shared_messages.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/arena.h"
#include "service/wire/answer.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using google::protobuf::Arena;
using testing::Ne;

Owners OwnersOf(int32_t pid) { return Owners::Known({WorkerProcess(pid)}); }

std::vector<v1::Socket*> ToldOf(const std::vector<Owners>& owners,
                                Arena* arena) {
  SharedMessages shared;
  std::vector<v1::Socket*> sockets;
  for (const Owners& each : owners) {
    sockets.push_back(Arena::CreateMessage<v1::Socket>(arena));
    shared.SetOwners(each, sockets.back());
  }
  return sockets;
}

TEST(SharedMessagesTest, CopiesOfOwnersAreOneMessage) {
  Arena arena;
  const Owners owners = OwnersOf(1);
  const auto sockets = ToldOf({owners, OwnersOf(2), owners}, &arena);
  EXPECT_EQ(&sockets[2]->owners(), &sockets[0]->owners());
  EXPECT_THAT(&sockets[1]->owners(), Ne(&sockets[0]->owners()));
}

TEST(SharedMessagesTest, TellsTheOwnersOfEachOfManySockets) {
  Arena arena;
  std::vector<Owners> owners;
  for (int32_t pid = 1; pid <= 10; ++pid) owners.push_back(OwnersOf(pid));
  for (size_t i = 0; i < 10; ++i) owners.push_back(Owners(owners[i]));
  const auto sockets = ToldOf(owners, &arena);
  for (size_t i = 0; i < owners.size(); ++i)
    EXPECT_EQ(sockets[i]->owners().processes(0).pid(), i % 10 + 1);
}

TEST(SharedMessagesTest, OwnersThatAreNotKnownKeepTheirReasons) {
  Arena arena;
  const auto sockets =
      ToldOf({Owners::Unknown(OwnerUnknownReason::kNoHolder), OwnersOf(1),
              Owners::Unknown(OwnerUnknownReason::kKernelOrphan)},
             &arena);
  EXPECT_EQ(sockets[0]->owners().unknown_reason(),
            v1::OWNER_UNKNOWN_REASON_NO_HOLDER);
  EXPECT_EQ(sockets[2]->owners().unknown_reason(),
            v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN);
}

TEST(SharedMessagesTest, RowsOfAReporterHaveOneMessageOfIt) {
  Arena arena;
  SharedMessages shared;
  const Provenance first = From("web-1");
  const Provenance other = From("web-2");
  auto* a = Arena::CreateMessage<v1::Provenance>(&arena);
  auto* b = Arena::CreateMessage<v1::Provenance>(&arena);
  auto* c = Arena::CreateMessage<v1::Provenance>(&arena);
  shared.SetReporter(*first.reporter, a);
  shared.SetReporter(*other.reporter, b);
  shared.SetReporter(*first.reporter, c);
  EXPECT_EQ(&c->reporter(), &a->reporter());
  EXPECT_EQ(b->reporter().host(), "web-2");
}

// Whoever reads the bytes cannot tell.
TEST(SharedMessagesTest, RowsOutsideAnArenaSayTheSame) {
  Arena arena;
  Observation row = Observed("db-1", FullConnection().tuple);
  row.facts = FullConnection();
  Connection connection = TwoSided(row, row);
  for (const bool mirrored : {false, true}) {
    connection.client = row.facts.tuple.local();
    connection.server = row.facts.tuple.remote();
    if (mirrored) std::swap(connection.client, connection.server);
    SharedMessages shared;
    auto* in_arena = Arena::CreateMessage<v1::Connection>(&arena);
    ToProto(connection, shared, in_arena);
    SharedMessages own;
    v1::Connection proto;
    ToProto(connection, own, &proto);
    EXPECT_EQ(in_arena->SerializeAsString(), proto.SerializeAsString());
    EXPECT_EQ(proto.derived().client().address(),
              connection.client->address().ToString());
  }
}

}  // namespace
}  // namespace connreg
