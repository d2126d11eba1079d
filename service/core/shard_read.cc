// What a shard is asked; shard.cc has what changes it.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "service/core/shard.h"

namespace connreg {
namespace {

bool Has(const FourTuple& tuple, const Endpoint& endpoint) {
  return tuple.local() == endpoint || tuple.remote() == endpoint;
}

bool Matches(const GroupFilter& filter, const Reporter& reporter,
             Transport transport, const FourTuple& tuple) {
  const Scope& scope = filter.scope;
  return (scope.network.empty() || reporter.network == scope.network) &&
         (scope.host.empty() || reporter.host == scope.host) &&
         (!scope.transport || transport == *scope.transport) &&
         (!filter.endpoint || Has(tuple, *filter.endpoint)) &&
         (!filter.tuple || tuple.Canonical() == filter.tuple->Canonical());
}

// PackedPrefix is a prefix made ready to be compared with the ends of very many
// rows.
class PackedPrefix {
 public:
  explicit PackedPrefix(const Prefix& prefix)
      : is_v4_(prefix.address().is_v4()) {
    if (!is_v4_) return;
    address_ = prefix.address().v4();
    // No shift takes all bits away.
    mask_ = prefix.length() == 0 ? 0 : ~uint32_t{0} << (32 - prefix.length());
  }

  // False only if neither end of the row is in the prefix.
  bool MayHaveAnEndOf(const Row& row) const {
    if (row.is_wide) return true;
    return is_v4_ && ((row.local_address & mask_) == address_ ||
                      (row.remote_address & mask_) == address_);
  }

 private:
  const bool is_v4_;
  uint32_t address_ = 0;
  uint32_t mask_ = 0;
};

// The lowest of some endpoints, not below the first.
class Lowest {
 public:
  Lowest(const Endpoint& first, size_t limit) : first_(first), limit_(limit) {}

  bool MayTake(const Endpoint& endpoint) const {
    return first_ <= endpoint &&
           (endpoints_.size() < limit_ || endpoint < *endpoints_.rbegin());
  }
  void Add(const Endpoint& endpoint) {
    if (!MayTake(endpoint)) return;
    endpoints_.insert(endpoint);
    if (endpoints_.size() > limit_)
      endpoints_.erase(std::prev(endpoints_.end()));
  }
  std::set<Endpoint> endpoints() && { return std::move(endpoints_); }

 private:
  const Endpoint first_;
  const size_t limit_;
  std::set<Endpoint> endpoints_;
};

}  // namespace

RowGroup Shard::Find(uint64_t hash) const {
  RowGroup group{.hash = hash};
  ReaderLock lock(mutex_);
  if (const auto* const entry = rows_.Seek(FragmentOf(hash)))
    rows_.PrefetchShared(*entry);
  for (const uint32_t place : rows_.Group(hash))
    group.rows.push_back(rows_.rows().ObservationOf(rows_[place]));
  group.closed = closed_.Find(hash);
  return group;
}

void Shard::FindEach(absl::Span<const Question> questions,
                     absl::Span<const FourTuple> tuples, VisitRow visit) const {
  ReaderLock lock(mutex_);
  for (; !questions.empty();
       questions.remove_prefix(std::min(kAtOnce, questions.size())))
    FindTheseLocked(questions.subspan(0, kAtOnce), tuples, visit);
}

void Shard::FindTheseLocked(absl::Span<const Question> questions,
                            absl::Span<const FourTuple> tuples,
                            VisitRow visit) const {
  std::array<const HashIndex::Entry*, kAtOnce> entries;
  for (const Question& question : questions)
    rows_.PrefetchEntry(FragmentOf(question.hash));
  for (size_t i = 0; i < questions.size(); ++i)
    entries[i] = rows_.Seek(FragmentOf(questions[i].hash));
  for (size_t i = 0; i < questions.size(); ++i)
    if (entries[i] != nullptr) rows_.PrefetchShared(*entries[i]);
  const RowStore& rows = rows_.rows();
  for (size_t i = 0; i < questions.size(); ++i) {
    const PackedTuple tuple(tuples[questions[i].place]);
    for (const HashIndex::Entry* entry = entries[i]; entry != nullptr;
         entry = HashIndex::NextOfFragment(entry)) {
      for (uint32_t place = entry->value; place != Row::kNone;
           place = rows[place].next) {
        const Row& row = rows[place];
        const bool has = rows.Has(row, tuple);
        if (has || rows.HasMirror(row, tuple))
          visit(questions[i].place, RowView(rows, row, /*has_mirror=*/!has));
      }
    }
  }
}

void Shard::PrefetchEnd(uint32_t tag, Step step) const {
  ReaderLock lock(mutex_);
  rows_.PrefetchEnd(tag, step);
}

void Shard::Scan(const GroupFilter& filter, std::optional<uint64_t> after,
                 size_t limit, std::vector<RowGroup>* groups) const {
  ReaderLock lock(mutex_);
  while (groups->size() < limit) {
    const size_t wanted = std::min(kAtOnce, limit - groups->size());
    const Hashes hashes = NextLocked(filter, after, wanted);
    for (const uint64_t hash : hashes) {
      if (std::optional<RowGroup> group = GroupLocked(filter, hash))
        groups->push_back(*std::move(group));
    }
    if (hashes.size() < wanted) return;
    after = hashes.back();
  }
}

void Shard::AddEndpoints(const EndpointQuery& query, const Endpoint& first,
                         size_t limit, std::set<Endpoint>* endpoints) const {
  ReaderLock lock(mutex_);
  if (!query.scope.host.empty())
    endpoints->merge(EndpointsOfHostLocked(query, first, limit));
  else if (query.prefix)
    endpoints->merge(EndpointsInPrefixLocked(*query.prefix, first, limit));
}

std::set<Endpoint> Shard::EndpointsOfHostLocked(const EndpointQuery& query,
                                                const Endpoint& first,
                                                size_t limit) const {
  const std::string& host = query.scope.host;
  const uint32_t tag = shared_.hash.FirstTagOf(host);
  Lowest lowest(first, limit);
  std::optional<uint64_t> after;
  Hashes hashes;
  do {
    hashes = rows_.NextOfLeases(tag, RowHash::kTagsOfHost, after, kAtOnce);
    for (const uint64_t hash : hashes) {
      for (const uint32_t place : rows_.Group(hash)) {
        const FourTuple tuple = rows_.rows().TupleOf(rows_[place]);
        const IpAddress& address = tuple.local().address();
        if (rows_[place].reporter().host == host &&
            (!query.prefix || query.prefix->ContainsInAnyZone(address)))
          lowest.Add(tuple.local());
      }
      after = hash;
    }
  } while (hashes.size() == kAtOnce);
  return std::move(lowest).endpoints();
}

std::set<Endpoint> Shard::EndpointsInPrefixLocked(const Prefix& prefix,
                                                  const Endpoint& first,
                                                  size_t limit) const {
  const RowStore& rows = rows_.rows();
  const PackedPrefix packed(prefix);
  Lowest lowest(first, limit);
  rows.VisitAll([&](const Row& row) {
    if (!packed.MayHaveAnEndOf(row)) return;
    const FourTuple tuple = rows.TupleOf(row);
    for (const Endpoint& end : {tuple.local(), tuple.remote()}) {
      if (!lowest.MayTake(end) || end.address().is_host_local() ||
          !prefix.ContainsInAnyZone(end.address()))
        continue;
      lowest.Add(end);
    }
  });
  return std::move(lowest).endpoints();
}

size_t Shard::size() const {
  ReaderLock lock(mutex_);
  return rows_.size();
}

size_t Shard::closed_size() const {
  ReaderLock lock(mutex_);
  return closed_.size();
}

Shard::Hashes Shard::NextLiveLocked(const GroupFilter& filter,
                                    std::optional<uint64_t> after,
                                    size_t limit) const {
  if (filter.endpoint)
    return rows_.NextOfEnd(shared_.hash.TagOf(*filter.endpoint), after, limit);
  const std::string& host = filter.scope.host;
  if (host.empty()) return rows_.Next(after, limit);
  return rows_.NextOfLeases(shared_.hash.FirstTagOf(host), RowHash::kTagsOfHost,
                            after, limit);
}

Shard::Hashes Shard::NextLocked(const GroupFilter& filter,
                                std::optional<uint64_t> after,
                                size_t limit) const {
  Hashes hashes = NextLiveLocked(filter, after, limit);
  if (!filter.closed) return hashes;
  for (size_t i = 0; i < limit; ++i) {
    after = closed_.Next(filter.endpoint, filter.scope.host, after);
    if (!after) break;
    hashes.push_back(*after);
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  hashes.resize(std::min(limit, hashes.size()));
  return hashes;
}

std::optional<RowGroup> Shard::GroupLocked(const GroupFilter& filter,
                                           uint64_t hash) const {
  const RowStore& rows = rows_.rows();
  RowGroup group{.hash = hash};
  const Places places = rows_.Group(hash);
  bool matches = std::any_of(places.begin(), places.end(), [&](uint32_t place) {
    const Row& row = rows[place];
    return Matches(filter, row.reporter(), row.shared->transport,
                   rows.TupleOf(row));
  });
  if (matches || filter.closed) {
    group.rows.reserve(places.size());
    for (const uint32_t place : places)
      group.rows.push_back(rows.ObservationOf(rows[place]));
  }
  if (filter.closed) {
    group.closed = closed_.Find(hash);
    matches |= std::any_of(
        group.closed.begin(), group.closed.end(), [&](const Observation& row) {
          return Matches(filter, row.reporter(), row.facts.socket.transport,
                         row.facts.tuple);
        });
  }
  if (!matches) return std::nullopt;
  return group;
}

}  // namespace connreg
