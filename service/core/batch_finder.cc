#include "service/core/batch_finder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "service/base/prefetch.h"
#include "service/core/row_store.h"
#include "service/core/shared_facts.h"
#include "service/model/joined_roles.h"
#include "service/model/mirror_fit.h"
#include "service/model/nat.h"

namespace connreg {
namespace {

// A live row, as far as a batch needs it.
struct BriefRow {
  SharedFactsPtr shared;
  uint64_t cookie;
  ConnectionState state;

  const Reporter& reporter() const { return shared->lease->reporter; }
};

constexpr uint32_t kNoRow = UINT32_MAX;

// The rows that a question found.
struct Sides {
  // The places of the row that has the four-tuple itself, and of the one that
  // has its mirror.
  uint32_t own = kNoRow;
  uint32_t mirror = kNoRow;
  // Where the owners of the addresses stand that they lack: of the other end of
  // a row that is alone, or of both.
  uint32_t owners = 0;
  // There are more rows than these.
  bool more = false;

  bool is_one() const { return (own == kNoRow) != (mirror == kNoRow); }
};

BriefEnd EndOf(const BriefRow& row) {
  return {.reporter = &row.reporter(),
          .netns = row.shared->netns,
          .owners = &row.shared->owners,
          .state = row.state,
          .cookie = row.cookie};
}

EndRole RoleOf(const BriefRow& row) {
  return {row.shared->role, row.shared->evidence};
}

TupleOrder OrderOf(const JoinedRoles& roles, bool first_is_own) {
  if (!roles.first_is_client) return TupleOrder::kUnknown;
  return *roles.first_is_client == first_is_own ? TupleOrder::kAsAsked
                                                : TupleOrder::kReversed;
}

// Batch is the work on one question. Used once.
class Batch {
 public:
  Batch(const BatchLookupQuestion& question, const ConnectionTable& connections,
        const HostDirectory& hosts)
      : question_(question),
        connections_(connections),
        hosts_(hosts),
        sides_(question.tuples.size()),
        rows_(std::make_shared<std::vector<BriefRow>>()) {}

  // Puts into `answer` what each subject found, and returns the places of those
  // that did not find a brief connection.
  std::vector<size_t> Find(BatchLookupAnswer* answer) {
    CollectRows();
    // For whoever reads the answer: there is work to do until then.
    for (const BriefRow& row : *rows_) Prefetch(row.shared->owners.identity());
    AskForOwners();
    answer->kept = rows_;
    answer->found.resize(sides_.size());
    std::vector<size_t> others;
    for (size_t i = 0; i < sides_.size(); ++i) {
      auto& found = std::get<BriefConnection>(answer->found[i]);
      if (!IsOrdinary(i, sides_[i]) || !Tell(sides_[i], &found))
        others.push_back(i);
    }
    return others;
  }

 private:
  const BriefRow& Row(uint32_t place) const { return (*rows_)[place]; }
  const FourTuple& TupleOf(size_t i) const { return question_.tuples[i]; }

  void CollectRows() {
    rows_->reserve(2 * sides_.size());
    connections_.FindEach(
        question_.tuples, question_.host,
        [&](size_t place, const RowView& row) {
          Sides& sides = sides_[place];
          uint32_t& side = row.has_mirror() ? sides.mirror : sides.own;
          if (side != kNoRow) {
            sides.more = true;
            return;
          }
          side = static_cast<uint32_t>(rows_->size());
          rows_->push_back({row.shared_ptr(), row.cookie(), row.state()});
        });
  }

  void AskForOwners() {
    std::vector<OwnersQuestion> questions;
    questions.reserve(sides_.size());
    for (size_t i = 0; i < sides_.size(); ++i) {
      Sides& sides = sides_[i];
      sides.owners = static_cast<uint32_t>(questions.size());
      const FourTuple& tuple = TupleOf(i);
      const bool on_one_host =
          sides.own != kNoRow && sides.mirror != kNoRow &&
          Row(sides.own).reporter().host == Row(sides.mirror).reporter().host;
      if (on_one_host) continue;
      if (sides.own != kNoRow)
        questions.push_back(
            {&Row(sides.own).reporter(), tuple.remote().address()});
      if (sides.mirror != kNoRow)
        questions.push_back(
            {&Row(sides.mirror).reporter(), tuple.local().address()});
    }
    owners_ = hosts_.Owners(questions);
  }

  // Whether what `sides` are may be told briefly.
  bool IsOrdinary(size_t i, const Sides& sides) const {
    if (sides.more || (sides.own == kNoRow && sides.mirror == kNoRow))
      return false;
    if (TupleOf(i).is_self() || TupleOf(i).is_host_local()) return false;
    const auto is_asked_for = [&](uint32_t place) {
      return place == kNoRow || IsAskedFor(i, Row(place));
    };
    if (!is_asked_for(sides.own) || !is_asked_for(sides.mirror)) return false;
    if (!IsOfHost(sides)) return false;
    if (sides.is_one()) return true;
    const BriefRow& own = Row(sides.own);
    const BriefRow& mirror = Row(sides.mirror);
    return own.shared->transport == mirror.shared->transport &&
           own.reporter().network == mirror.reporter().network;
  }

  bool IsAskedFor(size_t i, const BriefRow& row) const {
    const std::optional<Transport> transport = question_.TransportOf(i);
    return (!transport || row.shared->transport == *transport) &&
           (question_.network.empty() ||
            row.reporter().network == question_.network);
  }

  bool IsOfHost(const Sides& sides) const {
    const auto is_of_host = [&](uint32_t place) {
      return place != kNoRow && Row(place).reporter().host == question_.host;
    };
    return question_.host.empty() || is_of_host(sides.own) ||
           is_of_host(sides.mirror);
  }

  // False if that cannot be told briefly after all.
  bool Tell(const Sides& sides, BriefConnection* found) const {
    return sides.is_one() ? TellOneSided(sides, found)
                          : TellTwoSided(sides, found);
  }

  bool TellOneSided(const Sides& sides, BriefConnection* found) const {
    const bool is_own = sides.own != kNoRow;
    const BriefRow& row = Row(is_own ? sides.own : sides.mirror);
    const OneSidedReason reason = MissingEndReason(owners_[sides.owners]);
    if (MayBeTranslated(reason, row.shared->role)) return false;
    const JoinedRoles roles = JoinRoles(RoleOf(row), std::nullopt);
    found->order = OrderOf(roles, is_own);
    found->evidence = roles.evidence;
    found->one_sided = reason;
    (is_own ? found->client : found->server) = EndOf(row);
    return true;
  }

  bool TellTwoSided(const Sides& sides, BriefConnection* found) const {
    const BriefRow& own = Row(sides.own);
    const BriefRow& mirror = Row(sides.mirror);
    if (!AreEndsOfOne(sides, own, mirror)) return false;
    // A client comes first, and a server last.
    const bool own_is_first = own.shared->role == Role::kClient ||
                              mirror.shared->role == Role::kServer;
    const JoinedRoles roles = own_is_first
                                  ? JoinRoles(RoleOf(own), RoleOf(mirror))
                                  : JoinRoles(RoleOf(mirror), RoleOf(own));
    found->client = EndOf(own);
    found->server = EndOf(mirror);
    found->order = OrderOf(roles, own_is_first);
    found->evidence = roles.evidence;
    return true;
  }

  bool AreEndsOfOne(const Sides& sides, const BriefRow& own,
                    const BriefRow& mirror) const {
    const Reporter& a = own.reporter();
    const Reporter& b = mirror.reporter();
    if (a.host == b.host) return true;
    const MirrorFit fit =
        std::max(FitByOwners(a.host, b.host, mirror.shared->netns,
                             owners_[sides.owners]),
                 FitByOwners(b.host, a.host, own.shared->netns,
                             owners_[sides.owners + 1]));
    return fit == MirrorFit::kOtherHost;
  }

  const BatchLookupQuestion& question_;
  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
  std::vector<Sides> sides_;
  const std::shared_ptr<std::vector<BriefRow>> rows_;
  std::vector<std::vector<AddressOwner>> owners_;
};

}  // namespace

BatchLookupAnswer BatchFinder::Find(const BatchLookupQuestion& question,
                                    bool syncing) const {
  BatchLookupAnswer answer;
  const std::vector<size_t> others =
      Batch(question, connections_, hosts_).Find(&answer);
  if (others.empty()) return answer;
  std::vector<LookupQuestion> questions;
  questions.reserve(others.size());
  for (const size_t place : others) {
    questions.push_back({question.tuples[place],
                         {.network = question.network,
                          .host = question.host,
                          .transport = question.TransportOf(place)}});
  }
  std::vector<LookupFinding> found = finder_.FindEach(questions, syncing);
  for (size_t i = 0; i < others.size(); ++i)
    answer.found[others[i]] = std::move(found[i]);
  return answer;
}

}  // namespace connreg
