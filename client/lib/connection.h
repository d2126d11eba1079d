#ifndef CONNREG_CLIENT_LIB_CONNECTION_H_
#define CONNREG_CLIENT_LIB_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/lib/client.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "service/wire/status.h"

namespace connreg {

// Connection is what the calls of one Client go through: its channel, when a
// call is made again, and in which words a lost one is told.
//
// Thread-safe.
class Connection {
 public:
  // To `target`, which is GrpcTarget(server).
  Connection(absl::string_view server, const std::string& target,
             const Client::Options& options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // As the user named it.
  const std::string& server() const { return server_; }

  // Makes one call: `call` is given its context and the response. Returns what
  // Client promises of every call.
  template <typename Response, typename Call>
  absl::StatusOr<Response> Ask(const Call& call) const {
    const absl::Time end_of_wait = absl::Now() + options_.wait;
    while (true) {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
      Response response;
      const absl::Status status = FromGrpcStatus(call(&context, &response));
      if (status.ok()) return response;
      if (!FoundNoService(status) || !Connects(end_of_wait))
        return Explained(status);
    }
  }

  // Waits after a call was lost until another is worth making, at the latest
  // until `end`. Whether there is a connection.
  bool ConnectsAnew(absl::Time end) const;

  // UNAVAILABLE: nobody answers, by what gRPC says of it, although that was
  // `tried` for so long.
  absl::Status NoAnswer(absl::string_view grpc_message,
                        absl::Duration tried) const;

 private:
  // Whether a call that ended so has reached no service.
  bool FoundNoService(const absl::Status& status) const;

  // Tries to connect until `end`. Whether there is a connection.
  bool Connects(absl::Time end) const;

  // What gRPC itself has to say of a lost call, in words for people. What the
  // service says stays as it is.
  absl::Status Explained(const absl::Status& status) const;

  const std::string server_;
  const Client::Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_CONNECTION_H_
