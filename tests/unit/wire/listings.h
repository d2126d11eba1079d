#ifndef CONNREG_TESTS_UNIT_WIRE_LISTINGS_H_
#define CONNREG_TESTS_UNIT_WIRE_LISTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/model/query.h"
#include "service/net/ip_address.h"
#include "service/wire/listing.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {

inline constexpr char kRun[] = "run-1";

// What the listings have in common, and where they differ: `kRequest` is one
// that each takes, and of which the serialized bytes are the same for all;
// `Places` are such as a page may end at.

struct Connections {
  using Request = v1::ListConnectionsRequest;
  using Response = v1::ListConnectionsResponse;
  using Page = ConnectionPage;
  static constexpr char kRequest[] = R"pb(host: "web-1")pb";

  static auto Query(const Request& request) {
    return ConnectionQueryFromProto(request, kRun);
  }
  static std::vector<uint64_t> Places() { return {0, 17, 80, UINT64_MAX}; }
};

struct Listeners {
  using Request = v1::ListListenersRequest;
  using Response = v1::ListListenersResponse;
  using Page = ListenerPage;
  static constexpr char kRequest[] = R"pb(host: "web-1")pb";

  static auto Query(const Request& request) {
    return ListenerQueryFromProto(request, kRun);
  }
  static std::vector<ListenerPlace> Places() {
    const auto address = [](absl::string_view text) {
      return IpAddress::Parse(text).value();
    };
    return {{"web-1", Transport::kTcp, 80, address("0.0.0.0"), "default"},
            {"vært", Transport::kUdp, 65535, address("fe80::1%eth0"), "vpc-a"},
            {"web-1", Transport::kTcp, 80, address("::"), "default"}};
  }
};

struct Endpoints {
  using Request = v1::ListEndpointsRequest;
  using Response = v1::ListEndpointsResponse;
  using Page = EndpointPage;
  static constexpr char kRequest[] = R"pb(host: "web-1")pb";

  static auto Query(const Request& request) {
    return EndpointQueryFromProto(request, kRun);
  }
  static std::vector<EndpointPlace> Places() {
    return {{At("10.0.0.5:80"), Transport::kTcp, "default"},
            {At("[fe80::1%eth0]:65535"), Transport::kUdp, "værk"},
            {At("[::]:443"), Transport::kTcp, "vpc-a"}};
  }
};

struct Hosts {
  using Request = v1::ListHostsRequest;
  using Response = v1::ListHostsResponse;
  using Page = HostPage;
  static constexpr char kRequest[] = R"pb(network: "web-1")pb";

  static auto Query(const Request& request) {
    return HostQueryFromProto(request, kRun);
  }
  static std::vector<HostKey> Places() {
    return {{"web-1", "default"}, {"vært", "værk"}};
  }
};

// What `request` is answered with for `page`.
template <typename Listing>
typename Listing::Response Answered(const typename Listing::Page& page,
                                    const typename Listing::Request& request) {
  typename Listing::Response response;
  ToProto(page, request, &response);
  return response;
}

// The token that `request` is given for the page after `place`.
template <typename Listing, typename Place>
std::string TokenFor(const typename Listing::Request& request,
                     const Place& place, const std::string& run_id = kRun) {
  return Answered<Listing>({.next = place, .coverage = {.run_id = run_id}},
                           request)
      .next_page_token();
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_WIRE_LISTINGS_H_
