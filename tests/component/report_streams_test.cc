#include "service/rpc/report_streams.h"

#include <optional>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

constexpr absl::Duration kTick = absl::Milliseconds(1);

// A stream that ends when it is told to, and not before.
class FakeStream final : public EndableStream {
 public:
  explicit FakeStream(ReportStreams& streams) : streams_(streams) {
    streams_.Join(this);
  }
  ~FakeStream() { streams_.Leave(this); }

  void End(const absl::Status& status) override {
    if (!status_) status_ = status;
  }
  void CutOff() override { ++cuts_; }

  const std::optional<absl::Status>& status() const { return status_; }
  int cuts() const { return cuts_; }

 private:
  ReportStreams& streams_;
  std::optional<absl::Status> status_;
  int cuts_ = 0;
};

class ReportStreamsTest : public testing::Test {
 protected:
  void OpenSession(FakeStream& stream, Epoch epoch) {
    EXPECT_THAT(streams_.Begin(&stream,
                               [epoch]() -> absl::StatusOr<SessionWelcome> {
                                 return SessionWelcome{.epoch = epoch};
                               }),
                IsOk());
  }
  void Wait(absl::Duration duration) {
    clock_.Advance(duration);
    streams_.Advance();
  }

  FakeClock clock_;
  ReportStreams streams_{clock_};
};

TEST_F(ReportStreamsTest, SessionIsEndedByItsEpoch) {
  FakeStream stream(streams_);
  FakeStream other(streams_);
  OpenSession(stream, Epoch{1});
  OpenSession(other, Epoch{2});
  streams_.EndSuperseded(Epoch{1});
  EXPECT_THAT(stream.status(), Optional(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_EQ(other.status(), std::nullopt);
}

TEST_F(ReportStreamsTest, SessionThatEndsWhileItIsOpenedIsEnded) {
  FakeStream stream(streams_);
  EXPECT_THAT(streams_.Begin(&stream,
                             [this]() -> absl::StatusOr<SessionWelcome> {
                               streams_.EndLapsed({Epoch{1}});
                               return SessionWelcome{.epoch = Epoch{1}};
                             }),
              IsOk());
  EXPECT_THAT(stream.status(), Optional(StatusIs(absl::StatusCode::kAborted)));
}

TEST_F(ReportStreamsTest, StreamThatDoesNotEndIsCutOff) {
  FakeStream stream(streams_);
  OpenSession(stream, Epoch{1});
  streams_.EndLapsed({Epoch{1}});
  Wait(ReportStreams::kEndPatience - kTick);
  EXPECT_EQ(stream.cuts(), 0);
  Wait(kTick);
  EXPECT_EQ(stream.cuts(), 1);
  Wait(absl::Hours(1));
  EXPECT_EQ(stream.cuts(), 1);
}

TEST_F(ReportStreamsTest, StreamThatEndsItselfIsCutOffToo) {
  FakeStream stream(streams_);
  OpenSession(stream, Epoch{1});
  streams_.NoteEnding(&stream);
  Wait(ReportStreams::kEndPatience);
  EXPECT_EQ(stream.cuts(), 1);
}

TEST_F(ReportStreamsTest, EndingAgainDoesNotPutItOff) {
  FakeStream stream(streams_);
  OpenSession(stream, Epoch{1});
  streams_.EndSuperseded(Epoch{1});
  Wait(ReportStreams::kEndPatience - kTick);
  streams_.EndAll();
  streams_.NoteEnding(&stream);
  Wait(kTick);
  EXPECT_EQ(stream.cuts(), 1);
}

TEST_F(ReportStreamsTest, StoppingServiceCutsOffWhoDoesNotEnd) {
  FakeStream before(streams_);
  streams_.EndAll();
  FakeStream after(streams_);
  for (const FakeStream* stream : {&before, &after}) {
    EXPECT_THAT(stream->status(),
                Optional(StatusIs(absl::StatusCode::kUnavailable)));
    EXPECT_EQ(stream->cuts(), 0);
  }
  Wait(ReportStreams::kEndPatience);
  EXPECT_EQ(before.cuts(), 1);
  EXPECT_EQ(after.cuts(), 1);
}

TEST_F(ReportStreamsTest, StreamWithoutASessionIsEndedAndThenCutOff) {
  FakeStream stream(streams_);
  Wait(ReportStreams::kOpenPatience - kTick);
  EXPECT_EQ(stream.status(), std::nullopt);
  Wait(kTick);
  EXPECT_THAT(stream.status(),
              Optional(StatusIs(absl::StatusCode::kDeadlineExceeded)));
  EXPECT_EQ(stream.cuts(), 0);
  Wait(ReportStreams::kEndPatience);
  EXPECT_EQ(stream.cuts(), 1);
}

TEST_F(ReportStreamsTest, OpeningASessionMayTakeItsTime) {
  FakeStream stream(streams_);
  EXPECT_THAT(streams_.Begin(&stream,
                             [this]() -> absl::StatusOr<SessionWelcome> {
                               Wait(ReportStreams::kOpenPatience);
                               return SessionWelcome{.epoch = Epoch{1}};
                             }),
              IsOk());
  Wait(absl::ZeroDuration());
  EXPECT_EQ(stream.status(), std::nullopt);
}

TEST_F(ReportStreamsTest, StreamThatHasASessionIsLeftAlone) {
  FakeStream stream(streams_);
  OpenSession(stream, Epoch{1});
  Wait(absl::Hours(24));
  EXPECT_EQ(stream.status(), std::nullopt);
  EXPECT_EQ(stream.cuts(), 0);
}

TEST_F(ReportStreamsTest, StreamThatHasLeftIsNotTouched) {
  {
    FakeStream stream(streams_);
    OpenSession(stream, Epoch{1});
    streams_.EndSuperseded(Epoch{1});
  }
  Wait(ReportStreams::kEndPatience);
}

}  // namespace
}  // namespace connreg
