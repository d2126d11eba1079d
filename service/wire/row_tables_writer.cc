#include "service/wire/row_tables_writer.h"

#include <string>

#include "absl/hash/hash.h"
#include "absl/time/time.h"
#include "service/wire/columns.h"
#include "service/wire/enums.h"

namespace connreg {

size_t RowTablesWriter::ProcessHash::operator()(const Process* process) const {
  return absl::HashOf(*process);
}

uint32_t RowTablesWriter::PlaceOf(absl::string_view text) {
  if (text.empty()) return 0;
  const auto [place, is_new] = texts_.try_emplace(text, texts_.size() + 1);
  if (is_new) {
    tables_.mutable_text()->append(text.data(), text.size());
    tables_.add_text_lengths(static_cast<uint32_t>(text.size()));
  }
  return place->second;
}

uint32_t RowTablesWriter::PlaceOf(const Owners& owners) {
  if (owners == Owners()) return 0;
  if (!owners.known()) return Add(owners);
  const auto [shared, is_new] =
      shared_owners_.try_emplace(owners.identity(), 0);
  if (is_new) shared->second = Add(owners);
  return shared->second;
}

void RowTablesWriter::Finish() {
  ClearIfZero(tables_.mutable_start_times());
  ClearIfZero(tables_.mutable_process_uids());
  ClearIfZero(tables_.mutable_names());
  ClearIfZero(tables_.mutable_users());
  ClearIfZero(tables_.mutable_executables());
  ClearIfZero(tables_.mutable_cgroups());
  ClearIfZero(tables_.mutable_argument_counts());
  ClearIfZero(tables_.mutable_arguments_cut());
  ClearIfZero(tables_.mutable_owner_counts());
  ClearIfZero(tables_.mutable_unknown_reasons());
}

uint32_t RowTablesWriter::PlaceOf(const Process& process) {
  const auto [place, is_new] = processes_.try_emplace(&process, 0);
  if (is_new) place->second = Add(process);
  return place->second;
}

uint32_t RowTablesWriter::Add(const Owners& owners) {
  const auto [place, is_new] = owners_.try_emplace(owners, owners_.size() + 1);
  if (!is_new) return place->second;
  tables_.add_owner_counts(static_cast<uint32_t>(owners.processes().size()));
  tables_.add_unknown_reasons(owners.known()
                                  ? v1::OWNER_UNKNOWN_REASON_UNSPECIFIED
                                  : ToProto(owners.unknown_reason()));
  for (const Process& process : owners.processes())
    tables_.add_owners(PlaceOf(process));
  return place->second;
}

uint32_t RowTablesWriter::Add(const Process& process) {
  tables_.add_pids(process.pid);
  tables_.add_start_times(process.start_time == absl::Time()
                              ? 0
                              : absl::ToUnixNanos(process.start_time));
  tables_.add_process_uids(ColumnValueOf(process.uid));
  tables_.add_names(PlaceOf(process.name));
  tables_.add_users(PlaceOf(process.user));
  tables_.add_executables(PlaceOf(process.executable));
  tables_.add_cgroups(PlaceOf(process.cgroup));
  tables_.add_argument_counts(static_cast<uint32_t>(process.arguments.size()));
  for (const std::string& argument : process.arguments)
    tables_.add_arguments(PlaceOf(argument));
  tables_.add_arguments_cut(process.arguments_cut);
  return static_cast<uint32_t>(tables_.pids_size());
}

}  // namespace connreg
