#ifndef CONNREG_CLIENT_CLI_RENDER_H_
#define CONNREG_CLIENT_CLI_RENDER_H_

#include "absl/time/time.h"
#include "client/cli/table.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace connreg::cli {

using Connections = google::protobuf::RepeatedPtrField<v1::Connection>;
using Listeners = google::protobuf::RepeatedPtrField<v1::Listener>;
using Endpoints = google::protobuf::RepeatedPtrField<v1::EndpointSummary>;
using Hosts = google::protobuf::RepeatedPtrField<v1::Host>;

// The tables that people read: as ss(8) prints sockets, with the host, and the
// process at each end. The column NETWORK is there if a row is not of the
// network "default", NETNS if a host has rows of several namespaces. Times are
// ages at `now`.

// A row for each connection, ordered by server, then client. The sign between
// the ends is ">" where the roles are known, else "-". Of a missing end stand
// the reason under HOST, and "?" elsewhere. One that has ended is CLOSED, and
// says when and why behind its processes.
Table ConnectionsAsTable(const Connections& connections, absl::Time now);

// A row for each listener, ordered by endpoint, then host.
Table ListenersAsTable(const Listeners& listeners, absl::Time now);

// A row for each endpoint, as they came: the first listener there and how many
// more there are, and how many connections have that end, in all and by state.
Table EndpointsAsTable(const Endpoints& endpoints, absl::Time now);

// A row for each host, as they came. The column REFUSED is there if rows of one
// were refused.
Table HostsAsTable(const Hosts& hosts, absl::Time now);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_RENDER_H_
