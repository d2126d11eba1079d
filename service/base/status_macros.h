#ifndef CONNREG_SERVICE_BASE_STATUS_MACROS_H_
#define CONNREG_SERVICE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function if `expression` is an error.
#define RETURN_IF_ERROR(expression) \
  CONNREG_RETURN_IF_ERROR_(CONNREG_CONCAT_(status_, __LINE__), expression)

// Evaluates `expression`, an absl::StatusOr, and either returns its error from
// the enclosing function or assigns its value to `lhs`, which may declare a
// variable.
#define ASSIGN_OR_RETURN(lhs, expression)                               \
  CONNREG_ASSIGN_OR_RETURN_(CONNREG_CONCAT_(status_or_, __LINE__), lhs, \
                            expression)

#define CONNREG_RETURN_IF_ERROR_(status, expression)                     \
  do {                                                                   \
    if (absl::Status status = (expression); !status.ok()) return status; \
  } while (false)

#define CONNREG_ASSIGN_OR_RETURN_(statusor, lhs, expression) \
  auto statusor = (expression);                              \
  if (!statusor.ok()) return std::move(statusor).status();   \
  lhs = *std::move(statusor)

#define CONNREG_CONCAT_(a, b) CONNREG_CONCAT_INNER_(a, b)
#define CONNREG_CONCAT_INNER_(a, b) a##b

#endif  // CONNREG_SERVICE_BASE_STATUS_MACROS_H_
