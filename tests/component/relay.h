#ifndef CONNREG_TESTS_COMPONENT_RELAY_H_
#define CONNREG_TESTS_COMPONENT_RELAY_H_

#include <atomic>
#include <string>
#include <thread>

namespace connreg {

// Relay passes bytes on between one client and a server on 127.0.0.1, until it
// is told to swallow them: then neither end learns that the other is gone.
class Relay {
 public:
  // `server` is "127.0.0.1:PORT".
  explicit Relay(const std::string& server);
  ~Relay();

  // Where the client is to connect to.
  const std::string& address() const { return address_; }

  void Swallow() { swallows_ = true; }

 private:
  void Run(int listener, const std::string& server);

  std::string address_;
  std::atomic<bool> swallows_{false};
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_RELAY_H_
