#ifndef CONNREG_SERVICE_CORE_FINDER_H_
#define CONNREG_SERVICE_CORE_FINDER_H_

#include <vector>

#include "absl/types/span.h"
#include "service/core/connection_table.h"
#include "service/core/history.h"
#include "service/core/host_directory.h"
#include "service/core/joiner.h"
#include "service/model/query.h"

namespace connreg {

// Finder answers lookups as the kernel demultiplexes a packet: connections
// before listeners, and if there is neither, why.
//
// Thread-safe.
class Finder {
 public:
  // All outlive it.
  Finder(const ConnectionTable& connections, const HostDirectory& hosts,
         const Joiner& joiner, const History& history)
      : connections_(connections),
        hosts_(hosts),
        joiner_(joiner),
        history_(history) {}

  // What `question` finds, with the listeners that the connections found were
  // accepted from. `syncing` says that what is absent may only not have been
  // reported again.
  LookupFinding Find(const LookupQuestion& question, bool syncing) const;

  // What each of `questions` finds, without those listeners.
  //
  // REQUIRES: none asks by a predicate.
  std::vector<LookupFinding> FindEach(
      absl::Span<const LookupQuestion> questions, bool syncing) const;

 private:
  // The questions for each four-tuple that has what `predicate` asks for, by
  // going through all that are known in `scope`.
  std::vector<LookupQuestion> QuestionsFor(const TuplePredicate& predicate,
                                           const Scope& scope) const;
  // What is found by `question`, whose predicate `predicate` is.
  LookupFinding FindBy(const TuplePredicate& predicate,
                       const LookupQuestion& question, bool syncing) const;
  // Appends the groups that may hold what `question` is about.
  void AppendGroups(const LookupQuestion& question,
                    std::vector<RowGroup>* groups) const;
  LookupFinding FindAmong(const LookupQuestion& question,
                          absl::Span<JoinedGroup> groups, bool syncing) const;
  // Empty if there are none.
  FoundListeners FindListeners(const LookupQuestion& question) const;
  // The last that ended at the endpoint of `question`.
  std::vector<Connection> LatestClosed(const Endpoint& endpoint,
                                       const Scope& scope) const;
  Absent WhyAbsent(const LookupQuestion& question,
                   std::vector<Connection> closed, bool syncing) const;

  const ConnectionTable& connections_;
  const HostDirectory& hosts_;
  const Joiner& joiner_;
  const History& history_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_FINDER_H_
