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
#include "client/agent/socket_ends.h"

namespace connreg {

// EndsTable has a SocketEnds for each network namespace that the last look
// found and whose ends are heard.
//
// These keep a namespace from ending. So one that nobody else uses any more
// lives on until the next look, which does not find it, since it looks for
// processes and names; then it is let go.
//
// Not thread-safe.
class EndsTable {
 public:
  // By the namespace's name.
  using Map = std::map<std::string, std::unique_ptr<SocketEnds>>;

  // What one look finds. It may be filled on another thread than the table's.
  class Search {
   public:
    // The look is in the network namespace `netns`, which `kernel` shows, and
    // is about to read its sockets. Returns why its ends are not heard, if so;
    // the next look tries again.
    absl::Status NoteNetns(const std::string& netns, const Kernel& kernel);

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

  // Readable when one of them has news.
  int descriptor() const { return epoll_.get(); }
  // Those that have.
  std::vector<const Map::value_type*> WithNews() const;

  // The one of `netns`; null if there is none.
  SocketEnds* Find(const std::string& netns) const;

 private:
  void Await(const Map::value_type& entry);

  // An epoll(7) over the descriptors of all.
  const Descriptor epoll_;
  Map open_;
  // Those that it could not be asked to wait for.
  std::set<const Map::value_type*> unawaited_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ENDS_TABLE_H_
