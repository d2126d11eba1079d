#ifndef CONNREG_SERVICE_WIRE_ROW_COLUMNS_WRITER_H_
#define CONNREG_SERVICE_WIRE_ROW_COLUMNS_WRITER_H_

#include <vector>

#include "connreg/v1/report.pb.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/wire/row_tables_writer.h"

// Rows into columns, with what they refer to in `tables`. A column of which all
// values are 0 is left empty.
//
// REQUIRES: the message is empty, the rows outlive `tables`, and where both
//   ends of a connection are link-local addresses they are of one zone.
namespace connreg {

void WriteColumns(const std::vector<ListenerFacts>& rows,
                  RowTablesWriter& tables, v1::ListenerColumns* columns);
void WriteColumns(const std::vector<ConnectionFacts>& rows,
                  RowTablesWriter& tables, v1::ConnectionColumns* columns);
// What names a row, and nothing more.
void WriteColumns(const std::vector<ListenerName>& rows,
                  RowTablesWriter& tables, v1::ListenerColumns* columns);
void WriteColumns(const std::vector<ConnectionName>& rows,
                  RowTablesWriter& tables, v1::ConnectionColumns* columns);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROW_COLUMNS_WRITER_H_
