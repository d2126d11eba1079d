#include "client/agent/batch_room.h"

namespace connreg {
namespace {

// The columns of a row, with the texts that are short: the names of its network
// namespace, of interfaces, and of zones.
constexpr size_t kRowBytes = 256;
// A process, a prefix or a network namespace without its texts.
constexpr size_t kEntryBytes = 96;

size_t BytesOf(const Owners& owners) {
  size_t bytes = 0;
  for (const Process& process : owners.processes())
    bytes += kEntryBytes + TextSize(process);
  return bytes;
}

}  // namespace

bool BatchRoom::TakeName(const Socket& socket) {
  if (rows_ == 0 || !TakeBytes(kRowBytes + socket.netns.size())) return false;
  --rows_;
  return true;
}

bool BatchRoom::Take(const ListenerFacts& row) {
  return TakeRow(row.socket, kRowBytes + row.device.size());
}

bool BatchRoom::Take(const ConnectionFacts& row) {
  return TakeRow(row.socket, kRowBytes + row.device.size());
}

bool BatchRoom::MustSay(const Owners& owners) const {
  if (!owners.known()) return false;
  return shared_owners_ == SharedOwners::kWithEachRow ||
         !owners_.contains(owners.identity());
}

bool BatchRoom::TakeRow(const Socket& socket, size_t bytes) {
  if (rows_ == 0) return false;
  bytes += socket.netns.size();
  const bool must_say = MustSay(socket.owners);
  if (must_say) bytes += BytesOf(socket.owners);
  if (!TakeBytes(bytes)) return false;
  if (must_say) owners_.insert(socket.owners.identity());
  --rows_;
  return true;
}

bool BatchRoom::Take(const NetworkNamespace& netns) {
  size_t bytes = 2 * kEntryBytes + netns.netns.size() + netns.name.size();
  for (const LocalPrefix& prefix : netns.prefixes)
    bytes += kEntryBytes + prefix.device.size();
  return TakeNetns(bytes);
}

bool BatchRoom::TakeNetnsName() { return TakeNetns(kRowBytes); }

bool BatchRoom::TakeNetns(size_t bytes) {
  if (namespaces_ == 0 || !TakeBytes(bytes)) return false;
  --namespaces_;
  return true;
}

bool BatchRoom::Take(const std::vector<CoverageGap>& gaps) {
  size_t bytes = 0;
  for (const CoverageGap& gap : gaps)
    bytes += kEntryBytes + gap.description.size();
  return TakeBytes(bytes);
}

bool BatchRoom::TakeBytes(size_t bytes) {
  if (bytes > bytes_ && !is_empty_) return false;
  bytes_ -= bytes > bytes_ ? bytes_ : bytes;
  is_empty_ = false;
  return true;
}

}  // namespace connreg
