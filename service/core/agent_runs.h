#ifndef CONNREG_SERVICE_CORE_AGENT_RUNS_H_
#define CONNREG_SERVICE_CORE_AGENT_RUNS_H_

#include <deque>
#include <string>

namespace connreg {

// AgentRuns tells which run of an agent reports, and which were followed by
// another one: those must not take turns with it.
//
// Not thread-safe.
class AgentRuns {
 public:
  // Whether another run has followed this one.
  bool IsFollowed(const std::string& instance) const;
  // The run reports from now on.
  void Accept(const std::string& instance);

 private:
  // Empty: none.
  std::string instance_;
  // Those before, a number of them.
  std::deque<std::string> followed_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_AGENT_RUNS_H_
