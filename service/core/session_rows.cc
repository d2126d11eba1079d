#include "service/core/session_rows.h"

#include "service/base/status_macros.h"

namespace connreg {

void SessionRows::Begin(const HostDirectory::Opened& opened,
                        const Refusals& refusals) {
  lease_ = opened.lease;
  state_ = SessionState(/*snapshot_wanted=*/!opened.in_step);
  if (opened.in_step)
    refused_.Carry();
  else
    refused_.Reset();
  NoteMissing(refusals);
}

absl::StatusOr<std::optional<Ack>> SessionRows::Apply(const RowBatch& batch) {
  RETURN_IF_ERROR(state_.Check(batch));
  auto& [clock, capacity, connections, hosts] = tables_;
  const bool is_snapshot = batch.kind == RowBatch::Kind::kSnapshot;
  if (is_snapshot && batch.first) {
    state_.BeginSnapshot();
    refused_.Reset();
    lease_->AdvanceMark();
    starts_empty_ = lease_->rows.load() == 0;
  }
  Ack ack;
  Refusals refusals;
  // What goes makes room for listeners, too.
  if (!hosts.Touch(*lease_, state_.in_step())) return std::nullopt;
  connections.Remove(batch.gone_connections, lease_->reporter);
  if (!hosts.Apply(batch, lease_, state_.in_step(), &refusals,
                   &ack.refused_listeners))
    return std::nullopt;
  ack.refused_connections =
      connections.Put(batch.connections, lease_, &refusals);
  // Before the end of a snapshot makes room.
  refused_.Note(batch, ack, capacity.RoomFor(*lease_), clock.Monotonic());
  connections.AddEnded(batch.ended, lease_);
  if (is_snapshot && batch.last) {
    if (!starts_empty_) {
      hosts.Sweep(*lease_);
      connections.Sweep(*lease_);
    }
    state_.EndSnapshot();
    hosts.Touch(*lease_, /*in_step=*/true);
  }
  // Whoever ends a lease does so before taking its rows away. So either those
  // put above were there to be taken, or the end shows here.
  if (!hosts.Has(lease_->id)) {
    hosts.RemoveLease(*lease_);
    connections.RemoveLease(*lease_, std::nullopt);
    return std::nullopt;
  }
  state_.Advance();
  NoteMissing(refusals);
  ack.limits = capacity.Reached(refusals);
  Complete(&ack);
  return ack;
}

absl::StatusOr<std::optional<Ack>> SessionRows::Apply(
    const KeepAlive& keep_alive) {
  RETURN_IF_ERROR(state_.Check(keep_alive));
  if (!tables_.hosts.Touch(*lease_, state_.in_step())) return std::nullopt;
  const bool diverges = keep_alive.digest && state_.in_step() &&
                        *keep_alive.digest != lease_->digest();
  if (diverges) {
    state_.WantSnapshot();
    lease_->AdvanceMark();
    tables_.hosts.Touch(*lease_, /*in_step=*/false);
  }
  NoteMissing(Refusals());
  Ack ack{.snapshot_wanted = keep_alive.digest && !state_.in_step(),
          .diverges = diverges};
  Complete(&ack);
  return ack;
}

void SessionRows::NoteMissing(const Refusals& refusals) {
  if (refusals.total() > 0 || refused_.AnyMissing(tables_.clock.Monotonic()))
    tables_.hosts.NoteRefusal(*lease_);
}

void SessionRows::Complete(Ack* ack) {
  ack->seq = state_.seq();
  ack->has_room =
      state_.in_step() && refused_.TakeRoom(tables_.capacity.RoomFor(*lease_),
                                            tables_.clock.Monotonic());
}

}  // namespace connreg
