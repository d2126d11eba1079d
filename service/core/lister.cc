#include "service/core/lister.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "service/core/answer_room.h"
#include "service/core/endpoint_walk.h"

namespace connreg {

ConnectionPage Lister::ListConnections(const ConnectionQuery& query) const {
  ConnectionPage page;
  const GroupFilter filter{query.scope, query.endpoint, query.show_closed};
  // One group more than a page holds, so that the last page is known to be it.
  std::vector<RowGroup> groups =
      connections_.Scan(filter, query.after, query.page_size + 1);
  std::vector<JoinedGroup> joined = joiner_.Join(&groups);
  joiner_.ExplainByNat(&joined);
  page.connections.reserve(groups.size());
  AnswerRoom room(query.page_size);
  std::optional<uint64_t> last;
  for (size_t i = 0; i < groups.size(); ++i) {
    std::vector<Connection>& of_group = joined[i].live;
    std::move(joined[i].closed.begin(), joined[i].closed.end(),
              std::back_inserter(of_group));
    std::erase_if(of_group, [&](const Connection& connection) {
      return !Matches(query.scope, connection);
    });
    if (!room.Take(absl::MakeConstSpan(of_group)) && last) {
      page.next = last;
      return page;
    }
    std::move(of_group.begin(), of_group.end(),
              std::back_inserter(page.connections));
    last = groups[i].hash;
  }
  // A group of which nothing is shown takes no room.
  if (groups.size() > query.page_size) page.next = last;
  return page;
}

ListenerPage Lister::ListListeners(const ListenerQuery& query) const {
  ListenerPage page;
  const std::vector<ListenerGroup> groups =
      query.endpoint
          ? hosts_.Takers({*query.endpoint}, query.scope, query.after,
                          query.page_size + 1)
          : hosts_.Scan(query.scope, query.after, query.page_size + 1);
  AnswerRoom room(query.page_size);
  std::optional<ListenerPlace> last;
  for (const ListenerGroup& group : groups) {
    if (!room.Take(absl::MakeConstSpan(group.listeners)) && last) {
      page.next = last;
      break;
    }
    page.listeners.insert(page.listeners.end(), group.listeners.begin(),
                          group.listeners.end());
    last = group.place;
  }
  return page;
}

EndpointPage Lister::ListEndpoints(const EndpointQuery& query) const {
  return EndpointWalk(query, connections_, hosts_, joiner_).Page();
}

HostPage Lister::ListHosts(const HostQuery& query) const {
  HostPage page{.hosts = hosts_.List(query, query.page_size + 1)};
  if (page.hosts.size() > query.page_size) {
    page.hosts.pop_back();
    page.next = page.hosts.back().key;
  }
  return page;
}

}  // namespace connreg
