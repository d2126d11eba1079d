#include "tests/simulation/simulated_agent.h"

#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/agent/ends_table.h"
#include "tests/simulation/ends_door.h"
#include "tests/simulation/simulated_looks.h"

namespace connreg::simulation {
namespace {

// How many connections that have ended an agent may keep, with few rows.
constexpr size_t kMaxEnded = 1000;
// How many rounds an agent may make at one instant: more than the kernel keeps
// events for it.
constexpr int kMaxRounds = 200;

}  // namespace

struct SimulatedAgent::Process {
  Process(SimulatedAgent& agent, const Clock& clock,
          SimulatedStream::Connect connect)
      : door(agent.world_, agent.kernel_, agent),
        looks(agent.world_, agent.kernel_, door, ends, agent,
              agent.options_.own_netns),
        stream(agent.world_, agent, std::move(connect),
               [&agent](const AgentMessage& message) { agent.Check(message); }),
        loop(agent.options_.loop,
             {.looks = looks,
              .ends = ends,
              .stream = stream,
              .clock = clock,
              .cpu_time = [] { return absl::ZeroDuration(); },
              .random = [&agent] { return agent.world_.dice.Fraction(); }},
             [&agent](LogLevel, absl::string_view message,
                      std::initializer_list<LogField> fields) {
               agent.Note(message, fields);
             }) {}

  EndsDoor door;
  EndsTable ends;
  SimulatedLooks looks;
  SimulatedStream stream;
  ReportLoop loop;
};

SimulatedAgent::SimulatedAgent(World& world, const Options& options,
                               KernelModel& kernel, const Clock& clock,
                               SimulatedStream::Connect connect)
    : world_(world), options_(options), kernel_(kernel) {
  world_.trace.Note(instance(), " starts");
  process_ = std::make_unique<Process>(*this, clock, std::move(connect));
  WakeAfter(absl::ZeroDuration());
}

SimulatedAgent::~SimulatedAgent() = default;

void SimulatedAgent::Kill(bool told) {
  if (!runs()) return;
  world_.trace.Note(instance(), " ends");
  process_->stream.Leave(told);
  process_.reset();
}

void SimulatedAgent::Pause() {
  world_.trace.Note(instance(), " is stopped");
  is_paused_ = true;
}

void SimulatedAgent::Resume() {
  if (!std::exchange(is_paused_, false) || !runs()) return;
  world_.trace.Note(instance(), " goes on");
  process_->looks.Resume();
  Wake();
}

void SimulatedAgent::Leave() {
  if (!runs() || std::exchange(is_leaving_, true)) return;
  world_.trace.Note(instance(), " leaves");
  process_->loop.Leave();
  Wake();
}

void SimulatedAgent::BreakStream(bool tell_agent, bool tell_service) {
  if (runs()) process_->stream.Break(tell_agent, tell_service);
}

void SimulatedAgent::SetFaulty(bool is_faulty) {
  is_faulty_ = is_faulty;
  if (!runs()) return;
  process_->looks.SetFaulty(is_faulty);
  process_->door.SetFaulty(is_faulty);
}

void SimulatedAgent::NoteDestroyed(const DestroyEvent& event) {
  if (runs()) process_->door.NoteDestroyed(event);
}

void SimulatedAgent::LoseEvents() {
  if (!runs()) return;
  world_.trace.Note(instance(), " loses events");
  process_->door.LoseEvents();
}

const Session& SimulatedAgent::session() const {
  return process_->loop.session();
}

void SimulatedAgent::After(absl::Duration delay, Timeline::Step step) {
  world_.timeline.After(delay, [this, step = std::move(step)] {
    if (!runs()) return;
    step();
    Wake();
  });
}

void SimulatedAgent::Wake() {
  if (!runs() || is_paused_) return;
  absl::Duration wait;
  int rounds = 0;
  do {
    wait = process_->loop.Round();
    if (process_->loop.left()) return Kill(/*told=*/true);
    if (++rounds > kMaxRounds)
      return world_.trace.Fail(instance(), " never waits");
  } while (wait <= absl::ZeroDuration() || HasSomethingToRead());
  CheckSize();
  WakeAfter(wait);
}

bool SimulatedAgent::HasSomethingToRead() const {
  std::vector<pollfd> events;
  for (const int descriptor : process_->loop.descriptors())
    events.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
  return poll(events.data(), events.size(), /*timeout=*/0) > 0;
}

void SimulatedAgent::WakeAfter(absl::Duration wait) {
  ++wake_;
  if (wait == absl::InfiniteDuration()) return;
  // As poll(2) counts.
  world_.timeline.After(absl::Ceil(wait, absl::Milliseconds(1)),
                        [this, wake = wake_] {
                          if (wake == wake_) Wake();
                        });
}

void SimulatedAgent::Note(absl::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line(message);
  for (const LogField& field : fields)
    absl::StrAppend(&line, " ", field.key, "=", field.value);
  world_.trace.Note(instance(), " logs: ", line);
}

void SimulatedAgent::Check(const AgentMessage& message) {
  const auto* const batch = std::get_if<RowBatch>(&message);
  if (batch == nullptr) return;
  for (const ConnectionFacts& facts : batch->connections) {
    if (process_->door.HasHeard(facts.socket.cookie))
      world_.trace.Fail(instance(), " says that ", facts.tuple.ToString(),
                        " of cookie ", facts.socket.cookie,
                        ", which has ended, is there");
  }
  for (const ConnectionFacts& facts : batch->ended) {
    if (kernel_.HasConnection(facts.socket.netns, facts.socket.cookie))
      world_.trace.Fail(instance(), " says that ", facts.tuple.ToString(),
                        " of cookie ", facts.socket.cookie,
                        ", which is there, has ended");
  }
}

void SimulatedAgent::CheckSize() const {
  const Ledger& ledger = process_->loop.ledger();
  // Rows that a look did not show may stay, if it did not see all.
  const size_t rows = ledger.listener_count() + ledger.connection_count();
  if (!is_faulty_ && !options_.own_netns && rows > 4 * kernel_.size() + 200)
    world_.trace.Fail(instance(), " keeps ", rows, " rows of ", kernel_.size(),
                      " sockets");
  if (ledger.ended_count() > std::max(kMaxEnded, rows))
    world_.trace.Fail(instance(), " keeps ", ledger.ended_count(),
                      " connections that have ended");
}

}  // namespace connreg::simulation
