#include "client/lib/connection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/lib/channel.h"
#include "service/base/error.h"

namespace connreg {
namespace {

// Between two tries to connect.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Milliseconds(250);

}  // namespace

Connection::Connection(absl::string_view server, const std::string& target,
                       const Client::Options& options)
    : server_(server),
      options_(options),
      channel_(ChannelTo(target, OurChannelArguments())) {}

bool Connection::ConnectsAnew(absl::Time end) const {
  // What lost the call mostly takes the connection with it. Where it does not,
  // the next call keeps its distance.
  const absl::Time next_try = std::min(end, absl::Now() + kLongestPause);
  channel_->WaitForStateChange(GRPC_CHANNEL_READY,
                               absl::ToChronoTime(next_try));
  return Connects(end);
}

absl::Status Connection::NoAnswer(absl::string_view grpc_message,
                                  absl::Duration tried) const {
  return connreg::NoAnswer(server_, grpc_message, tried);
}

bool Connection::FoundNoService(const absl::Status& status) const {
  if (!absl::IsUnavailable(status) || DetailOf(status)) return false;
  const grpc_connectivity_state state = channel_->GetState(false);
  return state == GRPC_CHANNEL_TRANSIENT_FAILURE ||
         state == GRPC_CHANNEL_CONNECTING;
}

// gRPC's own pauses are of a second and more, and those that can be set begin
// at 100 ms and do not hold for names that do not resolve; so each try resets
// them.
bool Connection::Connects(absl::Time end) const {
  absl::Duration pause = kFirstPause;
  for (absl::Time now = absl::Now(); now < end; now = absl::Now()) {
    const absl::Time next_try = std::min(end, now + pause);
    if (channel_->WaitForConnected(absl::ToChronoTime(next_try))) return true;
    grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
    pause = std::min(2 * pause, kLongestPause);
  }
  return false;
}

absl::Status Connection::Explained(const absl::Status& status) const {
  if (DetailOf(status).has_value()) return status;
  if (absl::IsUnavailable(status)) {
    return NoAnswer(status.message(), FoundNoService(status)
                                          ? options_.wait
                                          : absl::ZeroDuration());
  }
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer from ", server_, " within ",
                     absl::FormatDuration(options_.timeout)));
  }
  if (absl::IsUnimplemented(status))
    return UnknownCall(server_, status.message());
  return status;
}

}  // namespace connreg
