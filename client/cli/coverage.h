#ifndef CONNREG_CLIENT_CLI_COVERAGE_H_
#define CONNREG_CLIENT_CLI_COVERAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

// Whether an answer with this coverage may lack something.
bool IsPartial(const v1::Coverage& coverage);

// What it may lack: "syncing, 3 hosts are back (of 5); 1 host is silent". Empty
// if nothing. `rest` is the command that lists what a truncated answer leaves
// out.
std::string PartialText(const v1::Coverage& coverage, absl::string_view rest);

// The coverage of a listing, of whose pages `earlier` is that of all but the
// last: it lacks what any page lacks, and is as old as the last.
v1::Coverage CoverageOfAll(const v1::Coverage& earlier,
                           const v1::Coverage& last);

// Tells in one line on output.err what the answer may lack, if anything, except
// beside kJson, which shows the coverage itself.
void TellCoverage(const v1::Coverage& coverage, absl::string_view rest,
                  const Output& output);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_COVERAGE_H_
