#ifndef CONNREG_CLIENT_AGENT_LEDGER_H_
#define CONNREG_CLIENT_AGENT_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "client/agent/ended_cookies.h"
#include "client/agent/namespace_ledger.h"
#include "client/agent/row_ledger.h"
#include "client/agent/snapshot.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/report.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

namespace connreg {

// Ledger holds what is there on a host, and what of that the registry was told
// in the session that goes on. State queues, not events: of a row that changes
// ten times before it can be told, only the last is.
//
// What is one socket in two looks, SameIncarnation() tells, as it does in the
// registry; what an earlier look found out and a later one may no longer see
// stays (see Succeed()). Rows of a table that could not be read stay, and so do
// those of a network namespace that is there and could not be looked into.
//
// It is as large as the sockets that are there and those that were told and are
// gone; of connections that ended before they were told it keeps a bounded
// number.
//
// Not thread-safe.
class Ledger {
 public:
  // All sockets were looked through. What events have told since the look
  // before holds, whatever the look shows: it may have read the socket earlier.
  void Take(Snapshot snapshot);
  // Whether they ever were. Before that it knows of nothing, not even that
  // there is nothing.
  bool has_looked() const { return has_looked_; }

  // A connection of the network namespace `netns` has another state now.
  void SetState(const std::string& netns, uint64_t cookie,
                ConnectionState state);
  // The socket with this cookie has ended. Whether it was known, or is known to
  // have ended.
  bool End(const std::string& netns, uint64_t cookie);
  // Whether a look has shown a connection with this cookie, and it is there.
  bool HasConnection(const std::string& netns, uint64_t cookie) const {
    return connections_.Has(netns, cookie);
  }
  // What is left of the connection has another cookie from now on. A look that
  // shows this one read it before.
  void NoteReplaced(const std::string& netns, uint64_t cookie);
  // A connection that was never seen has ended. Its owners say so.
  void AddEnded(ConnectionFacts facts);

  // Of all rows that are there and are not refused.
  RowDigest digest() const;
  // What is known of the network namespaces, and what is not seen.
  std::vector<NetworkNamespace> namespaces() const { return namespaces_.all(); }
  const std::vector<CoverageGap>& gaps() const { return gaps_; }

  // A session begins, with the digest and the gaps of this moment and the
  // network namespaces that are returned: as many as one message takes. All
  // that is so counts as told.
  std::vector<NetworkNamespace> BeginSession();
  // All rows are to be told again in this session.
  void BeginSnapshot();
  // Without a session nothing waits to be told but what has ended.
  void EndSession();

  // What is to be told next, with at most `max_rows` rows in about `max_bytes`;
  // of what has ended first. It counts as told. Nothing if there is no session,
  // or nothing to tell.
  std::optional<RowBatch> NextBatch(size_t max_rows, size_t max_bytes);
  // Of the rows that the registry has if it has applied all batches and has
  // refused nothing else: that of digest() once they are in step. Unset while
  // that is not known: without a session, amid a snapshot, and until a row is
  // named of which a version was taken and a later one refused.
  std::optional<RowDigest> told_digest() const;
  // Whether NextBatch() has nothing to tell, and no snapshot is open.
  bool in_step() const;

  // Rows of the batch `seq` that the registry did not take: they do not count
  // in the digest, and are told again if they change, or after OfferAgain().
  void NoteRefused(uint64_t seq, const std::vector<ListenerFacts>& listeners,
                   const std::vector<ConnectionFacts>& connections);
  void OfferAgain();
  // Connections that had ended, of a batch that may be lost.
  void TellEndedAgain(std::vector<ConnectionFacts> ended);

  size_t listener_count() const { return listeners_.size(); }
  size_t connection_count() const { return connections_.size(); }
  // Ended connections that are yet to be told.
  size_t ended_count() const { return ended_.size(); }
  // Ended connections that were dropped since there were too many.
  size_t dropped_ended() const { return dropped_ended_; }

 private:
  void BoundEnded();

  bool has_looked_ = false;
  EndedCookies ended_cookies_;
  NamespaceLedger namespaces_;
  RowLedger<ListenerFacts> listeners_{ended_cookies_};
  RowLedger<ConnectionFacts> connections_{ended_cookies_};
  std::vector<CoverageGap> gaps_;
  // Never seen, and yet to be told.
  std::deque<ConnectionFacts> ended_;
  size_t dropped_ended_ = 0;

  bool in_session_ = false;
  uint64_t last_seq_ = 0;
  bool gaps_changed_ = false;
  enum class SnapshotPart : uint8_t { kNone, kFirst, kNext };
  SnapshotPart snapshot_part_ = SnapshotPart::kNone;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_LEDGER_H_
