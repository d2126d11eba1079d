#ifndef CONNREG_TESTS_COMPONENT_MESSAGES_H_
#define CONNREG_TESTS_COMPONENT_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/reporting_service.pb.h"
#include "connreg/v1/socket.pb.h"

// Short ways to write the messages that a client sends, and to read those that
// it gets.
namespace connreg {

// ---- What is reported ----

v1::Endpoint At(absl::string_view text);

v1::Reporter Agent(const std::string& host,
                   const std::string& network = "default");
v1::Reporter Program(const std::string& host, const std::string& name = "web");

// TCP. Without a cookie unless given.
v1::Listener Listening(absl::string_view local, uint64_t cookie = 0);
// UDP.
v1::Listener Bound(absl::string_view local);
// TCP, established, of unknown role.
v1::Observation Connected(absl::string_view local, absl::string_view remote,
                          uint64_t cookie = 0);
// The same with its role.
v1::Observation Accepted(absl::string_view local, absl::string_view remote,
                         uint64_t cookie = 0);
v1::Observation Initiated(absl::string_view local, absl::string_view remote,
                          uint64_t cookie = 0);

struct Rows {
  std::vector<v1::Listener> listeners;
  std::vector<v1::Observation> connections;
  // Of the namespace that is not told. None: the addresses are not told.
  std::vector<std::string> addresses;
};
v1::RegisterRequest Report(const v1::Reporter& reporter, const Rows& rows = {},
                           int ttl_seconds = 3600);
v1::DeregisterRequest Withdrawal(const v1::Reporter& reporter,
                                 const Rows& rows);
v1::DeregisterRequest WithdrawalOfAll(const v1::Reporter& reporter);

// ---- What is asked ----

v1::LookupRequest Asking(absl::string_view endpoint);
v1::LookupRequest Asking(absl::string_view client, absl::string_view server);

// ---- What is answered ----

std::string Text(const v1::Endpoint& endpoint);
// "10.0.0.9:51000 > 10.0.0.5:5432": client first where roles are known, else
// as the first observation has it.
std::string Text(const v1::Connection& connection);
// "db-1 0.0.0.0:5432".
std::string Text(const v1::Listener& listener);

template <typename Messages>
std::vector<std::string> Texts(const Messages& messages) {
  std::vector<std::string> texts;
  for (const auto& message : messages) texts.push_back(Text(message));
  return texts;
}

// The hosts at the ends of `connection`, in the order of its observations.
std::vector<std::string> Hosts(const v1::Connection& connection);

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_MESSAGES_H_
