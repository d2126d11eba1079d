#include "service/wire/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/enums.h"
#include "service/wire/reporting.h"
#include "service/wire/row_columns_reader.h"
#include "service/wire/row_columns_writer.h"
#include "service/wire/row_tables_reader.h"
#include "service/wire/row_tables_writer.h"
#include "service/wire/socket.h"

namespace connreg {
namespace {

// Sets what is said of the message as a whole.
absl::Status ReadHead(const v1::Rows& proto, RowBatch* batch) {
  batch->seq = proto.seq();
  ASSIGN_OR_RETURN(batch->kind, RowsKindFromProto(proto.kind()));
  batch->first = proto.first();
  batch->last = proto.last();
  if (batch->kind == RowBatch::Kind::kDelta && (batch->first || batch->last)) {
    return InField(batch->first ? "first" : "last",
                   InvalidArgument("NOT_A_SNAPSHOT",
                                   "a delta neither begins nor ends a "
                                   "snapshot"));
  }
  ASSIGN_OR_RETURN(
      batch->gone_namespaces,
      NetnsNamesFromProto("gone_namespaces", proto.gone_namespaces()));
  ASSIGN_OR_RETURN(batch->namespaces, NamespacesFromProto(proto.namespaces()));
  if (proto.has_coverage_gaps()) {
    ASSIGN_OR_RETURN(batch->gaps, GapsFromProto(proto.coverage_gaps()));
  }
  return absl::OkStatus();
}

size_t AllRows(const v1::Rows& proto) {
  return RowCount(proto.gone_listeners()) + RowCount(proto.gone_connections()) +
         RowCount(proto.listeners()) + RowCount(proto.connections()) +
         RowCount(proto.ended_connections());
}

// TOO_MANY_ROWS: of the message as a whole.
absl::Status CheckAllRows(size_t count) {
  if (count <= kMaxBatchRows) return absl::OkStatus();
  return InvalidArgument(
      "TOO_MANY_ROWS",
      absl::StrCat(count, " rows: the limit is ", kMaxBatchRows));
}

absl::Status CheckAllColumns(const v1::Rows& proto) {
  RETURN_IF_ERROR(
      InField("gone_listeners", CheckColumns(proto.gone_listeners())));
  RETURN_IF_ERROR(
      InField("gone_connections", CheckColumns(proto.gone_connections())));
  RETURN_IF_ERROR(InField("listeners", CheckColumns(proto.listeners())));
  RETURN_IF_ERROR(InField("connections", CheckColumns(proto.connections())));
  return InField("ended_connections", CheckColumns(proto.ended_connections()));
}

// Names of rows, of which none may be malformed.
template <typename Columns, typename Read, typename Name>
absl::Status ReadNames(absl::string_view field, const Columns& columns,
                       Read read, RowTablesReader& tables,
                       std::vector<Name>* names) {
  names->reserve(RowCount(columns));
  for (size_t row = 0; row < RowCount(columns); ++row) {
    absl::StatusOr<Name> name = read(columns, row, tables);
    if (!name.ok()) return InField(field, name.status());
    names->push_back(*std::move(name));
  }
  return absl::OkStatus();
}

// Facts that are about to be read. An endpoint is always one; reading puts the
// row's own in the place of this.
Endpoint AnyEndpoint() {
  return Endpoint::Of(IpAddress::V4({127, 0, 0, 1}), 1);
}
ListenerFacts BlankListener() { return {.local = AnyEndpoint()}; }
ConnectionFacts BlankConnection() {
  return {.tuple = FourTuple::Of(AnyEndpoint(), AnyEndpoint())};
}

// Rows, which are `blank` before they are read, and where they and those that
// are malformed stand.
template <typename Columns, typename Facts>
void ReadRows(absl::string_view field, const Columns& columns,
              const Facts& blank, RowTablesReader& tables,
              std::vector<Facts>* rows, std::vector<uint32_t>* places,
              std::vector<uint32_t>* malformed,
              std::vector<v1::RowRefusal>* refusals) {
  rows->reserve(RowCount(columns));
  places->reserve(RowCount(columns));
  for (size_t row = 0; row < RowCount(columns); ++row) {
    rows->push_back(blank);
    const absl::Status status = ReadRow(columns, row, tables, &rows->back());
    if (status.ok()) {
      places->push_back(static_cast<uint32_t>(row));
      continue;
    }
    rows->pop_back();
    malformed->push_back(static_cast<uint32_t>(row));
    if (refusals->size() == kMaxRefusalsListed) continue;
    ToProto(row, InField(absl::StrCat("rows.", field), status),
            &refusals->emplace_back());
  }
}

}  // namespace

absl::StatusOr<DecodedBatch> BatchFromProto(const v1::Rows& proto) {
  DecodedBatch decoded;
  RowBatch& batch = decoded.batch;
  RETURN_IF_ERROR(ReadHead(proto, &batch));
  RETURN_IF_ERROR(CheckAllColumns(proto));
  RETURN_IF_ERROR(CheckAllRows(AllRows(proto)));
  absl::StatusOr<RowTablesReader> tables = RowTablesReader::Create(
      proto.tables(), AllRows(proto), proto.ByteSizeLong());
  if (!tables.ok()) return InField("tables", tables.status());
  RETURN_IF_ERROR(ReadNames("gone_listeners", proto.gone_listeners(),
                            ListenerNameAt, *tables, &batch.gone_listeners));
  RETURN_IF_ERROR(ReadNames("gone_connections", proto.gone_connections(),
                            ConnectionNameAt, *tables,
                            &batch.gone_connections));
  ReadRows("listeners", proto.listeners(), BlankListener(), *tables,
           &batch.listeners, &decoded.listener_places,
           &decoded.malformed_listeners, &decoded.refusals);
  ReadRows("connections", proto.connections(), BlankConnection(), *tables,
           &batch.connections, &decoded.connection_places,
           &decoded.malformed_connections, &decoded.refusals);
  // Nothing is known by their places: they are over.
  std::vector<uint32_t> places;
  std::vector<uint32_t> malformed;
  ReadRows("ended_connections", proto.ended_connections(), BlankConnection(),
           *tables, &batch.ended, &places, &malformed, &decoded.refusals);
  decoded.malformed_ended = malformed.size();
  return decoded;
}

void ToProto(const RowBatch& batch, v1::Rows* proto) {
  proto->set_seq(batch.seq);
  proto->set_kind(ToProto(batch.kind));
  proto->set_first(batch.first);
  proto->set_last(batch.last);
  for (const std::string& netns : batch.gone_namespaces)
    proto->add_gone_namespaces(netns);
  for (const NetworkNamespace& netns : batch.namespaces)
    ToProto(netns, proto->add_namespaces());
  if (batch.gaps) ToProto(*batch.gaps, proto->mutable_coverage_gaps());
  if (RowCount(batch) == 0) return;
  RowTablesWriter tables(proto->mutable_tables());
  if (!batch.gone_listeners.empty())
    WriteColumns(batch.gone_listeners, tables, proto->mutable_gone_listeners());
  if (!batch.gone_connections.empty()) {
    WriteColumns(batch.gone_connections, tables,
                 proto->mutable_gone_connections());
  }
  if (!batch.listeners.empty())
    WriteColumns(batch.listeners, tables, proto->mutable_listeners());
  if (!batch.connections.empty())
    WriteColumns(batch.connections, tables, proto->mutable_connections());
  if (!batch.ended.empty())
    WriteColumns(batch.ended, tables, proto->mutable_ended_connections());
  tables.Finish();
}

}  // namespace connreg
