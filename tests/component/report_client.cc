#include "tests/component/report_client.h"

#include "gmock/gmock.h"
#include "service/wire/report.h"
#include "tests/component/service_fixture.h"

namespace connreg {

ReportClient::ReportClient(v1::ReportingService::Stub& stub) {
  context_.set_deadline(Deadline());
  stream_ = stub.Report(&context_);
}

ReportClient::~ReportClient() {
  if (finished_) return;
  Cancel();
  End();
}

bool ReportClient::Send(const v1::ReportRequest& request) {
  return stream_->Write(request);
}

bool ReportClient::Send(const AgentMessage& message) {
  v1::ReportRequest request;
  ToProto(message, &request);
  return Send(request);
}

v1::Welcome ReportClient::ReadWelcome() {
  v1::ReportResponse response;
  EXPECT_TRUE(stream_->Read(&response));
  EXPECT_TRUE(response.has_welcome());
  return response.welcome();
}

v1::Ack ReportClient::ReadAck() {
  v1::ReportResponse response;
  EXPECT_TRUE(stream_->Read(&response));
  EXPECT_TRUE(response.has_ack());
  return response.ack();
}

v1::Welcome ReportClient::Open(const SessionOpening& opening) {
  EXPECT_TRUE(Send(AgentMessage(opening)));
  return ReadWelcome();
}

v1::Ack ReportClient::Tell(const AgentMessage& message) {
  EXPECT_TRUE(Send(message));
  return ReadAck();
}

Fault ReportClient::End() {
  v1::ReportResponse response;
  while (stream_->Read(&response)) {
  }
  finished_ = true;
  return FaultOf(stream_->Finish());
}

Fault ReportClient::HalfClose() {
  stream_->WritesDone();
  return End();
}

SessionOpening Opening(const std::string& host, const RowDigest& digest) {
  return {.reporter = {.kind = ReporterKind::kAgent,
                       .name = "connreg-agent",
                       .host = host,
                       .network = "default"},
          .boot_id = "boot",
          .instance = "run",
          .version = "0.1.0",
          .ttl = absl::Seconds(30),
          .digest = digest};
}

RowBatch Snapshot(uint64_t seq, const std::vector<ListenerFacts>& listeners,
                  const std::vector<ConnectionFacts>& connections) {
  RowBatch batch = Delta(seq, listeners, connections);
  batch.kind = RowBatch::Kind::kSnapshot;
  batch.first = true;
  batch.last = true;
  return batch;
}

RowBatch Delta(uint64_t seq, const std::vector<ListenerFacts>& listeners,
               const std::vector<ConnectionFacts>& connections) {
  return {.seq = seq, .listeners = listeners, .connections = connections};
}

ListenerFacts ListenerAt(absl::string_view local) {
  return {.local = Endpoint::Parse(local).value()};
}

ConnectionFacts ConnectionOf(absl::string_view local,
                             absl::string_view remote) {
  return {.tuple = FourTuple::Create(Endpoint::Parse(local).value(),
                                     Endpoint::Parse(remote).value())
                       .value()};
}

}  // namespace connreg
