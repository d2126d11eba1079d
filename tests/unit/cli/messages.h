#ifndef CONNREG_TESTS_UNIT_CLI_MESSAGES_H_
#define CONNREG_TESTS_UNIT_CLI_MESSAGES_H_

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/time/time.h"
#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace connreg::cli {

// The message that `text` writes in protobuf's text format.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

// A message equal to what `text` writes in protobuf's text format.
MATCHER_P(EqualsText, text, "equals " + std::string(text)) {
  std::decay_t<decltype(arg)> expected;
  if (!google::protobuf::TextFormat::ParseFromString(text, &expected)) {
    *result_listener << "which the text given is no message to compare with";
    return false;
  }
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << "which differs: " << difference;
  return equal;
}

// "10.0.0.5:5432", or "[2001:db8::1]:443".
inline v1::Endpoint At(const std::string& text) {
  const size_t colon = text.rfind(':');
  const bool bracketed = text.front() == '[';
  v1::Endpoint endpoint;
  endpoint.set_address(bracketed ? text.substr(1, colon - 2)
                                 : text.substr(0, colon));
  endpoint.set_port(static_cast<uint32_t>(std::stoul(text.substr(colon + 1))));
  return endpoint;
}

// One end of an established TCP connection, whose socket one process holds.
inline v1::Observation Side(const std::string& host, const std::string& local,
                            const std::string& remote,
                            const std::string& process, int pid) {
  v1::Observation side;
  side.mutable_socket()->set_transport(v1::TRANSPORT_TCP);
  v1::Process* const holder =
      side.mutable_socket()->mutable_owners()->add_processes();
  holder->set_display_name(process);
  holder->set_pid(pid);
  *side.mutable_local() = At(local);
  *side.mutable_remote() = At(remote);
  side.set_state(v1::CONNECTION_STATE_ESTABLISHED);
  side.mutable_provenance()->mutable_reporter()->set_host(host);
  return side;
}

// A connection whose client is web1's nginx and whose server is db1's postgres.
inline v1::Connection Joined() {
  v1::Connection connection;
  connection.set_network("default");
  connection.set_transport(v1::TRANSPORT_TCP);
  *connection.add_observations() =
      Side("web1", "10.0.0.9:51000", "10.0.0.5:5432", "nginx", 812);
  *connection.add_observations() =
      Side("db1", "10.0.0.5:5432", "10.0.0.9:51000", "postgres", 990);
  *connection.mutable_derived()->mutable_client() = At("10.0.0.9:51000");
  *connection.mutable_derived()->mutable_server() = At("10.0.0.5:5432");
  return connection;
}

// The same, where only the client's end is reported.
inline v1::Connection OneSided(v1::OneSidedReason reason) {
  v1::Connection connection = Joined();
  connection.mutable_observations()->RemoveLast();
  connection.mutable_derived()->set_one_sided_reason(reason);
  return connection;
}

// Joined(), of which both ends have ended: the client's first.
inline v1::Connection Ended() {
  v1::Connection connection = Joined();
  for (int i = 0; i < 2; ++i) {
    v1::Closure* const closure =
        connection.mutable_observations(i)->mutable_closure();
    closure->mutable_close_time()->set_seconds(1700000000 + i);
    closure->set_reason(i == 0 ? v1::CLOSE_REASON_DEREGISTERED
                               : v1::CLOSE_REASON_LEASE_ENDED);
  }
  return connection;
}

// Two minutes after the first of those times.
constexpr absl::Time kNow = absl::FromUnixSeconds(1700000120);

constexpr Style kAsTable = {OutputFormat::kTable, kNow};
constexpr Style kAsWide = {OutputFormat::kWide, kNow};
constexpr Style kAsCsv = {OutputFormat::kCsv, kNow};

// Marks what is `derived` from a host that has gone silent.
template <typename Derived>
void MakeStale(Derived* derived) {
  derived->mutable_stale_since_time()->set_seconds(1700000000);
}

// A TCP listener of db1's postgres.
inline v1::Listener ListenerAt(const std::string& local) {
  v1::Listener listener;
  listener.mutable_socket()->set_transport(v1::TRANSPORT_TCP);
  v1::Process* const holder =
      listener.mutable_socket()->mutable_owners()->add_processes();
  holder->set_display_name("postgres");
  holder->set_pid(990);
  *listener.mutable_local() = At(local);
  listener.set_state(v1::LISTENER_STATE_LISTEN);
  listener.mutable_provenance()->mutable_reporter()->set_host("db1");
  return listener;
}

// A repeated field of these rows.
template <typename Row>
google::protobuf::RepeatedPtrField<Row> Rows(const std::vector<Row>& rows) {
  return google::protobuf::RepeatedPtrField<Row>(rows.begin(), rows.end());
}

}  // namespace connreg::cli

#endif  // CONNREG_TESTS_UNIT_CLI_MESSAGES_H_
