#include "service/wire/row_tables_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/columns.h"
#include "service/wire/enums.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

// Where each of the parts that are `lengths` long starts, and the last ends.
//
// INVALID_ARGUMENT: COLUMN_LENGTH, in `column`: together they are not as
//   long as `whole`.
absl::StatusOr<std::vector<uint32_t>> StartsOf(
    absl::string_view column,
    const google::protobuf::RepeatedField<uint32_t>& lengths, size_t whole) {
  std::vector<uint32_t> starts;
  starts.reserve(lengths.size() + 1);
  uint64_t end = 0;
  starts.push_back(0);
  for (const uint32_t length : lengths) {
    end += length;
    if (end > whole) break;
    starts.push_back(static_cast<uint32_t>(end));
  }
  if (end == whole) return starts;
  return InField(column, InvalidArgument(
                             "COLUMN_LENGTH",
                             absl::StrCat("the sum of ", column, " is not the ",
                                          whole, " there are")));
}

// Likewise of parts that may all be empty, and are then not told.
absl::StatusOr<std::vector<uint32_t>> StartsOf(
    absl::string_view column,
    const google::protobuf::RepeatedField<uint32_t>& lengths, size_t parts,
    size_t whole) {
  if (lengths.empty() && whole == 0) return std::vector<uint32_t>(parts + 1, 0);
  RETURN_IF_ERROR(CheckRequiredColumn(column, lengths.size(), parts));
  return StartsOf(column, lengths, whole);
}

absl::Status CheckProcessColumns(const v1::RowTables& tables) {
  const size_t rows = tables.pids_size();
  RETURN_IF_ERROR(CheckColumn("start_times", tables.start_times_size(), rows));
  RETURN_IF_ERROR(
      CheckColumn("process_uids", tables.process_uids_size(), rows));
  RETURN_IF_ERROR(CheckColumn("names", tables.names_size(), rows));
  RETURN_IF_ERROR(CheckColumn("users", tables.users_size(), rows));
  RETURN_IF_ERROR(CheckColumn("executables", tables.executables_size(), rows));
  RETURN_IF_ERROR(CheckColumn("cgroups", tables.cgroups_size(), rows));
  return CheckColumn("arguments_cut", tables.arguments_cut_size(), rows);
}

// How many sets of owners there are.
size_t SetCount(const v1::RowTables& tables) {
  return tables.owner_counts().empty() ? tables.unknown_reasons_size()
                                       : tables.owner_counts_size();
}

absl::Status CheckSetColumns(const v1::RowTables& tables, size_t rows) {
  const size_t sets = SetCount(tables);
  if (sets > rows) {
    return InField("owner_counts",
                   InvalidArgument("TOO_MANY_ROWS",
                                   absl::StrCat(sets, " sets of owners for ",
                                                rows, " rows")));
  }
  return CheckColumn("unknown_reasons", tables.unknown_reasons_size(), sets);
}

absl::Status PlaceOutOfRange(uint32_t place, absl::string_view things,
                             size_t count) {
  return InvalidArgument(
      "PLACE_OUT_OF_RANGE",
      absl::StrCat("place ", place, " among ", count, " ", things));
}

}  // namespace

RowTablesReader::RowTablesReader(const v1::RowTables& tables,
                                 size_t message_size)
    : tables_(tables),
      max_owners_size_(
          std::min(kMaxOwnersSize, kMaxOwnersGrowth * message_size)) {}

absl::StatusOr<RowTablesReader> RowTablesReader::Create(
    const v1::RowTables& tables, size_t rows, size_t message_size) {
  RowTablesReader reader(tables, message_size);
  ASSIGN_OR_RETURN(
      reader.text_starts_,
      StartsOf("text_lengths", tables.text_lengths(), tables.text().size()));
  reader.is_showable_.resize(reader.text_starts_.size() - 1);
  RETURN_IF_ERROR(CheckProcessColumns(tables));
  ASSIGN_OR_RETURN(reader.argument_starts_,
                   StartsOf("argument_counts", tables.argument_counts(),
                            tables.pids_size(), tables.arguments_size()));
  RETURN_IF_ERROR(CheckSetColumns(tables, rows));
  ASSIGN_OR_RETURN(reader.owner_starts_,
                   StartsOf("owner_counts", tables.owner_counts(),
                            SetCount(tables), tables.owners_size()));
  reader.owners_.resize(SetCount(tables));
  return reader;
}

absl::StatusOr<absl::string_view> RowTablesReader::TextAt(
    uint32_t place) const {
  if (place == 0) return "";
  const size_t count = text_starts_.size() - 1;
  if (place > count) return PlaceOutOfRange(place, "texts", count);
  const uint32_t start = text_starts_[place - 1];
  return absl::string_view(tables_.text())
      .substr(start, text_starts_[place] - start);
}

absl::StatusOr<absl::string_view> RowTablesReader::CheckedTextAt(
    absl::string_view field, uint32_t place, size_t limit) {
  absl::StatusOr<absl::string_view> text = TextAt(place);
  if (!text.ok() || place == 0) return text;
  if (is_showable_[place - 1] && text->size() <= limit) return text;
  RETURN_IF_ERROR(CheckText(field, *text, limit));
  is_showable_[place - 1] = true;
  return text;
}

absl::StatusOr<Owners> RowTablesReader::OwnersAt(uint32_t place) {
  if (place == 0) return Owners();
  if (place > owners_.size())
    return PlaceOutOfRange(place, "sets of owners", owners_.size());
  std::optional<absl::StatusOr<Owners>>& owners = owners_[place - 1];
  if (!owners) owners = ReadOwners(place - 1);
  return *owners;
}

absl::StatusOr<Owners> RowTablesReader::ReadOwners(size_t set) {
  const auto told = static_cast<v1::OwnerUnknownReason>(
      ValueAt(tables_.unknown_reasons(), set));
  ASSIGN_OR_RETURN(const OwnerUnknownReason reason,
                   OwnerUnknownReasonFromProto(told));
  const uint32_t start = owner_starts_[set];
  const uint32_t end = owner_starts_[set + 1];
  if (start == end) return Owners::Unknown(reason);
  if (told != v1::OWNER_UNKNOWN_REASON_UNSPECIFIED) {
    return InvalidArgument("OWNER_KNOWN_AND_UNKNOWN",
                           "processes and a reason why there are none");
  }
  RETURN_IF_ERROR(CheckProcessCount(end - start));
  std::vector<SharedProcess> processes;
  processes.reserve(end - start);
  size_t text_size = 0;
  for (uint32_t i = start; i < end; ++i) {
    ASSIGN_OR_RETURN(MadeProcess made,
                     ProcessAt(tables_.owners(static_cast<int>(i))));
    text_size += made.text_size;
    RETURN_IF_ERROR(CheckOwnersTextSize(text_size));
    processes.push_back(std::move(made.process));
  }
  RETURN_IF_ERROR(Spend(processes.size() * sizeof(SharedProcess)));
  return Owners::KnownShared(std::move(processes));
}

absl::StatusOr<RowTablesReader::MadeProcess> RowTablesReader::ProcessAt(
    uint32_t place) {
  const size_t count = tables_.pids_size();
  if (place == 0 || place > count)
    return PlaceOutOfRange(place, "processes", count);
  const auto known = processes_.find(place);
  if (known != processes_.end()) return known->second;
  return processes_.emplace(place, MakeProcess(place - 1)).first->second;
}

absl::StatusOr<RowTablesReader::MadeProcess> RowTablesReader::MakeProcess(
    size_t index) {
  ASSIGN_OR_RETURN(Process process, ReadProcess(index));
  const size_t text_size = TextSize(process);
  RETURN_IF_ERROR(Spend(sizeof(SetOfOne) + text_size +
                        process.arguments.size() * sizeof(std::string)));
  return MadeProcess{Share(std::move(process)), text_size};
}

absl::StatusOr<Process> RowTablesReader::ReadProcess(size_t index) const {
  ASSIGN_OR_RETURN(const ProcessView view, ViewOf(index));
  RETURN_IF_ERROR(CheckProcess(view));
  Process process{.pid = view.pid,
                  .name = std::string(view.name),
                  .user = std::string(view.user),
                  .executable = std::string(view.executable),
                  .cgroup = std::string(view.cgroup),
                  .arguments = {view.arguments.begin(), view.arguments.end()},
                  .arguments_cut = ValueAt(tables_.arguments_cut(), index)};
  if (const int64_t start = ValueAt(tables_.start_times(), index); start != 0)
    process.start_time = absl::FromUnixNanos(start);
  ASSIGN_OR_RETURN(process.uid, UidOf(ValueAt(tables_.process_uids(), index)));
  return process;
}

absl::StatusOr<ProcessView> RowTablesReader::ViewOf(size_t index) const {
  ProcessView view{.pid = ValueAt(tables_.pids(), index)};
  ASSIGN_OR_RETURN(view.name, TextAt(ValueAt(tables_.names(), index)));
  ASSIGN_OR_RETURN(view.user, TextAt(ValueAt(tables_.users(), index)));
  ASSIGN_OR_RETURN(view.executable,
                   TextAt(ValueAt(tables_.executables(), index)));
  ASSIGN_OR_RETURN(view.cgroup, TextAt(ValueAt(tables_.cgroups(), index)));
  const uint32_t start = argument_starts_[index];
  const uint32_t end = argument_starts_[index + 1];
  // More than fit, whatever their lengths.
  if (end - start > kMaxArgumentsSize) {
    return InvalidArgument(
        "TEXT_TOO_LONG",
        absl::StrCat("process with ", end - start, " arguments: the limit is ",
                     kMaxArgumentsSize, " bytes"));
  }
  for (uint32_t i = start; i < end; ++i) {
    ASSIGN_OR_RETURN(const absl::string_view argument,
                     TextAt(tables_.arguments(static_cast<int>(i))));
    view.arguments.push_back(argument);
  }
  return view;
}

absl::Status RowTablesReader::Spend(size_t size) {
  owners_size_ += size;
  if (owners_size_ <= max_owners_size_) return absl::OkStatus();
  return InvalidArgument(
      "OWNERS_TOO_LARGE",
      absl::StrCat("owners of more than ", max_owners_size_,
                   " bytes in one message; say some of them in another"));
}

}  // namespace connreg
