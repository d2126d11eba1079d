#include "client/lib/channel.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace connreg {
namespace {

// A page of 1,000 connections whose sockets have very many holders.
constexpr int kMaxResponseBytes = 64 << 20;

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

grpc::ChannelArguments OurChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                   1 << GRPC_COMPRESS_NONE);
  // A proxy for web traffic does not lead to connregd.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::shared_ptr<grpc::Channel> ChannelTo(
    const std::string& target, const grpc::ChannelArguments& arguments) {
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                   arguments);
}

absl::Status NoAnswer(absl::string_view server, absl::string_view grpc_message,
                      absl::Duration tried) {
  return absl::UnavailableError(absl::StrCat(
      "no connregd answers at ", server, ": ", LastCause(grpc_message),
      tried > absl::ZeroDuration()
          ? absl::StrCat(" (tried for ", absl::FormatDuration(tried), ")")
          : ""));
}

absl::Status UnknownCall(absl::string_view server, absl::string_view message) {
  return absl::UnimplementedError(absl::StrCat(
      "what answers at ", server, " does not know this call: ", message));
}

}  // namespace connreg
