#ifndef CONNREG_TESTS_BENCH_LOAD_AGENT_H_
#define CONNREG_TESTS_BENCH_LOAD_AGENT_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/agent/ledger.h"
#include "client/agent/service_stream.h"
#include "client/agent/session.h"
#include "client/agent/snapshot.h"
#include "client/lib/report_stream.h"
#include "service/base/clock.h"

namespace connreg {

// LoadAgent reports one host as connreg-agent does, over a connection of its
// own; but what there is on the host it is told once and for all.
//
// Not thread-safe.
class LoadAgent {
 public:
  // `clock` is to outlive it.
  LoadAgent(const std::string& host, Snapshot snapshot,
            std::unique_ptr<ReportStream> stream, const Clock& clock,
            Session::Random random);

  // Does what is to be done now, and returns how long to wait for the next time
  // unless the descriptor is readable before.
  absl::Duration Round();
  int descriptor() const { return stream_->descriptor(); }

  // Whether the service has acknowledged everything on the stream that goes on.
  bool in_step() const;

 private:
  void TakeAnswers();
  void Do(const Session::OpenStream&);
  void Do(const Session::CloseStream&) { door_.Cancel(); }
  void Do(const AgentMessage& message) { door_.Send(message); }
  void Do(const Session::Wait& step) { wait_ = step.wait; }

  Ledger ledger_;
  Session session_;
  const std::unique_ptr<ReportStream> stream_;
  ServiceStream door_;
  absl::Duration wait_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_LOAD_AGENT_H_
