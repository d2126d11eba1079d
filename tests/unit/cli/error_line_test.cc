#include "client/cli/error_line.h"

#include "gmock/gmock.h"
#include "service/base/error.h"

namespace connreg::cli {
namespace {

TEST(ErrorLineTest, TheFieldStandsBeforeTheMessage) {
  EXPECT_EQ(ErrorLine(InField("reporter.host",
                              InvalidArgument("TEXT_EMPTY", "no host"))),
            "connreg: reporter.host: no host");
}

TEST(ErrorLineTest, NoServiceSaysWhatToDo) {
  EXPECT_EQ(ErrorLine(absl::UnavailableError(
                "no connregd answers at 127.0.0.1:7878: Connection refused")),
            "connreg: no connregd answers at 127.0.0.1:7878: Connection "
            "refused; start it, or name another with --server");
}

TEST(ErrorLineTest, ATimeoutSaysWhatToDo) {
  EXPECT_EQ(ErrorLine(absl::DeadlineExceededError(
                "no answer from 127.0.0.1:7878 within 10s")),
            "connreg: no answer from 127.0.0.1:7878 within 10s; allow it more "
            "with --timeout");
}

TEST(ErrorLineTest, AnErrorWithoutAMessageHasItsCode) {
  EXPECT_EQ(ErrorLine(absl::UnimplementedError("")), "connreg: UNIMPLEMENTED");
}

TEST(ErrorLineTest, AMessageOfSeveralLinesIsOne) {
  EXPECT_EQ(ErrorLine(absl::InternalError("a\nb")), "connreg: a\\nb");
}

TEST(ErrorLineTest, OnlyAMalformedRequestIsTheCallersFault) {
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), ExitCode::kNoAnswer);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), ExitCode::kNoAnswer);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), ExitCode::kNoAnswer);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), ExitCode::kNoAnswer);
}

}  // namespace
}  // namespace connreg::cli
