#ifndef CONNREG_CLIENT_AGENT_REPORT_LOOP_H_
#define CONNREG_CLIENT_AGENT_REPORT_LOOP_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/agent/end_reader.h"
#include "client/agent/ends_table.h"
#include "client/agent/ledger.h"
#include "client/agent/look_schedule.h"
#include "client/agent/looks.h"
#include "client/agent/registry_stream.h"
#include "client/agent/report_journal.h"
#include "client/agent/session.h"
#include "service/base/clock.h"

namespace connreg {

// ReportLoop is all that an agent does which reports on and on: it looks
// through the sockets of its host now and then, hears of those that end in
// between, and keeps the registry in step with what it knows.
//
// It never waits itself: looks and streams go on beside it, and whoever calls
// it waits for their descriptors.
//
// Not thread-safe.
class ReportLoop {
 public:
  struct Options {
    Session::Options session;
    LookSchedule::Options looks;
    // At the end what was reported goes, too.
    bool removes_at_end = false;
    // Where the service is, for people.
    std::string server;
    // The agent's own network namespace.
    std::string netns;
  };
  // All are to outlive the loop.
  struct Doors {
    Looks& looks;
    EndsTable& ends;
    RegistryStream& stream;
    const Clock& clock;
    // How much of processors this process has used.
    std::function<absl::Duration()> cpu_time;
    Session::Random random;
  };

  ReportLoop(const Options& options, const Doors& doors,
             ReportJournal::Write write);

  // Does what is to be done now. Returns how long to wait for the next time, if
  // none of the descriptors is readable before.
  absl::Duration Round();

  // What to wait for, after each round.
  std::vector<int> descriptors() const;

  // The agent is to end: says goodbye, after what the registry does not know
  // yet, but waits no longer than a second for either.
  void Leave();
  // Whether nothing is left to do for that.
  bool left() const;

  // What it knows, and how far the registry has that.
  const Ledger& ledger() const { return ledger_; }
  const Session& session() const { return session_; }

 private:
  void TakeAnswers();
  void TakeLook();
  void BeginLook();
  void ReadEnds();
  void SayGoodbyeIfDue();
  // Does what the session wants, and notes how long that may wait.
  void ServeSession();
  void Do(const Session::OpenStream&);
  void Do(const Session::CloseStream& step);
  void Do(const AgentMessage& message);
  void Do(const Session::Wait& step);

  const Options options_;
  const Doors doors_;
  Ledger ledger_;
  Session session_;
  EndReader ends_;
  LookSchedule schedule_;
  ReportJournal journal_;

  bool is_looking_ = false;
  // What the process had used when the look began.
  absl::Duration cpu_before_;
  // Ends went unheard while a look was under way that may have missed them.
  bool must_look_again_ = false;
  // Why the stream was cancelled, if it was.
  std::optional<absl::Status> gave_up_;
  absl::Duration session_wait_;

  // On the monotonic clock: from when on goodbye is said, whatever is not
  // acknowledged; and from when on nothing is waited for any more.
  std::optional<absl::Duration> goodbye_by_;
  std::optional<absl::Duration> leave_by_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REPORT_LOOP_H_
