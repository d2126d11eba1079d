#ifndef CONNREG_CLIENT_CLI_CONNECTION_BLOCK_H_
#define CONNREG_CLIENT_CLI_CONNECTION_BLOCK_H_

#include <cstddef>
#include <optional>
#include <string>

#include "client/cli/output.h"
#include "client/cli/render.h"
#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

// All that people ask of one connection, over several lines: each end with its
// host, processes and role and how that is known, or why it is missing; what
// the ends do not agree in; and its Community ID. `waiting` are the listeners
// that were found with it; null if nobody looked for them.
//
// REQUIRES: style.format is kTable.
std::string ConnectionBlock(const v1::Connection& connection,
                            const Listeners* waiting, const Style& style,
                            std::optional<size_t> width);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_CONNECTION_BLOCK_H_
