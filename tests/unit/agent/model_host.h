#ifndef CONNREG_TESTS_UNIT_AGENT_MODEL_HOST_H_
#define CONNREG_TESTS_UNIT_AGENT_MODEL_HOST_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "client/agent/ledger.h"
#include "client/agent/snapshot.h"
#include "service/model/socket.h"

namespace connreg {

// A host with few places for sockets, so that they are used again and again,
// in three network namespaces: "1" is always there; "2" shows inodes and no
// cookies, as /proc does; "3" comes and goes.
class ModelHost {
 public:
  // A number from 0 to its argument - 1.
  using Below = std::function<size_t(size_t)>;

  explicit ModelHost(Below below) : below_(std::move(below)) {}

  // Something happens. Its events wait to be read.
  void Change();
  // All there is; or, if it is not `complete`, perhaps without a table or a
  // namespace.
  Snapshot Look(bool complete) const;
  // Tells `ledger` the events that wait.
  void TellEvents(Ledger& ledger);

  const std::vector<ListenerFacts>& listeners() const { return listeners_; }
  const std::vector<ConnectionFacts>& connections() const {
    return connections_;
  }
  // The cookies of connections that ended before the ledger knew of them.
  const std::set<uint64_t>& ended_unseen() const { return ended_unseen_; }

 private:
  using Event = std::function<void(Ledger&)>;

  bool OneIn(size_t times) const { return below_(times) == 0; }
  Socket NewSocket();
  void Listen();
  void Connect();
  void CloseListener();
  void CloseConnection();
  void ChangeConnection();
  void ComeAndGo();
  void ComeAndGoUnseen();

  const Below below_;
  uint64_t last_cookie_ = 0;
  bool has_third_ = false;
  std::vector<ListenerFacts> listeners_;
  std::vector<ConnectionFacts> connections_;
  std::vector<Event> events_;
  std::set<uint64_t> ended_unseen_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_MODEL_HOST_H_
