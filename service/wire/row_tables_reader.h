#ifndef CONNREG_SERVICE_WIRE_ROW_TABLES_READER_H_
#define CONNREG_SERVICE_WIRE_ROW_TABLES_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/report.pb.h"
#include "service/model/owner.h"
#include "service/wire/process_limits.h"

namespace connreg {

// RowTablesReader finds what the rows of one message refer to.
//
// It makes a set of owners, and each process of it, when a row first asks for
// it, and all rows and sets that do share it. Processes may name the same
// texts, of which each then has its own; so what all of them take is limited,
// and a small message cannot become a large one in memory.
//
// Not thread-safe.
class RowTablesReader {
 public:
  // What the owners of one message may take together: so many times what it has
  // itself, and never more than so much. Those that an agent tells of do with
  // less, even if they have nothing but pids, or all have the same texts.
  static constexpr size_t kMaxOwnersGrowth = 64;
  static constexpr size_t kMaxOwnersSize = 32 << 20;

  // `tables` outlives the reader, and has no more sets than there are `rows`,
  // since each row refers to one. The whole message has `message_size` bytes.
  //
  // INVALID_ARGUMENT: a column is not as long as it should be
  //   (COLUMN_LENGTH), or there are more sets (TOO_MANY_ROWS), with the
  //   path of the field, counted from the message.
  static absl::StatusOr<RowTablesReader> Create(const v1::RowTables& tables,
                                                size_t rows,
                                                size_t message_size);

  // What stands at `place`, for 0 nothing: no text, and unknown owners. The
  // text is valid as long as the tables.
  //
  // INVALID_ARGUMENT: nothing stands there (PLACE_OUT_OF_RANGE), or the owners
  //   are malformed, as OwnersFromProto() says, or too large together
  //   (OWNERS_TOO_LARGE); in whatever field.
  absl::StatusOr<absl::string_view> TextAt(uint32_t place) const;
  absl::StatusOr<Owners> OwnersAt(uint32_t place);
  // The same text if it is one that CheckText() takes.
  //
  // INVALID_ARGUMENT: as TextAt() and CheckText().
  absl::StatusOr<absl::string_view> CheckedTextAt(absl::string_view field,
                                                  uint32_t place, size_t limit);

 private:
  struct MadeProcess {
    SharedProcess process;
    size_t text_size = 0;
  };

  RowTablesReader(const v1::RowTables& tables, size_t message_size);

  absl::StatusOr<Owners> ReadOwners(size_t set);
  absl::StatusOr<MadeProcess> ProcessAt(uint32_t place);
  absl::StatusOr<MadeProcess> MakeProcess(size_t index);
  absl::StatusOr<Process> ReadProcess(size_t index) const;
  absl::StatusOr<ProcessView> ViewOf(size_t index) const;
  // Counts what owners take.
  absl::Status Spend(size_t size);

  const v1::RowTables& tables_;
  const size_t max_owners_size_;
  // Where each text, each process's arguments and each set's processes start,
  // and where the last ends.
  std::vector<uint32_t> text_starts_;
  std::vector<uint32_t> argument_starts_;
  std::vector<uint32_t> owner_starts_;
  // Which texts are known to have nothing that CheckText() does not take, but
  // for their length: most rows name the same few.
  std::vector<bool> is_showable_;
  // Those that were asked for.
  std::vector<std::optional<absl::StatusOr<Owners>>> owners_;
  // By their places. Of those that cannot be made each set has one at most.
  absl::node_hash_map<uint32_t, absl::StatusOr<MadeProcess>> processes_;
  size_t owners_size_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROW_TABLES_READER_H_
