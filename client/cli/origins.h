#ifndef CONNREG_CLIENT_CLI_ORIGINS_H_
#define CONNREG_CLIENT_CLI_ORIGINS_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/table.h"
#include "connreg/v1/socket.pb.h"

namespace connreg::cli {

// Origins knows which namespaces the rows of a table are from, and with that
// which of its columns say nothing.
class Origins {
 public:
  // Notes a socket that the table shows, and who reports it.
  void Add(const v1::Socket& socket, const v1::Reporter& reporter);

  // Drops NETWORK as DropDefaultNetwork() does, and NETNS if no host has rows
  // of several namespaces and none of those has a name, as those have that are
  // not the host's own. A namespace that was not told may be any of them.
  //
  // REQUIRES: the table has both columns.
  void DropIdleColumns(Table* table) const;

 private:
  std::map<std::string, std::set<std::string>> netns_by_host_;
  bool has_name_ = false;
};

// What the column NETWORK shows.
std::string NetworkText(absl::string_view network);

// Drops NETWORK if all rows are of the network "default".
//
// REQUIRES: the table has that column.
void DropDefaultNetwork(Table* table);

// What the column NETNS shows: "4026531841", with the name that people know it
// by "blue (4026531841)"; "?" if it was not told.
std::string NetnsText(const v1::Socket& socket);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ORIGINS_H_
