// Every field of every message of an agent, with every bad value of its kind.
//
// The fields come from the descriptors, and the bad values from the field's
// type. kRules says of each field which of them are refused, and with what
// reason; the others are taken. A field without a rule fails the test, so that
// a new one cannot be forgotten.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "service/base/error.h"
#include "service/wire/report.h"
#include "tests/support/facts.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// ---- Messages that are right ----

Socket FullSocket(uint64_t cookie) {
  return {.netns = "1",
          .transport = Transport::kTcp,
          .family = SocketFamily::kIpv6,
          .cookie = cookie,
          .inode = cookie,
          .uid = 1,
          .owners = Owners::Known({{.pid = 1,
                                    .start_time = absl::FromUnixSeconds(1),
                                    .name = "web",
                                    .uid = 1,
                                    .user = "www",
                                    .executable = "/web",
                                    .cgroup = "/",
                                    .arguments = {"web"},
                                    .arguments_cut = true}})};
}

// With a row in each of its columns, and a value in each column.
RowBatch FullBatch() {
  const ListenerFacts listener{.socket = FullSocket(1),
                               .local = At("[fe80::1%eth0]:80"),
                               .v6_only = true,
                               .device = "eth0"};
  const ConnectionFacts connection{
      .socket = FullSocket(2),
      .tuple = Pair("[fe80::1%eth0]:80", "[fe80::2%eth0]:51000"),
      .role = Role::kServer,
      .evidence = RoleEvidence::kListener,
      .listener_cookie = 1,
      .device = "eth0"};
  NetworkNamespace netns = Owned({"10.0.0.5"}, "1");
  netns.name = "blue";
  netns.prefixes[0].device = "eth0";
  return {.seq = 1,
          .kind = RowBatch::Kind::kSnapshot,
          .first = true,
          .last = true,
          .gone_listeners = {{listener.socket, listener.local, "eth0"}},
          .gone_connections = {{connection.socket, connection.tuple, "eth0"}},
          .gone_namespaces = {"2"},
          .namespaces = {netns},
          .gaps = {{{GapKind::kSockets, "UDP"}}},
          .listeners = {listener},
          .connections = {connection},
          .ended = {connection}};
}

v1::ReportRequest FullRows() {
  v1::ReportRequest request;
  ToProto(AgentMessage(FullBatch()), &request);
  v1::Rows* const rows = request.mutable_rows();
  // Of what is gone only names are said, though more may be.
  for (auto* gone : {rows->mutable_gone_listeners()->mutable_sockets(),
                     rows->mutable_gone_connections()->mutable_sockets()}) {
    gone->add_families(v1::SOCKET_FAMILY_IPV6);
    gone->add_uids(1);
    gone->add_owners(1);
  }
  rows->mutable_gone_listeners()->add_states(v1::LISTENER_STATE_LISTEN);
  rows->mutable_gone_listeners()->add_v6_only(true);
  v1::ConnectionColumns* const gone = rows->mutable_gone_connections();
  gone->add_states(v1::CONNECTION_STATE_ESTABLISHED);
  gone->add_roles(v1::ROLE_SERVER);
  gone->add_role_evidences(v1::ROLE_EVIDENCE_LISTENER);
  gone->add_listener_cookies(1);
  rows->mutable_tables()->add_unknown_reasons(
      v1::OWNER_UNKNOWN_REASON_UNSPECIFIED);
  return request;
}

v1::ReportRequest FullOpen() {
  v1::ReportRequest request;
  ToProto(
      AgentMessage(SessionOpening{.reporter = Agent("web-1"),
                                  .boot_id = "boot",
                                  .instance = "run",
                                  .version = "0.1.0",
                                  .ttl = absl::Seconds(30),
                                  .interval = absl::Seconds(5),
                                  .time = absl::FromUnixSeconds(1'700'000'000),
                                  .namespaces = FullBatch().namespaces,
                                  .gaps = *FullBatch().gaps,
                                  .digest = {.rows = 1, .sum = 1}}),
      &request);
  return request;
}

v1::ReportRequest FullKeepAlive() {
  v1::ReportRequest request;
  ToProto(AgentMessage(KeepAlive{.time = absl::FromUnixSeconds(1'700'000'000),
                                 .interval = absl::Seconds(5),
                                 .digest = RowDigest{.rows = 1, .sum = 1}}),
          &request);
  return request;
}

v1::ReportRequest FullGoodbye() {
  v1::ReportRequest request;
  ToProto(AgentMessage(Goodbye{.remove = true}), &request);
  return request;
}

// ---- Bad values ----

struct BadValue {
  std::string name;
  std::function<void(const FieldDescriptor*, Message*)> set;
};

// Sets the field, or the first element of a repeated one.
template <typename Value, typename Set, typename SetRepeated>
BadValue Scalar(const std::string& name, Set set, SetRepeated set_repeated,
                Value value) {
  return {name, [=](const FieldDescriptor* field, Message* message) {
            const Reflection* const reflection = message->GetReflection();
            if (field->is_repeated())
              (reflection->*set_repeated)(message, field, 0, value);
            else
              (reflection->*set)(message, field, value);
          }};
}

template <typename Value, typename Set, typename SetRepeated>
std::vector<BadValue> Numbers(Set set, SetRepeated set_repeated) {
  return {
      Scalar("zero", set, set_repeated, Value{0}),
      Scalar("largest", set, set_repeated, std::numeric_limits<Value>::max())};
}

BadValue Text(const std::string& name, const std::string& value) {
  return Scalar(name, &Reflection::SetString, &Reflection::SetRepeatedString,
                value);
}

bool IsTime(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         absl::StartsWith(field->message_type()->full_name(),
                          "google.protobuf.");
}

BadValue Seconds(const std::string& name, int64_t seconds) {
  return {name, [=](const FieldDescriptor* field, Message* message) {
            Message* const time =
                message->GetReflection()->MutableMessage(message, field);
            time->GetReflection()->SetInt64(
                time, time->GetDescriptor()->FindFieldByName("seconds"),
                seconds);
          }};
}

void Clear(const FieldDescriptor* field, Message* message) {
  message->GetReflection()->ClearField(message, field);
}

// Adds copies of what is there, until there are more than `count`.
void Repeat(const FieldDescriptor* field, Message* message, size_t count) {
  const Reflection* const reflection = message->GetReflection();
  const std::unique_ptr<Message> one(message->New());
  one->CopyFrom(*message);
  for (int i = 0; i < one->GetDescriptor()->field_count(); ++i)
    if (one->GetDescriptor()->field(i) != field)
      one->GetReflection()->ClearField(one.get(),
                                       one->GetDescriptor()->field(i));
  do {
    message->MergeFrom(*one);
  } while (reflection->FieldSize(*message, field) <= static_cast<int>(count));
}

std::vector<BadValue> BadElementsOf(const FieldDescriptor* field) {
  if (IsTime(field)) {
    return {Seconds("zero", 0), Seconds("negative", -1),
            Seconds("largest", std::numeric_limits<int64_t>::max())};
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        return {Text("empty", ""),
                {"longer", [](const FieldDescriptor* bytes, Message* message) {
                   const Reflection* reflection = message->GetReflection();
                   reflection->SetString(
                       message, bytes,
                       reflection->GetString(*message, bytes) + "x");
                 }}};
      }
      return {Text("empty", ""), Text("too long", std::string(10'000, 'x')),
              Text("control", "a\x1B[2J")};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {Scalar("zero", &Reflection::SetEnumValue,
                     &Reflection::SetRepeatedEnumValue, 0),
              Scalar("largest", &Reflection::SetEnumValue,
                     &Reflection::SetRepeatedEnumValue, 99)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {Scalar("zero", &Reflection::SetBool, &Reflection::SetRepeatedBool,
                     false)};
    case FieldDescriptor::CPPTYPE_INT32:
      return Numbers<int32_t>(&Reflection::SetInt32,
                              &Reflection::SetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Numbers<int64_t>(&Reflection::SetInt64,
                              &Reflection::SetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Numbers<uint32_t>(&Reflection::SetUInt32,
                               &Reflection::SetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Numbers<uint64_t>(&Reflection::SetUInt64,
                               &Reflection::SetRepeatedUInt64);
    default:
      return {};
  }
}

std::vector<BadValue> BadValuesOf(const FieldDescriptor* field) {
  std::vector<BadValue> values;
  if (field->is_repeated() || field->message_type() != nullptr)
    values.push_back({"missing", Clear});
  if (field->is_repeated()) {
    values.push_back(
        {"more", [](const FieldDescriptor* list, Message* message) {
           Repeat(list, message, 0);
         }});
    values.push_back(
        {"too many", [](const FieldDescriptor* list, Message* message) {
           Repeat(list, message, 10'000);
         }});
  }
  for (BadValue& value : BadElementsOf(field))
    values.push_back(std::move(value));
  return values;
}

// ---- What becomes of them ----

// By the name of a bad value, the reason for which it is refused.
using Refused = std::map<std::string, std::string>;

const Refused kAny = {};
const Refused kText = {{"too long", "TEXT_TOO_LONG"},
                       {"control", "TEXT_MALFORMED"}};
const Refused kRequiredText = {{"empty", "TEXT_EMPTY"},
                               {"too long", "TEXT_TOO_LONG"},
                               {"control", "TEXT_MALFORMED"}};
const Refused kNames = {{"too many", "TOO_MANY_ROWS"},
                        {"too long", "TEXT_TOO_LONG"},
                        {"control", "TEXT_MALFORMED"}};
const Refused kPrefix = {{"empty", "ADDRESS_EMPTY"},
                         {"too long", "ADDRESS_MALFORMED"},
                         {"control", "ADDRESS_MALFORMED"}};
const Refused kRequiredEnum = {{"zero", "ENUM_UNSPECIFIED"},
                               {"largest", "ENUM_UNKNOWN"}};
const Refused kTime = {{"largest", "TIME_OUT_OF_RANGE"}};
const Refused kInterval = {{"negative", "INTERVAL_OUT_OF_RANGE"},
                           {"largest", "DURATION_OUT_OF_RANGE"}};
const Refused kTtl = {{"missing", "TTL_OUT_OF_RANGE"},
                      {"zero", "TTL_OUT_OF_RANGE"},
                      {"negative", "TTL_OUT_OF_RANGE"},
                      {"largest", "DURATION_OUT_OF_RANGE"}};
const Refused kNamespaces = {{"more", "NETNS_REPEATED"},
                             {"too many", "TOO_MANY_ROWS"}};
const Refused kPrefixes = {{"too many", "TOO_MANY_PREFIXES"}};
const Refused kGaps = {{"too many", "TOO_MANY_GAPS"}};

// Columns, and lengths in tables: of a wrong length the message is refused.
const Refused kColumn = {{"more", "COLUMN_LENGTH"},
                         {"too many", "COLUMN_LENGTH"}};
Refused ColumnOf(const Refused& values) {
  Refused refused = kColumn;
  refused.insert(values.begin(), values.end());
  return refused;
}
const Refused kPlaces = ColumnOf({{"largest", "PLACE_OUT_OF_RANGE"}});
const Refused kEnums = ColumnOf({{"largest", "ENUM_UNKNOWN"}});
const Refused kUids = ColumnOf({{"largest", "UID_OUT_OF_RANGE"}});
const Refused kPorts = ColumnOf({{"missing", "COLUMN_LENGTH"},
                                 {"zero", "PORT_ZERO"},
                                 {"largest", "PORT_TOO_LARGE"}});
const Refused kAddresses = {{"empty", "COLUMN_LENGTH"},
                            {"longer", "COLUMN_LENGTH"}};
const Refused kTransports = ColumnOf({{"missing", "COLUMN_LENGTH"},
                                      {"zero", "ENUM_UNSPECIFIED"},
                                      {"largest", "ENUM_UNKNOWN"}});
const Refused kLengths = ColumnOf({{"missing", "COLUMN_LENGTH"},
                                   {"zero", "COLUMN_LENGTH"},
                                   {"largest", "COLUMN_LENGTH"}});

// Of the columns of rows, by their names.
const std::map<std::string, Refused>& ColumnRules() {
  static const auto& rules = *new std::map<std::string, Refused>{
      {"sockets", {{"missing", "COLUMN_LENGTH"}}},
      {"sockets.transports", kTransports},
      {"sockets.netns", kPlaces},
      {"sockets.families", kEnums},
      {"sockets.cookies", kColumn},
      {"sockets.inodes", kColumn},
      {"sockets.uids", kUids},
      {"sockets.owners", kPlaces},
      {"sockets.devices", kPlaces},
      {"sockets.local_addresses", kAddresses},
      {"sockets.local_ports", kPorts},
      {"sockets.zones", kPlaces},
      {"remote_addresses", kAddresses},
      {"remote_ports", kPorts},
      {"states", kEnums},
      // It says a server by its listener.
      {"roles", ColumnOf({{"missing", "ROLE_WITHOUT_EVIDENCE"},
                          {"zero", "ROLE_WITHOUT_EVIDENCE"},
                          {"largest", "ENUM_UNKNOWN"}})},
      {"role_evidences", kEnums},
      {"listener_cookies", kColumn},
      {"v6_only", kColumn},
  };
  return rules;
}

// Of what is gone, these are not read.
const std::set<std::string> kNotOfNames = {
    "sockets.families", "sockets.uids",    "sockets.owners", "states", "roles",
    "role_evidences",   "listener_cookies"};

const std::map<std::string, Refused>& Rules() {
  static const auto& rules = *new std::map<std::string, Refused>{
      {"open", {{"missing", "MESSAGE_MISSING"}}},
      {"open.reporter", {{"missing", "ENUM_UNSPECIFIED"}}},
      {"open.reporter.kind", kRequiredEnum},
      {"open.reporter.name", kRequiredText},
      {"open.reporter.host", kRequiredText},
      {"open.reporter.network", kText},
      {"open.boot_id", kRequiredText},
      {"open.instance", kRequiredText},
      {"open.version", kText},
      {"open.ttl", kTtl},
      {"open.interval", kInterval},
      {"open.time", kTime},
      {"open.namespaces", kNamespaces},
      {"open.namespaces.netns", kText},
      {"open.namespaces.prefixes", kPrefixes},
      {"open.namespaces.prefixes.prefix", kPrefix},
      {"open.namespaces.prefixes.device", kText},
      {"open.namespaces.name", kText},
      {"open.coverage_gaps", kAny},
      {"open.coverage_gaps.gaps", kGaps},
      {"open.coverage_gaps.gaps.kind", kRequiredEnum},
      {"open.coverage_gaps.gaps.description", kText},
      {"open.digest", {{"missing", "DIGEST_MISSING"}}},
      {"open.digest.row_count", kAny},
      {"open.digest.sum", kAny},
      {"keep_alive", {{"missing", "MESSAGE_MISSING"}}},
      {"keep_alive.time", kTime},
      {"keep_alive.interval", kInterval},
      {"keep_alive.digest", kAny},
      {"keep_alive.digest.row_count", kAny},
      {"keep_alive.digest.sum", kAny},
      {"goodbye", {{"missing", "MESSAGE_MISSING"}}},
      {"goodbye.remove", kAny},
      {"rows", {{"missing", "MESSAGE_MISSING"}}},
      // The session knows what it is to be.
      {"rows.seq", kAny},
      {"rows.kind", kRequiredEnum},
      {"rows.first", kAny},
      {"rows.last", kAny},
      {"rows.tables", {{"missing", "PLACE_OUT_OF_RANGE"}}},
      // Where there is no text, its lengths and places are wrong.
      {"rows.tables.text",
       {{"empty", "COLUMN_LENGTH"}, {"longer", "COLUMN_LENGTH"}}},
      {"rows.tables.text_lengths", kLengths},
      {"rows.tables.pids",
       {{"missing", "COLUMN_LENGTH"},
        {"more", "COLUMN_LENGTH"},
        {"too many", "COLUMN_LENGTH"},
        {"zero", "PID_OUT_OF_RANGE"}}},
      {"rows.tables.start_times", kColumn},
      {"rows.tables.process_uids", kUids},
      {"rows.tables.names", kPlaces},
      {"rows.tables.users", kPlaces},
      {"rows.tables.executables", kPlaces},
      {"rows.tables.cgroups", kPlaces},
      {"rows.tables.argument_counts", kLengths},
      {"rows.tables.arguments",
       {{"missing", "COLUMN_LENGTH"},
        {"more", "COLUMN_LENGTH"},
        {"too many", "COLUMN_LENGTH"},
        {"largest", "PLACE_OUT_OF_RANGE"}}},
      {"rows.tables.arguments_cut", kColumn},
      {"rows.tables.owner_counts",
       {{"missing", "COLUMN_LENGTH"},
        {"more", "COLUMN_LENGTH"},
        {"too many", "TOO_MANY_ROWS"},
        {"zero", "COLUMN_LENGTH"},
        {"largest", "COLUMN_LENGTH"}}},
      {"rows.tables.owners",
       {{"missing", "COLUMN_LENGTH"},
        {"more", "COLUMN_LENGTH"},
        {"too many", "COLUMN_LENGTH"},
        {"zero", "PLACE_OUT_OF_RANGE"},
        {"largest", "PLACE_OUT_OF_RANGE"}}},
      {"rows.tables.unknown_reasons", kEnums},
      {"rows.gone_listeners", kAny},
      {"rows.gone_connections", kAny},
      {"rows.gone_namespaces", kNames},
      {"rows.namespaces", kNamespaces},
      {"rows.namespaces.netns", kText},
      {"rows.namespaces.prefixes", kPrefixes},
      {"rows.namespaces.prefixes.prefix", kPrefix},
      {"rows.namespaces.prefixes.device", kText},
      {"rows.namespaces.name", kText},
      {"rows.coverage_gaps", kAny},
      {"rows.coverage_gaps.gaps", kGaps},
      {"rows.coverage_gaps.gaps.kind", kRequiredEnum},
      {"rows.coverage_gaps.gaps.description", kText},
      {"rows.listeners", kAny},
      {"rows.connections", kAny},
      {"rows.ended_connections", kAny},
  };
  return rules;
}

// The columns that `path` names a field of: "rows.listeners". Empty: none.
std::string ColumnsOf(const std::string& path) {
  for (const char* columns :
       {"rows.gone_listeners", "rows.gone_connections", "rows.listeners",
        "rows.connections", "rows.ended_connections"})
    if (absl::StartsWith(path, absl::StrCat(columns, "."))) return columns;
  return "";
}

// Null: there is no rule.
const Refused* RuleOf(const std::string& path) {
  const std::string columns = ColumnsOf(path);
  const auto& rules = columns.empty() ? Rules() : ColumnRules();
  const std::string name =
      columns.empty() ? path : path.substr(columns.size() + 1);
  if (absl::StartsWith(columns, "rows.gone_") && kNotOfNames.contains(name))
    return &kColumn;
  const auto rule = rules.find(name);
  return rule == rules.end() ? nullptr : &rule->second;
}

// ---- The test ----

constexpr char kTaken[] = "taken";

std::string VerdictOf(const v1::ReportRequest& request) {
  const auto message = ReportFromProto(request);
  if (!message.ok())
    return DetailOf(message.status()).value_or(ErrorDetail{}).reason;
  const auto* const decoded = std::get_if<DecodedBatch>(&*message);
  if (decoded == nullptr || decoded->refusals.empty()) return kTaken;
  return decoded->refusals[0].reason();
}

// Checks the fields of the message at `path` in `request`, which `get` finds,
// and those below; adds the paths that have a rule to `seen`.
void CheckFields(const v1::ReportRequest& request, const std::string& above,
                 const std::function<Message*(v1::ReportRequest*)>& get,
                 std::set<std::string>* seen) {
  v1::ReportRequest there = request;
  const Message* const message = get(&there);
  const Descriptor* const type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const field = type->field(i);
    if (above.empty() && !message->GetReflection()->HasField(*message, field))
      continue;
    const std::string path =
        above.empty() ? field->name() : absl::StrCat(above, ".", field->name());
    seen->insert(path);
    const Refused* const rule = RuleOf(path);
    ASSERT_NE(rule, nullptr) << path << " has no rule";
    for (const BadValue& value : BadValuesOf(field)) {
      v1::ReportRequest bad = request;
      value.set(field, get(&bad));
      const auto refused = rule->find(value.name);
      EXPECT_EQ(VerdictOf(bad),
                refused == rule->end() ? kTaken : refused->second)
          << path << ": " << value.name;
    }
    if (field->message_type() == nullptr || IsTime(field)) continue;
    CheckFields(
        request, path,
        [&get, field](v1::ReportRequest* whole) {
          Message* const parent = get(whole);
          const Reflection* const reflection = parent->GetReflection();
          return field->is_repeated()
                     ? reflection->MutableRepeatedMessage(parent, field, 0)
                     : reflection->MutableMessage(parent, field);
        },
        seen);
  }
}

TEST(ReportBadInputTest, EachFieldRefusesWhatItsRuleSays) {
  std::set<std::string> seen;
  for (const v1::ReportRequest& request :
       {FullOpen(), FullRows(), FullKeepAlive(), FullGoodbye()}) {
    ASSERT_EQ(VerdictOf(request), kTaken);
    CheckFields(
        request, "", [](v1::ReportRequest* whole) { return whole; }, &seen);
  }
  for (const auto& [path, refused] : Rules())
    EXPECT_TRUE(seen.contains(path)) << path << " is no field";
}

}  // namespace
}  // namespace connreg
