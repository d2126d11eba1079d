#ifndef CONNREG_CLIENT_AGENT_NAMESPACE_LEDGER_H_
#define CONNREG_CLIENT_AGENT_NAMESPACE_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/agent/batch_room.h"
#include "client/agent/snapshot.h"
#include "service/model/address_owners.h"

namespace connreg {

// NamespaceLedger is the part of a Ledger that holds what is known of the
// network namespaces, beside their rows.
//
// Not thread-safe.
class NamespaceLedger {
 public:
  // Notes what a look has shown, and returns the names of those that are gone
  // with it. One that is missing for the first time is taken for one that could
  // not be looked into: its only process may have been replaced by another
  // while processes were looked through.
  std::set<std::string> Take(const Snapshot& snapshot);

  // Those of which the addresses are known.
  std::vector<NetworkNamespace> all() const;

  // A session begins. Returns those that count as told, as many as there is
  // room for.
  std::vector<NetworkNamespace> BeginSession(BatchRoom room);
  void EndSession();

  // Whether there is nothing to tell.
  bool is_told() const { return changed_.empty() && gone_.empty(); }
  // Appends what is gone and what is to be told, as far as there is room. Then
  // it counts as told.
  void Tell(BatchRoom& room, std::vector<std::string>* gone,
            std::vector<NetworkNamespace>* namespaces);

 private:
  struct Netns {
    // By which it is known again while it cannot be looked into.
    uint64_t inode = 0;
    // It was missing from the last look.
    bool was_missing = false;
    // Unset until they could be read.
    std::optional<NetworkNamespace> addresses;
    bool is_told = false;
  };

  void Note(const NetnsSnapshot& seen);

  // By name.
  std::map<std::string, Netns> namespaces_;
  bool in_session_ = false;
  std::set<std::string> changed_;
  std::set<std::string> gone_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NAMESPACE_LEDGER_H_
