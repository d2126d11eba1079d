#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/columns.h"
#include "service/wire/enums.h"
#include "service/wire/request.h"

namespace connreg {
namespace {

constexpr size_t kMaxQuestions = 1000;

// `status` as that of a place in a column.
absl::Status AtPlace(absl::string_view column, size_t i,
                     const absl::Status& status) {
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  detail.field = absl::StrCat(column, "[", i, "]");
  return WithDetail(status, detail);
}

// How many questions there are.
absl::StatusOr<size_t> CountFromProto(const v1::BatchLookupRequest& proto) {
  const size_t bytes = proto.client_addresses().size();
  if (bytes == 0) {
    return InField("client_addresses",
                   InvalidArgument("QUESTION_MISSING", "no question"));
  }
  if (bytes % kAddressSize != 0) {
    return InField("client_addresses",
                   InvalidArgument("COLUMN_LENGTH",
                                   absl::StrCat(bytes, " bytes: an address is ",
                                                kAddressSize)));
  }
  if (bytes / kAddressSize > kMaxQuestions) {
    return InField("client_addresses",
                   InvalidArgument("TOO_MANY_QUESTIONS",
                                   absl::StrCat(bytes / kAddressSize,
                                                " questions: the limit is ",
                                                kMaxQuestions)));
  }
  return bytes / kAddressSize;
}

absl::Status CheckLength(absl::string_view column, size_t length,
                         size_t expected) {
  if (length == expected) return absl::OkStatus();
  return InField(
      column,
      InvalidArgument("COLUMN_LENGTH",
                      absl::StrCat("a column of ", length,
                                   ": by client_addresses it is ", expected)));
}

absl::Status CheckLengths(const v1::BatchLookupRequest& proto, size_t count) {
  const auto optional = [&](absl::string_view column, size_t length) {
    return length == 0 ? absl::OkStatus() : CheckLength(column, length, count);
  };
  RETURN_IF_ERROR(
      CheckLength("client_ports", proto.client_ports_size(), count));
  RETURN_IF_ERROR(CheckLength("server_addresses",
                              proto.server_addresses().size(),
                              count * kAddressSize));
  RETURN_IF_ERROR(
      CheckLength("server_ports", proto.server_ports_size(), count));
  RETURN_IF_ERROR(optional("transports", proto.transports_size()));
  return optional("zones", proto.zones_size());
}

// Reads the ends of questions.
class Ends {
 public:
  explicit Ends(const v1::BatchLookupRequest& proto) : proto_(proto) {}

  absl::StatusOr<FourTuple> TupleAt(size_t i) const {
    if (const std::optional<FourTuple> plain = PlainTupleAt(i)) return *plain;
    ASSIGN_OR_RETURN(
        const Endpoint client,
        EndAt("client", proto_.client_addresses(), proto_.client_ports(), i));
    ASSIGN_OR_RETURN(
        const Endpoint server,
        EndAt("server", proto_.server_addresses(), proto_.server_ports(), i));
    RETURN_IF_ERROR(CheckZoneUsed(client, server, i));
    const absl::StatusOr<FourTuple> tuple = FourTuple::Create(client, server);
    if (tuple.ok()) return tuple;
    const ErrorDetail detail = DetailOf(tuple.status()).value_or(ErrorDetail{});
    return AtPlace(detail.field == "local.address" ? "client_addresses"
                                                   : "server_addresses",
                   i, tuple.status());
  }

 private:
  // The tuple that nothing stands against, and that needs no zone, as hardly
  // any does.
  std::optional<FourTuple> PlainTupleAt(size_t i) const {
    const IpAddress client = AddressAt(proto_.client_addresses(), i);
    const IpAddress server = AddressAt(proto_.server_addresses(), i);
    const uint32_t client_port = proto_.client_ports(static_cast<int>(i));
    const uint32_t server_port = proto_.server_ports(static_cast<int>(i));
    const auto is_port = [](uint32_t port) {
      return port > 0 && port <= std::numeric_limits<uint16_t>::max();
    };
    if (!proto_.zones().empty() || client.is_unspecified() ||
        server.is_unspecified() || client.is_v4() != server.is_v4() ||
        !is_port(client_port) || !is_port(server_port))
      return std::nullopt;
    return FourTuple::Of(
        Endpoint::Of(client, static_cast<uint16_t>(client_port)),
        Endpoint::Of(server, static_cast<uint16_t>(server_port)));
  }

  static IpAddress AddressAt(const std::string& addresses, size_t i) {
    std::array<uint8_t, kAddressSize> bytes;
    std::memcpy(bytes.data(), addresses.data() + i * kAddressSize,
                kAddressSize);
    return IpAddress::V6(bytes);
  }

  absl::string_view ZoneAt(size_t i) const {
    return proto_.zones().empty()
               ? absl::string_view()
               : absl::string_view(proto_.zones(static_cast<int>(i)));
  }

  // The endpoint at the end that is called `end`.
  absl::StatusOr<Endpoint> EndAt(
      absl::string_view end, const std::string& addresses,
      const google::protobuf::RepeatedField<uint32_t>& ports, size_t i) const {
    absl::StatusOr<IpAddress> address = AddressAt(addresses, i);
    if (address->is_link_local()) address = address->WithZone(ZoneAt(i));
    if (!address.ok()) return AtPlace("zones", i, address.status());
    absl::StatusOr<Endpoint> endpoint =
        Endpoint::Create(*address, ports[static_cast<int>(i)]);
    if (!endpoint.ok())
      return AtPlace(absl::StrCat(end, "_ports"), i, endpoint.status());
    return endpoint;
  }

  absl::Status CheckZoneUsed(const Endpoint& client, const Endpoint& server,
                             size_t i) const {
    if (ZoneAt(i).empty() || client.address().is_link_local() ||
        server.address().is_link_local())
      return absl::OkStatus();
    return AtPlace(
        "zones", i,
        InvalidArgument("ZONE_NOT_ALLOWED",
                        "a zone, and neither address is link-local"));
  }

  const v1::BatchLookupRequest& proto_;
};

}  // namespace

absl::StatusOr<BatchLookupQuestion> BatchLookupQuestionFromProto(
    const v1::BatchLookupRequest& proto) {
  ASSIGN_OR_RETURN(const Scope scope, HostScopeFromProto(proto));
  ASSIGN_OR_RETURN(const size_t count, CountFromProto(proto));
  RETURN_IF_ERROR(CheckLengths(proto, count));
  BatchLookupQuestion question{.network = scope.network, .host = scope.host};
  question.tuples.reserve(count);
  const Ends ends(proto);
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const FourTuple tuple, ends.TupleAt(i));
    question.tuples.push_back(tuple);
  }
  for (int i = 0; i < proto.transports_size(); ++i) {
    const auto transport = OptionalTransportFromProto(proto.transports(i));
    if (!transport.ok()) return AtPlace("transports", i, transport.status());
    question.transports.push_back(*transport);
  }
  return question;
}

}  // namespace connreg
