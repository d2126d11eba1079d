#ifndef CONNREG_TESTS_COMPONENT_REPORT_CLIENT_H_
#define CONNREG_TESTS_COMPONENT_REPORT_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "connreg/v1/reporting_service.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "service/model/report.h"
#include "tests/component/fault.h"

namespace connreg {

// One stream of Report, of which each call waits for its turn. It is cancelled
// if it has not ended when it is destroyed.
class ReportClient {
 public:
  explicit ReportClient(v1::ReportingService::Stub& stub);
  ~ReportClient();

  // False if the stream has ended.
  bool Send(const v1::ReportRequest& request);
  bool Send(const AgentMessage& message);

  // Waits for the next answer. One that is of another kind, or a stream that
  // has ended, fails the test.
  v1::Welcome ReadWelcome();
  v1::Ack ReadAck();

  // Sends a message and waits for its answer.
  v1::Welcome Open(const SessionOpening& opening);
  v1::Ack Tell(const AgentMessage& message);

  // Waits for the end, whatever is answered before.
  Fault End();
  // Says that nothing more will be sent, and waits for the end.
  Fault HalfClose();
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::ReportRequest, v1::ReportResponse>>
      stream_;
  bool finished_ = false;
};

// What an agent of `host` says first that has `rows` of digest.
SessionOpening Opening(const std::string& host, const RowDigest& digest = {});

// A whole snapshot of these rows in one batch, or a delta.
RowBatch Snapshot(uint64_t seq, const std::vector<ListenerFacts>& listeners,
                  const std::vector<ConnectionFacts>& connections = {});
RowBatch Delta(uint64_t seq, const std::vector<ListenerFacts>& listeners,
               const std::vector<ConnectionFacts>& connections = {});

// A TCP listener, or a connection.
ListenerFacts ListenerAt(absl::string_view local);
ConnectionFacts ConnectionOf(absl::string_view local, absl::string_view remote);

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_REPORT_CLIENT_H_
