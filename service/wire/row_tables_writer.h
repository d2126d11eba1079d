#ifndef CONNREG_SERVICE_WIRE_ROW_TABLES_WRITER_H_
#define CONNREG_SERVICE_WIRE_ROW_TABLES_WRITER_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/report.pb.h"
#include "service/model/owner.h"

namespace connreg {

// RowTablesWriter puts what the rows of one message refer to into its tables,
// each text, process and set of owners once, and tells its place.
//
// Not thread-safe.
class RowTablesWriter {
 public:
  // `tables` is empty, and outlives the writer.
  explicit RowTablesWriter(v1::RowTables* tables) : tables_(*tables) {}

  // The place of each; 0 for an empty text, and for owners that are unknown for
  // lack of a report.
  //
  // REQUIRES: it outlives the writer.
  uint32_t PlaceOf(absl::string_view text);
  uint32_t PlaceOf(const Owners& owners);

  // Empties the columns of which all values are 0. Nothing is put there
  // afterwards.
  void Finish();

 private:
  // By what they say, wherever they are.
  struct ProcessHash {
    size_t operator()(const Process* process) const;
  };
  struct ProcessEqual {
    bool operator()(const Process* a, const Process* b) const {
      return *a == *b;
    }
  };

  uint32_t PlaceOf(const Process& process);
  uint32_t Add(const Owners& owners);
  uint32_t Add(const Process& process);

  v1::RowTables& tables_;
  absl::flat_hash_map<absl::string_view, uint32_t> texts_;
  absl::flat_hash_map<const Process*, uint32_t, ProcessHash, ProcessEqual>
      processes_;
  absl::flat_hash_map<Owners, uint32_t> owners_;
  // Those that are known, by where their processes are: rows share them, and
  // what they say is long.
  absl::flat_hash_map<const void*, uint32_t> shared_owners_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROW_TABLES_WRITER_H_
