#ifndef CONNREG_SERVICE_WIRE_REPORT_H_
#define CONNREG_SERVICE_WIRE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "connreg/v1/report.pb.h"
#include "service/model/report.h"

// What travels on a Report stream, both ways. The service reads what the agent
// writes, and the other way round.
namespace connreg {

// A batch without the rows that were malformed, which are refused alone.
struct DecodedBatch {
  RowBatch batch;
  // Where each of the batch's rows stands in the message.
  std::vector<uint32_t> listener_places;
  std::vector<uint32_t> connection_places;
  // Where those stand that were left out, in `listeners` and `connections`, and
  // why, of the first.
  std::vector<uint32_t> malformed_listeners;
  std::vector<uint32_t> malformed_connections;
  // How many of the ended connections were left out.
  size_t malformed_ended = 0;
  std::vector<v1::RowRefusal> refusals;
};

using ReportMessage =
    std::variant<SessionOpening, DecodedBatch, KeepAlive, Goodbye>;

// INVALID_ARGUMENT: the message as a whole cannot be taken, with the path of
//   the field and a reason: MESSAGE_MISSING, none is set.
absl::StatusOr<ReportMessage> ReportFromProto(const v1::ReportRequest& proto);

// The same of what the registry says.
absl::StatusOr<RegistryMessage> AnswerFromProto(
    const v1::ReportResponse& proto);

// REQUIRES: the message is empty.
void ToProto(const AgentMessage& message, v1::ReportRequest* proto);
void ToProto(const SessionWelcome& welcome, v1::ReportResponse* response);
void ToProto(const Ack& ack, v1::ReportResponse* response);
// The answer to a batch: `ack` speaks of places in that, the message of those
// in `decoded`, with the rows that were malformed.
void ToProto(const Ack& ack, const DecodedBatch& decoded,
             v1::ReportResponse* response);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_REPORT_H_
