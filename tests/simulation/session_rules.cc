#include "tests/simulation/session_rules.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "service/base/error.h"

namespace connreg::simulation {
namespace {

uint64_t NumberOf(Epoch epoch) { return static_cast<uint64_t>(epoch); }

}  // namespace

void SessionRules::NoteWelcome(const SessionOpening& opening, Epoch epoch,
                               absl::Duration now) {
  if (epoch <= last_epoch_)
    trace_.Fail("epoch ", NumberOf(epoch), " came after ",
                NumberOf(last_epoch_));
  last_epoch_ = epoch;
  const HostKey host = HostKeyOf(opening.reporter);
  for (const auto& [reporter, other] : attached_) {
    if (HostKeyOf(reporter) == host && other.boot_id != opening.boot_id &&
        now < other.heard + other.ttl)
      trace_.Fail("boot ", opening.boot_id, " was welcomed while boot ",
                  other.boot_id, " reports for ", host.name);
  }
  std::erase_if(attached_, [&](const auto& other) {
    return HostKeyOf(other.first) == host &&
           other.second.boot_id != opening.boot_id;
  });
  std::map<std::string, std::string>& displaced = displaced_[opening.reporter];
  const auto before = attached_.find(opening.reporter);
  if (before != attached_.end() &&
      before->second.instance != opening.instance) {
    if (displaced[opening.instance] == before->second.instance &&
        now < before->second.heard + before->second.ttl)
      trace_.Fail("run ", opening.instance, " was welcomed while ",
                  before->second.instance, ", which took its place, reports");
    displaced[before->second.instance] = opening.instance;
  }
  displaced.erase(opening.instance);
  boot_ids_[host].insert(opening.boot_id);
  attached_[opening.reporter] = {epoch, opening.boot_id, opening.instance,
                                 opening.ttl, now};
}

void SessionRules::NoteRefusal(const SessionOpening& opening,
                               const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  const std::string reason = detail ? detail->reason : "";
  const HostKey host = HostKeyOf(opening.reporter);
  std::set<std::string> others = boot_ids_[host];
  others.erase(opening.boot_id);
  const auto present = attached_.find(opening.reporter);
  const bool has_reason =
      reason == "HOST_NAME_TAKEN"
          ? !others.empty()
          : reason == "RUN_SUPERSEDED" && present != attached_.end() &&
                present->second.instance != opening.instance;
  if (!absl::IsFailedPrecondition(status) || !has_reason)
    trace_.Fail("run ", opening.instance, " of boot ", opening.boot_id,
                " was refused: ", status.ToString(), " ", reason);
}

void SessionRules::NoteTaken(const Reporter& reporter, Epoch epoch,
                             absl::Duration now) {
  if (IsAttached(reporter, epoch))
    attached_[reporter].heard = now;
  else
    trace_.Fail("the registry took what session ", NumberOf(epoch), " of ",
                reporter.host, " said after its end");
}

bool SessionRules::IsAttached(const Reporter& reporter, Epoch epoch) const {
  const auto attached = attached_.find(reporter);
  return attached != attached_.end() && attached->second.epoch == epoch;
}

void SessionRules::NoteEnd(const Reporter& reporter, Epoch epoch) {
  if (IsAttached(reporter, epoch)) attached_.erase(reporter);
}

void SessionRules::NoteLapse(Epoch epoch) {
  std::erase_if(attached_, [epoch](const auto& attached) {
    return attached.second.epoch == epoch;
  });
}

}  // namespace connreg::simulation
