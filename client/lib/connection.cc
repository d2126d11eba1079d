#include "client/lib/connection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "service/base/error.h"

namespace connreg {
namespace {

// A page of 1,000 connections whose sockets have very many holders.
constexpr int kMaxResponseBytes = 64 << 20;

// Between two tries to connect.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Milliseconds(250);

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                   1 << GRPC_COMPRESS_NONE);
  // A proxy for web traffic does not lead to connregd.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// Why no connection came about, out of gRPC's chain of causes, such as "failed
// to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to
// connect to remote host: Connection refused". The last cause is the one that
// tells something.
absl::string_view LastCause(absl::string_view message) {
  absl::string_view line = message.substr(0, message.find('\n'));
  const size_t colon = line.rfind(": ");
  if (colon != absl::string_view::npos) line.remove_prefix(colon + 2);
  return line;
}

}  // namespace

Connection::Connection(absl::string_view server, const std::string& target,
                       const Client::Options& options)
    : server_(server),
      options_(options),
      channel_(grpc::CreateCustomChannel(
          target, grpc::InsecureChannelCredentials(), Arguments())) {}

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
  return absl::UnavailableError(absl::StrCat(
      "no connregd answers at ", server_, ": ", LastCause(grpc_message),
      tried > absl::ZeroDuration()
          ? absl::StrCat(" (tried for ", absl::FormatDuration(tried), ")")
          : ""));
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
  if (absl::IsUnimplemented(status)) {
    return absl::UnimplementedError(
        absl::StrCat("what answers at ", server_,
                     " does not know this call: ", status.message()));
  }
  return status;
}

}  // namespace connreg
