#include "client/agent/end_reader.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "client/agent/rows.h"
#include "service/model/owner.h"
#include "service/model/socket.h"

namespace connreg {
namespace {

using Answers = std::vector<std::optional<DiagSocket>>;

// Whether the kernel may keep a remainder of it.
bool IsQuestion(const EndedSocket& ended) {
  return ended.socket.transport == Transport::kTcp &&
         ended.socket.local_port != 0 && ended.socket.remote_port != 0;
}

}  // namespace

void EndReader::Note(const Snapshot& snapshot) {
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    for (const DiagSocket& socket : netns.remainders)
      remainders_.Add({netns.netns, socket});
}

bool EndReader::Read() {
  bool is_lossy = false;
  for (const EndsTable::Map::value_type* entry : table_.WithNews())
    is_lossy |= ReadNews(entry->first, *entry->second.ends);
  is_lossy |= table_.LetGo();
  return AskAgain() || is_lossy;
}

std::optional<absl::Duration> EndReader::WaitForQuestion() const {
  return remainders_.WaitFrom(clock_.Monotonic());
}

bool EndReader::ReadNews(const std::string& netns, SocketEnds& ends) {
  const SocketEnds::News news = ends.Take();
  std::vector<DiagSocket> questions;
  std::vector<const EndedSocket*> asked;
  for (const EndedSocket& ended : news.ended) {
    if (IsQuestion(ended)) {
      questions.push_back(ended.socket);
      // What is left of a socket that had no cookie yet gets one of its own.
      questions.back().cookie = 0;
      asked.push_back(&ended);
    } else {
      End(netns, ends, ended);
    }
  }
  const absl::StatusOr<Answers> answers = ends.Ask(questions);
  if (!answers.ok()) return true;
  for (size_t i = 0; i < asked.size(); ++i)
    Settle(netns, ends, *asked[i], (*answers)[i]);
  return news.is_lossy;
}

bool EndReader::AskAgain() {
  bool is_lossy = false;
  std::map<std::string, std::vector<Remainder>> due;
  for (Remainder& remainder : remainders_.TakeDue(clock_.Monotonic()))
    due[remainder.netns].push_back(std::move(remainder));
  for (auto& [netns, remainders] : due) {
    SocketEnds* const ends = table_.Find(netns);
    std::vector<DiagSocket> questions;
    for (const Remainder& remainder : remainders)
      questions.push_back(remainder.socket);
    // A namespace that is gone; the look that found that has told so.
    if (ends == nullptr) continue;
    const absl::StatusOr<Answers> answers = ends->Ask(questions);
    is_lossy |= !answers.ok();
    for (size_t i = 0; answers.ok() && i < questions.size(); ++i)
      Settle(netns, *ends, {questions[i], true}, (*answers)[i]);
  }
  return is_lossy;
}

void EndReader::Settle(const std::string& netns, const SocketEnds& ends,
                       const EndedSocket& ended,
                       const std::optional<DiagSocket>& left) {
  if (!left || left->state == KernelState::kTimeWait ||
      !IsLeftOf(netns, ended, *left))
    return End(netns, ends, ended);
  if (left->state != KernelState::kFinWait2) return;
  if (left->cookie != ended.socket.cookie)
    ledger_.NoteReplaced(netns, ended.socket.cookie);
  ledger_.SetState(netns, left->cookie, ConnectionState::kFinWait2);
  remainders_.Add({netns, *left});
}

bool EndReader::IsLeftOf(const std::string& netns, const EndedSocket& ended,
                         const DiagSocket& left) const {
  if (left.cookie == ended.socket.cookie) return true;
  // The kernel makes the cookie of a socket when somebody asks for it. One that
  // nobody had seen got its own when its end was told: after the remainder had
  // been made, which so has another.
  return left.state == KernelState::kFinWait2 && left.inode == 0 &&
         !ledger_.HasConnection(netns, ended.socket.cookie);
}

void EndReader::End(const std::string& netns, const SocketEnds& ends,
                    const EndedSocket& ended) {
  if (ledger_.End(netns, ended.socket.cookie) || !ended.was_connected) return;
  DiagSocket socket = ended.socket;
  // The state that it had is not known.
  socket.state = KernelState::kEstablished;
  const absl::StatusOr<Row> row = RowOf(
      socket, netns, Owners::Unknown(OwnerUnknownReason::kEndedBeforeScan),
      [&](uint32_t index) { return ends.InterfaceName(index); });
  if (row.ok()) ledger_.AddEnded(std::get<ConnectionFacts>(*row));
}

}  // namespace connreg
