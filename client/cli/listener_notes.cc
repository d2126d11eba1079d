#include "client/cli/listener_notes.h"

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

// Whether a namespace of one host has several of `listeners`.
bool IsOneOfSeveral(const v1::FoundListeners& found) {
  std::set<std::tuple<std::string, std::string, std::string, v1::Transport>>
      seen;
  for (const v1::Listener& listener : found.listeners()) {
    const v1::Reporter& reporter = listener.provenance().reporter();
    const v1::Socket& socket = listener.socket();
    if (!seen.insert({reporter.host(), reporter.network(), socket.netns(),
                      socket.transport()})
             .second)
      return true;
  }
  return false;
}

}  // namespace

std::string ListenerNotes(const v1::FoundListeners& found) {
  const std::string address = Displayable(found.endpoint().address());
  bool unverified = false;
  bool any_device = false;
  bool multi_host = false;
  bool stale = false;
  for (const v1::Listener& listener : found.listeners()) {
    unverified |= listener.derived().address_unverified();
    any_device |= listener.derived().device_unverified();
    multi_host |= listener.derived().multi_host();
    stale |= listener.derived().has_stale_since_time();
  }
  std::string text;
  if (unverified) {
    absl::StrAppend(&text, "unverified: the host did not tell its addresses, ",
                    "and may or may not own ", address, "\n");
  }
  if (any_device) {
    absl::StrAppend(&text, "unverified: it takes only what arrives by its ",
                    "interface, and a packet for ", address,
                    " may come by another\n");
  }
  if (multi_host) {
    absl::StrAppend(&text, "multi-host: several hosts own ", address,
                    ": it moves between them, or is announced from each\n");
  }
  if (stale)
    absl::StrAppend(&text, "stale: the host has gone silent; this is what it ",
                    "said last\n");
  if (IsOneOfSeveral(found))
    absl::StrAppend(&text,
                    "several on one host: its kernel picks one of them "
                    "(SO_REUSEPORT, or by the device)\n");
  return text;
}

}  // namespace connreg::cli
