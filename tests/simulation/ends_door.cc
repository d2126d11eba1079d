#include "tests/simulation/ends_door.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "tests/simulation/bell.h"
#include "tests/simulation/diag.h"

namespace connreg::simulation {
namespace {

// How many events the kernel keeps for one who listens.
constexpr size_t kMaxEvents = 64;

bool HasTupleOf(const DiagSocket& socket, const DiagSocket& other) {
  return socket.transport == other.transport &&
         socket.interface == other.interface &&
         TupleOf(socket) == TupleOf(other);
}

// Whether the kernel may keep a remainder of it, of which it is to be asked.
bool IsQuestion(const EndedSocket& ended) {
  return ended.socket.transport == Transport::kTcp &&
         ended.socket.remote_port != 0;
}

}  // namespace

// Those of one network namespace.
class SimulatedEnds final : public SocketEnds {
 public:
  SimulatedEnds(EndsDoor& door, std::string netns)
      : door_(door), netns_(std::move(netns)) {
    door_.open_.push_back(this);
  }
  ~SimulatedEnds() override { std::erase(door_.open_, this); }

  const std::string& netns() const { return netns_; }

  // It arrives after `delay`, and not before what came before it.
  void Hear(const EndedSocket& ended, absl::Duration delay) {
    if (waiting_.size() >= kMaxEvents) return Lose();
    last_due_ = std::max(last_due_, now() + delay);
    waiting_.push_back({last_due_, ended});
  }
  void Arrive() {
    if (!waiting_.empty() && waiting_.front().due <= now()) bell_.Ring();
  }
  void Lose() {
    is_lossy_ = true;
    bell_.Ring();
  }
  void LoseAll() {
    waiting_.clear();
    Lose();
  }

  int descriptor() const override { return bell_.descriptor(); }
  News Take() override;
  absl::StatusOr<std::vector<std::optional<DiagSocket>>> Ask(
      absl::Span<const DiagSocket> sockets) override;
  std::string InterfaceName(uint32_t index) const override {
    return DeviceOf(index);
  }

 private:
  struct Event {
    absl::Duration due;
    EndedSocket ended;
  };

  absl::Duration now() const { return door_.world_.timeline.now(); }
  // Notes what the agent knows by that answer.
  void NoteAnswer(const DiagSocket& question,
                  const std::optional<DiagSocket>& answer);

  EndsDoor& door_;
  const std::string netns_;
  Bell bell_;
  std::deque<Event> waiting_;
  absl::Duration last_due_;
  bool is_lossy_ = false;
  // What was taken last of which the kernel is to be asked.
  std::vector<EndedSocket> taken_;
};

SocketEnds::News SimulatedEnds::Take() {
  News news{.is_lossy = std::exchange(is_lossy_, false)};
  taken_.clear();
  bell_.Silence();
  // Now and then less than there is.
  const bool is_part = door_.world_.dice.OneIn(4);
  while (!waiting_.empty() && waiting_.front().due <= now()) {
    if (is_part && !news.ended.empty()) {
      bell_.Ring();
      break;
    }
    const EndedSocket& ended = news.ended.emplace_back(waiting_.front().ended);
    if (IsQuestion(ended))
      taken_.push_back(ended);
    else
      door_.NoteHeard(ended);
    waiting_.pop_front();
  }
  return news;
}

absl::StatusOr<std::vector<std::optional<DiagSocket>>> SimulatedEnds::Ask(
    absl::Span<const DiagSocket> sockets) {
  if (door_.is_faulty_ && !sockets.empty() && door_.world_.dice.OneIn(8))
    return absl::ResourceExhaustedError("the kernel has no room to answer");
  std::vector<std::optional<DiagSocket>> answers;
  for (const DiagSocket& socket : sockets) {
    answers.push_back(door_.kernel_.Ask(netns_, socket));
    NoteAnswer(socket, answers.back());
  }
  return answers;
}

void SimulatedEnds::NoteAnswer(const DiagSocket& question,
                               const std::optional<DiagSocket>& answer) {
  const auto is_there = [&answer](uint64_t cookie) {
    return answer && answer->cookie == cookie &&
           answer->state != KernelState::kTimeWait;
  };
  if (question.cookie != 0 && !is_there(question.cookie))
    door_.NoteHeard({question, /*was_connected=*/true});
  for (const EndedSocket& ended : taken_) {
    if (HasTupleOf(ended.socket, question) &&
        (question.cookie == 0 || question.cookie == ended.socket.cookie) &&
        !is_there(ended.socket.cookie))
      door_.NoteHeard(ended);
  }
}

void EndsDoor::NoteDestroyed(const DestroyEvent& event) {
  for (SimulatedEnds* const ends : open_) {
    if (ends->netns() != event.netns) continue;
    const absl::Duration delay =
        world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(30));
    ends->Hear(event.ended, delay);
    steps_.After(delay, [this] {
      for (SimulatedEnds* const one : open_) one->Arrive();
    });
  }
}

void EndsDoor::LoseEvents() {
  for (SimulatedEnds* const ends : open_) ends->LoseAll();
  steps_.Wake();
}

absl::StatusOr<std::unique_ptr<SocketEnds>> EndsDoor::Listen(
    const std::string& netns) {
  if (is_faulty_ && world_.dice.OneIn(8))
    return absl::PermissionDeniedError("the kernel does not tell what ends");
  return std::make_unique<SimulatedEnds>(*this, netns);
}

void EndsDoor::NoteLook(const Snapshot& snapshot) {
  seen_.clear();
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    for (const ConnectionFacts& facts : netns.connections)
      seen_.insert(facts.socket.cookie);
}

void EndsDoor::NoteHeard(const EndedSocket& ended) {
  // Of others the agent keeps nothing.
  const uint64_t cookie = ended.socket.cookie;
  if (ended.was_connected || seen_.contains(cookie)) heard_.insert(cookie);
}

}  // namespace connreg::simulation
