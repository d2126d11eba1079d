#ifndef CONNREG_CLIENT_LIB_CHANNEL_H_
#define CONNREG_CLIENT_LIB_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace connreg {

// What every channel of ours has: no compression, no proxy, and room for the
// largest answer.
grpc::ChannelArguments OurChannelArguments();

// A channel to `target`, which is GrpcTarget() of what the user wrote.
std::shared_ptr<grpc::Channel> ChannelTo(
    const std::string& target, const grpc::ChannelArguments& arguments);

// UNAVAILABLE: nobody answers at `server`, as the user wrote it, by what gRPC
// says of it, although that was `tried` for so long.
absl::Status NoAnswer(absl::string_view server, absl::string_view grpc_message,
                      absl::Duration tried);

// UNIMPLEMENTED: what answers at `server` is no connregd, or an older one, by
// what it says.
absl::Status UnknownCall(absl::string_view server, absl::string_view message);

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_CHANNEL_H_
