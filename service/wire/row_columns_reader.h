#ifndef CONNREG_SERVICE_WIRE_ROW_COLUMNS_READER_H_
#define CONNREG_SERVICE_WIRE_ROW_COLUMNS_READER_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connreg/v1/report.pb.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/wire/row_tables_reader.h"

// Rows out of their columns. Errors have the path of the field, counted from
// the columns.
namespace connreg {

// How many rows they are said to have.
inline size_t RowCount(const v1::ListenerColumns& columns) {
  return columns.sockets().transports_size();
}
inline size_t RowCount(const v1::ConnectionColumns& columns) {
  return columns.sockets().transports_size();
}

// INVALID_ARGUMENT: a column is not as long as that, or misses
//   (COLUMN_LENGTH).
absl::Status CheckColumns(const v1::ListenerColumns& columns);
absl::Status CheckColumns(const v1::ConnectionColumns& columns);

// One row of columns that were checked.
//
// INVALID_ARGUMENT: with the column, and the place in it, of what is wrong:
//   "sockets.local_ports[3]".
absl::Status ReadRow(const v1::ListenerColumns& columns, size_t row,
                     RowTablesReader& tables, ListenerFacts* facts);
absl::Status ReadRow(const v1::ConnectionColumns& columns, size_t row,
                     RowTablesReader& tables, ConnectionFacts* facts);
// These read only what names a row.
absl::StatusOr<ListenerName> ListenerNameAt(const v1::ListenerColumns& columns,
                                            size_t row,
                                            RowTablesReader& tables);
absl::StatusOr<ConnectionName> ConnectionNameAt(
    const v1::ConnectionColumns& columns, size_t row, RowTablesReader& tables);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROW_COLUMNS_READER_H_
