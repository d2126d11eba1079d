#ifndef CONNREG_CLIENT_AGENT_END_READER_H_
#define CONNREG_CLIENT_AGENT_END_READER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/agent/ends_table.h"
#include "client/agent/ledger.h"
#include "client/agent/remainders.h"
#include "client/agent/snapshot.h"
#include "client/agent/sock_diag.h"
#include "client/agent/socket_ends.h"
#include "service/base/clock.h"

namespace connreg {

// EndReader tells the ledger which sockets have ended, as soon as the kernel
// says so.
//
// What that says of a TCP connection is a question: the kernel gives up the
// socket of one that its process has closed also while the other side may still
// send, and keeps a remainder in FIN-WAIT-2. So the kernel is asked what is
// left, and of a remainder again and again until it is gone. A connection in
// TIME-WAIT has ended.
//
// It reads on while a look is under way: what has ended by then the ledger does
// not take for alive if that look still shows it.
//
// Not thread-safe.
class EndReader {
 public:
  // All are to outlive it.
  EndReader(EndsTable& table, Ledger& ledger, const Clock& clock)
      : table_(table), ledger_(ledger), clock_(clock) {}

  // The ledger takes `snapshot`: what it shows of remainders is to be asked
  // for, too.
  void Note(const Snapshot& snapshot);

  // Reads what there is, and asks what is due. Whether sockets may have ended
  // unheard, so that only a look can tell.
  bool Read();

  // How long until something is to be asked; nothing: not before something is
  // heard.
  std::optional<absl::Duration> WaitForQuestion() const;

 private:
  // Of the network namespace `netns`. As Read().
  bool ReadNews(const std::string& netns, SocketEnds& ends);
  bool AskAgain();
  // `socket` ended, as was said; this is what is `left` of it.
  void Settle(const std::string& netns, const SocketEnds& ends,
              const EndedSocket& ended, const std::optional<DiagSocket>& left);
  // Whether `left`, which has its tuple, is not another, later socket.
  bool IsLeftOf(const std::string& netns, const EndedSocket& ended,
                const DiagSocket& left) const;
  void End(const std::string& netns, const SocketEnds& ends,
           const EndedSocket& ended);

  EndsTable& table_;
  Ledger& ledger_;
  const Clock& clock_;
  Remainders remainders_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_END_READER_H_
