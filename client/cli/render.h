#ifndef CONNREG_CLIENT_CLI_RENDER_H_
#define CONNREG_CLIENT_CLI_RENDER_H_

#include "client/cli/output.h"
#include "client/cli/table.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace connreg::cli {

using Connections = google::protobuf::RepeatedPtrField<v1::Connection>;
using Listeners = google::protobuf::RepeatedPtrField<v1::Listener>;
using Endpoints = google::protobuf::RepeatedPtrField<v1::EndpointSummary>;
using Hosts = google::protobuf::RepeatedPtrField<v1::Host>;

// The tables of rows. REQUIRES, of all: the style's format is no form of JSON.
//
// People read them as ss(8) prints sockets, with the host, and the process at
// each end. In kTable the column NETWORK is there if a row is not of the
// network "default", NETNS if a host has rows of several namespaces. kWide has
// all columns and more, and of several processes, listeners or reporters all.
// The rows of kCsv are in the order in which they came, so that pages follow on
// one another.

// A row for each connection, for people ordered by server, then client. The
// sign between the ends is ">" where the roles are known, else "-". Of a
// missing end stand the reason under HOST, and "?" elsewhere. One that has
// ended is CLOSED, and says when and why behind its processes.
//
// In kCsv the columns of the ends are "client_..." and "server_...". Where
// `roles_known` is false these are the two ends in the order of kTable, and no
// more than that. A socket that is connected to itself stands at both.
Table ConnectionsAsTable(const Connections& connections, const Style& style);

// A row for each listener, for people ordered by endpoint, then host.
Table ListenersAsTable(const Listeners& listeners, const Style& style);

// A row for each endpoint, as they came: the first listener there and how many
// more there are, and how many connections have that end, in all and by state,
// in kWide and kCsv with a column for each state.
Table EndpointsAsTable(const Endpoints& endpoints, const Style& style);

// A row for each host, as they came. In kTable the columns REFUSED, NOT SEEN,
// CLOCK and NAME CONFLICT are there if rows of one were refused, one is seen in
// part, its clock is off, and another machine has its name; INTERVAL and
// VERSION if one has an agent that tells them.
Table HostsAsTable(const Hosts& hosts, const Style& style);

// One row: why nothing was found, and since when or of which hosts. It is that
// of kCsv alone; for people there are sentences.
Table AbsentAsTable(const v1::Absent& absent, const Style& style);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_RENDER_H_
