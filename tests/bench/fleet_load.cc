#include "tests/bench/fleet_load.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/lib/channel.h"
#include "service/base/status_macros.h"
#include "service/wire/report.h"
#include "tests/bench/call_load.h"

namespace connreg {
namespace {

// The most rows that an agent puts into one message.
constexpr size_t kMaxRows = 1'000;

// Fewer than the service takes of one connection.
constexpr size_t kStreamsOfConnection = 90;

grpc::ByteBuffer Serialized(const AgentMessage& message) {
  v1::ReportRequest request;
  ToProto(message, &request);
  return BufferOf(request.SerializeAsString());
}

}  // namespace

FleetLoad::FleetLoad(const std::string& target, const AcceptingFleet& fleet)
    : fleet_(fleet) {
  grpc::ChannelArguments arguments = OurChannelArguments();
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  for (size_t host = 0; host < fleet.hosts(); host += kStreamsOfConnection)
    stubs_.push_back(
        std::make_unique<grpc::GenericStub>(ChannelTo(target, arguments)));
}

FleetLoad::~FleetLoad() {
  Calls calls;
  for (const auto& [host, call] : calls_) {
    call->Cancel();
    calls.push_back(call.get());
  }
  ServeUntilEnded(std::move(calls));
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

absl::StatusOr<FleetLoad::Timing> FleetLoad::Add(size_t first, size_t count) {
  Calls calls;
  std::vector<std::vector<grpc::ByteBuffer>> snapshots;
  for (size_t host = first; host < first + count; ++host) {
    auto& call = calls_[host];
    call = std::make_unique<ReportCall>(*stubs_[host % stubs_.size()], queue_,
                                        OpeningOf(host));
    calls.push_back(call.get());
    snapshots.push_back(SnapshotOf(host));
  }
  RETURN_IF_ERROR(ServeUntilIdle(calls));
  const absl::Time start = absl::Now();
  for (size_t i = 0; i < count; ++i) calls[i]->Send(std::move(snapshots[i]));
  RETURN_IF_ERROR(ServeUntilIdle(std::move(calls)));
  return Timing{.rows = count * AcceptingFleet::kConnectionsOfHost,
                .elapsed = absl::Now() - start};
}

absl::StatusOr<FleetLoad::Timing> FleetLoad::Remove(size_t first,
                                                    size_t count) {
  const grpc::ByteBuffer goodbye = Serialized(Goodbye{.remove = true});
  Calls calls;
  const absl::Time start = absl::Now();
  for (size_t host = first; host < first + count; ++host) {
    calls.push_back(calls_.at(host).get());
    calls.back()->SendGoodbye(goodbye);
  }
  ServeUntilEnded(calls);
  const absl::Duration elapsed = absl::Now() - start;
  absl::Status status;
  for (const ReportCall* call : calls) status.Update(call->status());
  for (size_t host = first; host < first + count; ++host) calls_.erase(host);
  RETURN_IF_ERROR(status);
  return Timing{.rows = count * AcceptingFleet::kConnectionsOfHost,
                .elapsed = elapsed};
}

void FleetLoad::Serve(absl::Duration time) {
  const auto deadline = absl::ToChronoTime(absl::Now() + time);
  void* tag = nullptr;
  bool ok = false;
  while (queue_.AsyncNext(&tag, &ok, deadline) ==
         grpc::CompletionQueue::GOT_EVENT) {
    const auto& told = *static_cast<ReportCall::Tag*>(tag);
    told.call->Take(told.kind, ok);
  }
}

grpc::ByteBuffer FleetLoad::OpeningOf(size_t host) const {
  const Reporter reporter = AcceptingFleet::ReporterOf(host);
  // A digest that is no fleet's, so that the service wants to be told all.
  return Serialized(
      SessionOpening{.reporter = reporter,
                     .boot_id = absl::StrCat("boot of ", reporter.host),
                     .instance = absl::StrCat("agent of ", reporter.host),
                     .version = "load",
                     .ttl = absl::Hours(24),
                     .interval = absl::Seconds(1),
                     .time = absl::Now(),
                     .namespaces = {fleet_.NamespaceOf(host)},
                     .digest = {.rows = 1, .sum = 1}});
}

std::vector<grpc::ByteBuffer> FleetLoad::SnapshotOf(size_t host) const {
  std::vector<grpc::ByteBuffer> messages;
  for (RowBatch& batch : fleet_.SnapshotOf(host, kMaxRows))
    messages.push_back(Serialized(std::move(batch)));
  return messages;
}

absl::Status FleetLoad::ServeUntilIdle(Calls calls) {
  while (!calls.empty()) {
    if (calls.back()->is_idle()) {
      RETURN_IF_ERROR(calls.back()->status());
      calls.pop_back();
    } else {
      ServeNext();
    }
  }
  return absl::OkStatus();
}

void FleetLoad::ServeUntilEnded(Calls calls) {
  while (!calls.empty()) {
    if (calls.back()->has_ended())
      calls.pop_back();
    else
      ServeNext();
  }
}

void FleetLoad::ServeNext() {
  void* tag = nullptr;
  bool ok = false;
  queue_.Next(&tag, &ok);
  const auto& told = *static_cast<ReportCall::Tag*>(tag);
  told.call->Take(told.kind, ok);
}

}  // namespace connreg
