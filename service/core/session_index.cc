#include "service/core/session_index.h"

#include "service/core/session_errors.h"

namespace connreg {
namespace {

// How many ended sessions are known to have been superseded.
constexpr size_t kMaxSuperseded = 1000;

}  // namespace

Epoch SessionIndex::Begin(const Reporter& reporter, AgentSession session) {
  WriterLock lock(mutex_);
  const Epoch epoch{++last_};
  session.epoch = epoch;
  session.attached = true;
  attached_[epoch] = reporter;
  sessions_[KeyOf(reporter)] = std::move(session);
  return epoch;
}

void SessionIndex::NoteEnd(Epoch epoch, End end) {
  WriterLock lock(mutex_);
  AgentSession* const session = FindLocked(epoch);
  if (session == nullptr) return;
  session->attached = false;
  attached_.erase(epoch);
  if (end != End::kSuperseded) return;
  superseded_.insert(epoch);
  if (superseded_.size() > kMaxSuperseded)
    superseded_.erase(superseded_.begin());
}

void SessionIndex::Forget(const Reporter& reporter) {
  WriterLock lock(mutex_);
  sessions_.erase(KeyOf(reporter));
}

absl::StatusOr<Reporter> SessionIndex::Find(Epoch epoch) const {
  ReaderLock lock(mutex_);
  if (const auto it = attached_.find(epoch); it != attached_.end())
    return it->second;
  return superseded_.contains(epoch) ? SessionSuperseded(epoch)
                                     : SessionEnded(epoch);
}

void SessionIndex::NoteHeard(Epoch epoch, absl::Duration interval,
                             std::optional<absl::Duration> clock_offset) {
  WriterLock lock(mutex_);
  AgentSession* const session = FindLocked(epoch);
  if (session == nullptr) return;
  if (interval > absl::ZeroDuration()) session->interval = interval;
  if (clock_offset) session->clock_offset = clock_offset;
}

void SessionIndex::CountDivergence(Epoch epoch) {
  WriterLock lock(mutex_);
  ++divergences_;
  if (AgentSession* const session = FindLocked(epoch)) ++session->divergences;
}

void SessionIndex::NoteNameConflict(const HostKey& host, absl::Time time) {
  WriterLock lock(mutex_);
  for (auto it = sessions_.lower_bound({host, ""});
       it != sessions_.end() && it->first.first == host; ++it)
    it->second.name_conflict = time;
}

void SessionIndex::Describe(std::vector<Host>* hosts) const {
  ReaderLock lock(mutex_);
  for (Host& host : *hosts) {
    for (auto it = sessions_.lower_bound({host.key, ""});
         it != sessions_.end() && it->first.first == host.key; ++it) {
      if (!host.session || host.session->epoch < it->second.epoch)
        host.session = it->second;
    }
  }
}

size_t SessionIndex::size() const {
  ReaderLock lock(mutex_);
  return attached_.size();
}

size_t SessionIndex::divergences() const {
  ReaderLock lock(mutex_);
  return divergences_;
}

SessionIndex::Key SessionIndex::KeyOf(const Reporter& reporter) {
  return {HostKeyOf(reporter), reporter.name};
}

AgentSession* SessionIndex::FindLocked(Epoch epoch) {
  const auto reporter = attached_.find(epoch);
  if (reporter == attached_.end()) return nullptr;
  return &sessions_.at(KeyOf(reporter->second));
}

}  // namespace connreg
