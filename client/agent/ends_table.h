#ifndef CONNREG_CLIENT_AGENT_ENDS_TABLE_H_
#define CONNREG_CLIENT_AGENT_ENDS_TABLE_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/agent/files.h"
#include "client/agent/kernel.h"
#include "client/agent/netns_table.h"
#include "client/agent/socket_ends.h"

namespace connreg {

// EndsTable has a SocketEnds for each network namespace that the last look
// found and whose ends are heard.
//
// These keep a namespace from ending. So they are let go as soon as the process
// ends by which the look found the namespace; the next look finds out whether
// others are in there. One that was found by its name alone lives on until a
// look does not find it.
//
// Not thread-safe.
class EndsTable {
 public:
  struct Held {
    std::unique_ptr<SocketEnds> ends;
    // Of the process by which it was found (pidfd_open(2)); -1: of none.
    Descriptor holder;
  };
  // By the namespace's name.
  using Map = std::map<std::string, Held>;

  // What one look finds. It may be filled on another thread than the table's.
  class Search {
   public:
    // The look is in the network namespace `netns`, which was `found` so and
    // which `kernel` shows, and is about to read its sockets. Returns why its
    // ends are not heard, if so; the next look tries again.
    absl::Status NoteNetns(const std::string& netns, const FoundNetns& found,
                           const Kernel& kernel);

   private:
    friend class EndsTable;

    // Those that the table has; those of them that were found.
    std::set<std::string> known_;
    std::set<std::string> found_;
    Map new_;
  };

  EndsTable();

  Search Begin() const;
  // Takes up what the look has found, and lets go of the others.
  void Take(Search search);

  // Readable when one of them has news, or is to be let go.
  int descriptor() const { return epoll_.get(); }
  // Lets go of those whose process has ended. Whether there were any, of which
  // only a look tells whether the namespace is still there.
  bool LetGo();
  // Those that have.
  std::vector<const Map::value_type*> WithNews() const;

  // The one of `netns`; null if there is none.
  SocketEnds* Find(const std::string& netns) const;

 private:
  void Await(const Map::value_type& entry);

  // An epoll(7) over the descriptors of all and over `holders_`, which is one
  // over their processes.
  const Descriptor epoll_;
  const Descriptor holders_;
  Map open_;
  // Those that it could not be asked to wait for.
  std::set<const Map::value_type*> unawaited_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ENDS_TABLE_H_
