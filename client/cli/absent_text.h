#ifndef CONNREG_CLIENT_CLI_ABSENT_TEXT_H_
#define CONNREG_CLIENT_CLI_ABSENT_TEXT_H_

#include <string>

#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

// "10.0.0.5:5432", "10.0.0.9:51000 > 10.0.0.5:5432", "1:SmAASlef...": what
// `request` asks for.
std::string SubjectText(const v1::LookupRequest& request);

// Why nothing was found, in a sentence: what that says of what was asked for,
// and what to do about it where something can be done.
//
// REQUIRES: the reason is not CLOSED, of which there are rows to show.
std::string AbsentText(const v1::LookupRequest& request,
                       const v1::Absent& absent, const Style& style);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ABSENT_TEXT_H_
