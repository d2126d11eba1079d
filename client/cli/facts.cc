#include "client/cli/facts.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/cli/process_facts.h"
#include "google/protobuf/descriptor.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

std::string Host(const v1::Socket&, const v1::Provenance& provenance) {
  return Displayable(provenance.reporter().host());
}

std::string Netns(const v1::Socket& socket, const v1::Provenance&) {
  return Displayable(socket.netns());
}

std::string NetnsName(const v1::Socket& socket, const v1::Provenance&) {
  return Displayable(socket.netns_name());
}

std::string Pids(const v1::Socket& socket, const v1::Provenance&) {
  return PidsFact(socket.owners());
}

std::string OwnerUnknownReason(const v1::Socket& socket,
                               const v1::Provenance&) {
  return EnumFact(socket.owners().unknown_reason());
}

std::string Uid(const v1::Socket& socket, const v1::Provenance&) {
  return socket.has_uid() ? absl::StrCat(socket.uid()) : "";
}

// In hexadecimal, as ss(8) shows it.
std::string Cookie(const v1::Socket& socket, const v1::Provenance&) {
  return socket.cookie() == 0 ? ""
                              : absl::StrCat("0x", absl::Hex(socket.cookie()));
}

std::string Inode(const v1::Socket& socket, const v1::Provenance&) {
  return NumberFact(socket.inode());
}

std::string Reporter(const v1::Socket&, const v1::Provenance& provenance) {
  return Displayable(provenance.reporter().name());
}

std::string FirstSeen(const v1::Socket&, const v1::Provenance& provenance) {
  return TimeFact(provenance.first_seen_time());
}

std::string Changed(const v1::Socket&, const v1::Provenance& provenance) {
  return TimeFact(provenance.change_time());
}

}  // namespace

std::string TimeFact(const google::protobuf::Timestamp& time) {
  const absl::StatusOr<absl::Time> value = TimeFromProto(time);
  if (!value.ok() || *value == absl::UnixEpoch()) return "";
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", *value,
                          absl::UTCTimeZone());
}

std::string SecondsFact(const google::protobuf::Duration& duration) {
  const absl::StatusOr<absl::Duration> value = DurationFromProto(duration);
  return value.ok() ? absl::StrCat(absl::ToDoubleSeconds(*value)) : "";
}

std::string NumberFact(uint64_t number) {
  return number == 0 ? "" : absl::StrCat(number);
}

std::string FlagFact(bool flag) { return flag ? "true" : "false"; }

std::string PidsFact(const v1::Owners& owners) {
  return absl::StrJoin(owners.processes(), " ",
                       [](std::string* text, const v1::Process& process) {
                         absl::StrAppend(text, process.pid());
                       });
}

std::string EnumFact(const google::protobuf::EnumDescriptor& type, int value) {
  if (value == 0) return "";
  const auto* const known = type.FindValueByNumber(value);
  if (known == nullptr) return "?";
  const absl::string_view prefix =
      absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED");
  return absl::AsciiStrToLower(absl::StripPrefix(known->name(), prefix));
}

std::vector<SocketFact> SocketFacts() {
  std::vector<SocketFact> facts = {{"", "host", Host},
                                   {"", "netns", Netns},
                                   {"", "netns_name", NetnsName},
                                   {"", "pids", Pids}};
  for (SocketFact& fact : ProcessFacts()) facts.push_back(std::move(fact));
  facts.insert(facts.end(), {{"", "owner_unknown_reason", OwnerUnknownReason},
                             {"UID", "uid", Uid},
                             {"COOKIE", "cookie", Cookie},
                             {"INODE", "inode", Inode},
                             {"FIRST SEEN", "first_seen_time", FirstSeen},
                             {"CHANGED", "change_time", Changed},
                             {"REPORTER", "reporter", Reporter}});
  return facts;
}

}  // namespace connreg::cli
