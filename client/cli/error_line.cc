#include "client/cli/error_line.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/wire/text.h"

namespace connreg::cli {

std::string ErrorLine(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  const std::string field =
      detail && !detail->field.empty() ? absl::StrCat(detail->field, ": ") : "";
  const std::string message = status.message().empty()
                                  ? absl::StatusCodeToString(status.code())
                                  : std::string(status.message());
  const absl::string_view advice =
      absl::IsUnavailable(status) ? "; start it, or name another with --server"
      : absl::IsDeadlineExceeded(status) ? "; allow it more with --timeout"
                                         : "";
  return absl::StrCat("connreg: ", OneLine(field), OneLine(message), advice);
}

ExitCode ExitCodeOf(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? ExitCode::kUsage
                                         : ExitCode::kNoAnswer;
}

}  // namespace connreg::cli
