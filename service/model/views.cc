#include "service/model/views.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg {
namespace {

// Where a row's socket is, without its network namespace.
auto Place(const Observation& row) {
  return std::tie(row.facts.tuple, row.facts.socket.transport,
                  row.reporter().network, row.reporter().host);
}
auto Place(const Listener& row) {
  return std::tie(row.facts.local, row.facts.socket.transport, row.facts.device,
                  row.reporter().network, row.reporter().host);
}

bool NetnsMayBeEqual(const Socket& a, const Socket& b) {
  return a.netns == b.netns || a.netns.empty() || b.netns.empty();
}

// A reporter tells its own sockets of two interfaces apart; another may not
// know that there is an interface to tell.
bool DeviceMayBeEqual(const ConnectionFacts& a, const Reporter& a_reporter,
                      const ConnectionFacts& b, const Reporter& b_reporter) {
  return a.device == b.device ||
         ((a.device.empty() || b.device.empty()) && a_reporter != b_reporter);
}

// A connection's place holds one live socket for each interface, whatever its
// cookie: rows of another incarnation there are a reporter's that has not
// caught up.
bool SameSocket(const Observation& a, const Observation& b) {
  return NetnsMayBeEqual(a.facts.socket, b.facts.socket) &&
         DeviceMayBeEqual(a.facts, a.reporter(), b.facts, b.reporter());
}

// A listener's place may hold several sockets, and a reporter tells its own
// apart; rows of two reporters are of one socket unless they say otherwise.
bool SameSocket(const Listener& a, const Listener& b) {
  return a.reporter() != b.reporter() &&
         NetnsMayBeEqual(a.facts.socket, b.facts.socket) &&
         SameIncarnation(a.facts.socket, b.facts.socket);
}

// Whether a row leaves open which of the sockets at its place it is of. It
// would pass for each of them, and must not represent two.
bool IsVague(const Observation&) { return false; }
bool IsVague(const Listener& row) {
  return row.facts.socket.cookie == 0 && row.facts.socket.inode == 0;
}

// Orders views of one socket, the one that represents it first. The last two
// make it total, so that the choice does not depend on the rows' order.
template <typename Row>
auto Precedence(const Row& row) {
  return std::make_tuple(
      row.reporter().kind != ReporterKind::kAgent,
      row.facts.socket.netns.empty(), IsVague(row),
      absl::ToInt64Nanoseconds(absl::UnixEpoch() - row.provenance.changed),
      absl::string_view(row.reporter().name), row.facts.socket.cookie);
}

// Whether there are a few rows, and each has a place of its own.
template <typename Row>
bool AreFewApart(const std::vector<Row>& rows) {
  constexpr size_t kFew = 4;
  if (rows.size() > kFew) return false;
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (Place(rows[i]) == Place(rows[j])) return false;
  return true;
}

template <typename Row>
std::vector<Row> Represent(std::vector<Row> rows) {
  // Nearly always, and then nothing needs to be put in order.
  if (AreFewApart(rows)) return rows;
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (Place(rows[a]) != Place(rows[b]))
      return Place(rows[a]) < Place(rows[b]);
    return Precedence(rows[a]) < Precedence(rows[b]);
  });

  std::vector<bool> represents(rows.size(), false);
  std::vector<size_t> at_place;
  for (const size_t i : order) {
    if (!at_place.empty() && Place(rows[at_place[0]]) != Place(rows[i]))
      at_place.clear();
    const bool is_view = std::any_of(
        at_place.begin(), at_place.end(),
        [&](size_t other) { return SameSocket(rows[other], rows[i]); });
    if (is_view) continue;
    at_place.push_back(i);
    represents[i] = true;
  }

  std::vector<Row> result;
  for (size_t i = 0; i < rows.size(); ++i)
    if (represents[i]) result.push_back(std::move(rows[i]));
  return result;
}

}  // namespace

std::vector<Observation> Representatives(std::vector<Observation> rows) {
  return Represent(std::move(rows));
}

std::vector<Listener> Representatives(std::vector<Listener> rows) {
  return Represent(std::move(rows));
}

bool AreViews(const ConnectionFacts& a, const Reporter& a_reporter,
              const ConnectionFacts& b, const Reporter& b_reporter) {
  return a.tuple == b.tuple && a.socket.transport == b.socket.transport &&
         DeviceMayBeEqual(a, a_reporter, b, b_reporter) &&
         a_reporter.host == b_reporter.host &&
         a_reporter.network == b_reporter.network &&
         NetnsMayBeEqual(a.socket, b.socket) &&
         SameIncarnation(a.socket, b.socket);
}

}  // namespace connreg
