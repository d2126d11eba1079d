#include "client/cli/origins.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kDefaultNetwork[] = "default";

}  // namespace

void Origins::Add(const v1::Socket& socket, const v1::Reporter& reporter) {
  has_name_ |= !socket.netns_name().empty();
  if (!socket.netns().empty())
    netns_by_host_[reporter.host()].insert(socket.netns());
}

void Origins::DropIdleColumns(Table* table) const {
  const bool one_netns =
      std::all_of(netns_by_host_.begin(), netns_by_host_.end(),
                  [](const auto& host) { return host.second.size() == 1; });
  DropDefaultNetwork(table);
  if (one_netns && !has_name_) table->Drop("NETNS");
}

std::string NetworkText(absl::string_view network) {
  return network.empty() ? kDefaultNetwork : Displayable(network);
}

void DropDefaultNetwork(Table* table) {
  table->DropIfAllSay(kDefaultNetwork, "NETWORK");
}

std::string NetnsText(const v1::Socket& socket) {
  const std::string netns =
      socket.netns().empty() ? "?" : Displayable(socket.netns());
  return socket.netns_name().empty()
             ? netns
             : absl::StrCat(Displayable(socket.netns_name()), " (", netns, ")");
}

}  // namespace connreg::cli
