#ifndef CONNREG_SERVICE_GRPC_LOG_H_
#define CONNREG_SERVICE_GRPC_LOG_H_

namespace connreg {

// From now on what gRPC itself has to say goes to the log of this process, as
// lines whose message is "grpc". That is errors alone, unless GRPC_VERBOSITY
// asks for more.
void LogGrpcMessages();

}  // namespace connreg

#endif  // CONNREG_SERVICE_GRPC_LOG_H_
