#ifndef CONNREG_TESTS_UNIT_CORE_SESSION_FIXTURE_H_
#define CONNREG_TESTS_UNIT_CORE_SESSION_FIXTURE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "service/base/error.h"
#include "service/core/registry.h"
#include "service/model/report.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {

inline RowDigest DigestOfRows(
    const std::vector<ConnectionFacts>& connections,
    const std::vector<ListenerFacts>& listeners = {}) {
  RowDigest digest;
  for (const ConnectionFacts& facts : connections) digest.Add(DigestOf(facts));
  for (const ListenerFacts& facts : listeners) digest.Add(DigestOf(facts));
  return digest;
}

inline ConnectionName NameOf(const ConnectionFacts& facts) {
  return {facts.socket, facts.tuple, facts.device};
}
inline ListenerName NameOf(const ListenerFacts& facts) {
  return {facts.socket, facts.local, facts.device};
}

inline RowBatch Delta(std::vector<ConnectionFacts> connections) {
  RowBatch batch;
  batch.connections = std::move(connections);
  return batch;
}
inline RowBatch Gone(const ConnectionFacts& facts) {
  RowBatch batch;
  batch.gone_connections = {NameOf(facts)};
  return batch;
}
inline RowBatch Ended(const ConnectionFacts& facts) {
  RowBatch batch;
  batch.ended = {facts};
  return batch;
}
// A part of a snapshot; by default all of one.
inline RowBatch Snapshot(std::vector<ConnectionFacts> connections,
                         bool first = true, bool last = true) {
  RowBatch batch = Delta(std::move(connections));
  batch.kind = RowBatch::Kind::kSnapshot;
  batch.first = first;
  batch.last = last;
  return batch;
}

// The reason that a status carries.
template <typename Result>
std::string ReasonIn(const Result& result) {
  const std::optional<ErrorDetail> detail = DetailOf(result.status());
  return detail ? detail->reason : "";
}

// A registry that agents speak to in sessions.
class SessionFixture : public RegistryFixture {
 protected:
  using RegistryFixture::RegistryFixture;

  static SessionOpening OpeningOf(const Reporter& agent,
                                  const RowDigest& digest = {}) {
    return {.reporter = agent,
            .boot_id = "boot",
            .instance = "run",
            .version = "0.1.0",
            .ttl = kTtl,
            .digest = digest};
  }
  absl::StatusOr<SessionWelcome> TryOpen(const SessionOpening& opening) {
    superseded_.reset();
    return registry_.OpenSession(opening, &superseded_);
  }
  SessionWelcome Open(const SessionOpening& opening) {
    return TryOpen(opening).value();
  }
  SessionWelcome Open(const Reporter& agent, const RowDigest& digest = {}) {
    return Open(OpeningOf(agent, digest));
  }
  // A session of an agent that has said that `connections` are there.
  Epoch OpenWith(const Reporter& agent,
                 const std::vector<ConnectionFacts>& connections) {
    const SessionWelcome welcome = Open(agent, DigestOfRows(connections));
    if (welcome.snapshot_wanted) Say(welcome.epoch, Snapshot(connections));
    return welcome.epoch;
  }

  // Says `batch` with the next number.
  absl::StatusOr<Ack> TrySay(Epoch epoch, RowBatch batch) {
    batch.seq = ++seqs_[epoch];
    return registry_.Apply(epoch, batch);
  }
  Ack Say(Epoch epoch, RowBatch batch) {
    return TrySay(epoch, std::move(batch)).value();
  }
  absl::StatusOr<Ack> TryClaim(Epoch epoch, const RowDigest& digest) {
    return registry_.Apply(epoch, KeepAlive{.digest = digest});
  }
  Ack Claim(Epoch epoch, const RowDigest& digest) {
    return TryClaim(epoch, digest).value();
  }
  absl::StatusOr<Ack> KeepAliveOf(Epoch epoch) {
    return registry_.Apply(epoch, KeepAlive());
  }

  std::optional<HostState> StateOf(const std::string& host) {
    const std::vector<Host> hosts =
        Hosts({.scope = {.host = host}, .page_size = 1});
    if (hosts.empty()) return std::nullopt;
    return hosts[0].state;
  }
  uint64_t revision() { return registry_.GetStatus().coverage.revision; }

  // Of the last TryOpen().
  std::optional<Epoch> superseded_;
  std::map<Epoch, uint64_t> seqs_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_CORE_SESSION_FIXTURE_H_
