#include "service/core/row_store.h"

#include <limits>

namespace connreg {

uint32_t RowStore::Add(uint64_t hash, const ConnectionFacts& facts,
                       SharedFactsPtr shared) {
  const FourTuple& tuple = facts.tuple;
  Row row;
  row.cookie = facts.socket.cookie;
  row.shared = std::move(shared);
  row.local_port = tuple.local().port();
  row.remote_port = tuple.remote().port();
  row.low = LowOf(hash);
  row.state = facts.state;
  row.is_wide = IsWide(facts);
  if (row.is_wide) {
    row.local_address = wide_.Add({tuple, facts.socket.inode});
  } else {
    row.local_address = tuple.local().address().v4();
    row.remote_address = tuple.remote().address().v4();
    row.inode = static_cast<uint32_t>(facts.socket.inode);
  }
  return rows_.Add(std::move(row));
}

void RowStore::Remove(uint32_t place) {
  if (rows_[place].is_wide) wide_.Remove(rows_[place].local_address);
  rows_.Remove(place);
}

void RowStore::SetFacts(uint32_t place, const ConnectionFacts& facts,
                        SharedFactsPtr shared) {
  Row& row = rows_[place];
  row.cookie = facts.socket.cookie;
  row.state = facts.state;
  row.shared = std::move(shared);
  if (!row.is_wide && IsWide(facts)) {
    row.is_wide = true;
    row.local_address = wide_.Add({facts.tuple, facts.socket.inode});
  }
  if (row.is_wide)
    wide_[row.local_address].inode = facts.socket.inode;
  else
    row.inode = static_cast<uint32_t>(facts.socket.inode);
}

FourTuple RowStore::TupleOf(const Row& row) const {
  if (row.is_wide) return wide_[row.local_address].tuple;
  return FourTuple::Of(
      Endpoint::Of(IpAddress::V4(row.local_address), row.local_port),
      Endpoint::Of(IpAddress::V4(row.remote_address), row.remote_port));
}

ConnectionFacts RowStore::FactsOf(const Row& row) const {
  const SharedFacts& shared = *row.shared;
  return {.socket = {.netns = shared.netns,
                     .transport = shared.transport,
                     .family = shared.family,
                     .cookie = row.cookie,
                     .inode = InodeOf(row),
                     .uid = shared.uid,
                     .owners = shared.owners},
          .tuple = TupleOf(row),
          .state = row.state,
          .role = shared.role,
          .evidence = shared.evidence,
          .listener_cookie = shared.listener_cookie,
          .device = shared.device};
}

Observation RowStore::ObservationOf(const Row& row) const {
  return {.facts = FactsOf(row),
          .provenance = {.reporter = ReporterOf(row.lease()),
                         .first_seen = absl::FromUnixNanos(row.first_seen),
                         .changed = absl::FromUnixNanos(row.changed),
                         .revision = row.revision,
                         .stale_since = row.lease()->stale_since(row.mark)},
          .closure = {}};
}

bool RowStore::IsWide(const ConnectionFacts& facts) {
  return !facts.tuple.local().address().is_v4() ||
         facts.socket.inode > std::numeric_limits<uint32_t>::max();
}

}  // namespace connreg
