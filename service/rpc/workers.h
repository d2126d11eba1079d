#ifndef CONNREG_SERVICE_RPC_WORKERS_H_
#define CONNREG_SERVICE_RPC_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace connreg {

// Workers do tasks on threads of their own, the oldest first. How many wait is
// up to those who ask: each asks for few at a time.
//
// Thread-safe.
class Workers {
 public:
  explicit Workers(size_t threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Does what has been asked for, and ends.
  ~Workers();

  void Do(std::function<void()> task);

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by `mutex_`.
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_WORKERS_H_
