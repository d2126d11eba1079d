#ifndef CONNREG_CLIENT_AGENT_LOOKS_H_
#define CONNREG_CLIENT_AGENT_LOOKS_H_

#include <optional>
#include <thread>

#include "client/agent/collector.h"
#include "client/agent/ends_table.h"
#include "client/agent/files.h"
#include "client/agent/snapshot.h"

namespace connreg {

// Looks is the door to the sockets of this host. A look goes on beside its
// caller, who has other things to do meanwhile.
//
// Not thread-safe.
class Looks {
 public:
  virtual ~Looks() = default;

  // REQUIRES: no look is under way.
  virtual void Begin() = 0;

  // Readable when a look is done.
  virtual int descriptor() const = 0;

  // What the look has found; nothing while it is under way.
  virtual std::optional<Snapshot> Take() = 0;
};

// Has a collector look on a thread of its own, and lets `ends` have what that
// finds when the look is taken.
class LookThread final : public Looks {
 public:
  // Both are to outlive it.
  LookThread(const Collector& collector, EndsTable& ends);
  // Waits until the look that is under way is done.
  ~LookThread() override;

  void Begin() override;
  int descriptor() const override { return done_.get(); }
  std::optional<Snapshot> Take() override;

 private:
  void Look();

  const Collector& collector_;
  EndsTable& ends_;
  // An eventfd(2), written when the look is done.
  const Descriptor done_;

  std::thread thread_;
  // The thread's until it has ended.
  Snapshot snapshot_;
  EndsTable::Search search_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_LOOKS_H_
