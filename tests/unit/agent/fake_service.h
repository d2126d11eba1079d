#ifndef CONNREG_TESTS_UNIT_AGENT_FAKE_SERVICE_H_
#define CONNREG_TESTS_UNIT_AGENT_FAKE_SERVICE_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/agent/service_calls.h"

namespace connreg {

// A service that keeps what one reporter says, by the rules of the contract:
// what is registered stays until the lease is lost.
class FakeService : public ServiceCalls {
 public:
  absl::StatusOr<v1::RegisterResponse> Register(
      const v1::RegisterRequest& request) override {
    registers.push_back(request);
    if (!failure.ok()) return failure;
    if (!register_failure.ok()) return register_failure;
    if (registers.size() == lose_lease_before) Restart();
    v1::RegisterResponse response = next;
    next = {};
    response.set_lease_granted(!has_lease);
    has_lease = true;
    for (const v1::Listener& row : request.listeners()) rows.insert(Key(row));
    for (const v1::Observation& row : request.connections())
      rows.insert(Key(row));
    if (request.has_coverage_gaps()) gaps = request.coverage_gaps();
    for (const v1::NetworkNamespace& told : request.namespaces()) netns = told;
    return response;
  }

  absl::StatusOr<std::vector<v1::Reporter>> ReportersOf(
      const std::string&, const std::string&) override {
    if (!failure.ok()) return failure;
    return reporters;
  }

  // Starts anew, with nothing.
  void Restart() {
    has_lease = false;
    rows.clear();
    gaps = {};
    netns = {};
  }

  // What every call is answered with, if it is an error.
  absl::Status failure;
  // The same of registrations alone.
  absl::Status register_failure;
  // What the next registration is answered with.
  v1::RegisterResponse next;
  // The number of the registration that meets a service that has started anew.
  size_t lose_lease_before = 0;
  // Who reports for the host.
  std::vector<v1::Reporter> reporters;

  std::vector<v1::RegisterRequest> registers;
  // What is known: "10.0.0.5:22 cookie 1", "10.0.0.5:22 10.0.0.9:51000 cookie
  // 2".
  std::set<std::string> rows;
  v1::CoverageGaps gaps;
  // That which was told last.
  v1::NetworkNamespace netns;
  bool has_lease = false;

 private:
  static std::string Text(const v1::Endpoint& endpoint) {
    return absl::StrCat(endpoint.address(), ":", endpoint.port());
  }
  static std::string Key(const v1::Listener& row) {
    return absl::StrCat(Text(row.local()), " cookie ", row.socket().cookie());
  }
  static std::string Key(const v1::Observation& row) {
    return absl::StrCat(Text(row.local()), " ", Text(row.remote()), " cookie ",
                        row.socket().cookie());
  }
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_FAKE_SERVICE_H_
