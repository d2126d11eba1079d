#ifndef CONNREG_CLIENT_LIB_REPORT_STREAM_H_
#define CONNREG_CLIENT_LIB_REPORT_STREAM_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connreg/v1/report.pb.h"

namespace connreg {

class StreamCall;
class WakeEvent;

// ReportStream carries the messages of ReportingService.Report: one stream
// after another, each over a connection of its own, so that one that leads
// nowhere is left behind with its stream. A stream is tried once, as soon as it
// is asked for; when to try again is its user's affair.
//
// None of its calls wait. A descriptor tells when something has happened.
//
// Not thread-safe.
class ReportStream {
 public:
  // To `server`: "HOST:PORT", "[V6]:PORT" or "unix:PATH". A connection that has
  // not come about after `patience` is given up, also where its stream was
  // cancelled before.
  //
  // INVALID_ARGUMENT: it is none of these.
  static absl::StatusOr<std::unique_ptr<ReportStream>> Create(
      absl::string_view server, absl::Duration patience);

  // Cancels the stream that is open, and waits until it has ended.
  ~ReportStream();

  // Readable when Take() may have something, or can_send() may have changed.
  int descriptor() const;

  // REQUIRES: !is_open()
  void Open();
  // Whether a stream was opened whose end was not taken yet.
  bool is_open() const { return call_ != nullptr; }

  // Whether the stream takes a message now: it is open, not finished, and has
  // sent the one before.
  bool can_send() const;
  // REQUIRES: can_send()
  void Send(v1::ReportRequest request);

  // What the service said next, or how the stream ended; nothing if there is
  // neither yet. It ended with the service's status and its ErrorDetail, or
  // with:
  //   UNAVAILABLE: no connregd answers at the server's address, or the
  //     connection was lost.
  //   UNIMPLEMENTED: what answers is no connregd, or one that is older.
  using Event = std::variant<v1::ReportResponse, absl::Status>;
  std::optional<Event> Take();

  // Says that no more comes; what was sent still arrives. The service ends the
  // stream then.
  void Finish();
  // Ends the stream. What was sent may not arrive.
  void Cancel();

 private:
  ReportStream(std::string server, std::string target, absl::Duration patience,
               std::shared_ptr<WakeEvent> wake);

  absl::Status Explained(const absl::Status& status) const;

  const std::string server_;
  const std::string target_;
  const absl::Duration patience_;
  const std::shared_ptr<WakeEvent> wake_;
  // The stream that is open.
  std::unique_ptr<StreamCall> call_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_REPORT_STREAM_H_
