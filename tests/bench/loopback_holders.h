#ifndef CONNREG_TESTS_BENCH_LOOPBACK_HOLDERS_H_
#define CONNREG_TESTS_BENCH_LOOPBACK_HOLDERS_H_

#include <sys/types.h>

#include <vector>

namespace connreg {

// LoopbackHolders is processes that hold TCP connections over loopback, both
// ends of each, in a network namespace that is made for them.
//
// Not thread-safe.
class LoopbackHolders {
 public:
  // Moves the calling process into the namespace, too, and returns once all is
  // open: `connections` of them, of which each process has about as many, with
  // a listener of its own. What is refused ends this process.
  //
  // REQUIRES: the right to make network namespaces (CAP_SYS_ADMIN), and no
  //   other thread.
  LoopbackHolders(int connections, int processes);
  LoopbackHolders(const LoopbackHolders&) = delete;
  LoopbackHolders& operator=(const LoopbackHolders&) = delete;
  // Ends the processes. They end with this one, too, even if it becomes another
  // program.
  ~LoopbackHolders();

 private:
  std::vector<pid_t> pids_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_LOOPBACK_HOLDERS_H_
