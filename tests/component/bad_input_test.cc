// Every field of every request, with every bad value of its kind.
//
// The fields come from the descriptors, and the bad values from the field's
// type. kRules says of each field which of them are refused, and with what
// reason; the others are taken. A field without a rule fails the test, so that
// a new one cannot be forgotten.

#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// ---- Bad values ----

// Of a field as a whole.
constexpr char kMissing[] = "missing";
constexpr char kNone[] = "no elements";
constexpr char kTooMany[] = "10,000 elements more";
// Of texts and bytes.
constexpr char kEmpty[] = "empty";
constexpr char kTooLong[] = "10,000 bytes";
constexpr char kControlCharacter[] = "a control character";
constexpr char kByteMore[] = "a byte more";
// Of enums.
constexpr char kUnspecified[] = "unspecified";
constexpr char kUnknownNumber[] = "a number without a name";
// Of numbers, and of times by their seconds.
constexpr char kZero[] = "zero";
constexpr char kNegative[] = "-1";
constexpr char kSmallest[] = "the smallest";
constexpr char kLargest[] = "the largest";
constexpr char kNegativeNanos[] = "-1 nanoseconds";
constexpr char kLargestNanos[] = "a whole second of nanoseconds";
// Of switches.
constexpr char kFlipped[] = "flipped";
// Of messages that the service is not to read.
constexpr char kJunk[] = "junk";

struct BadValue {
  absl::string_view name;
  // Of a repeated field, whether it is that of all elements and not of the
  // first.
  bool of_whole = false;
  // Gives the field of the message that value.
  std::function<void(Message*)> set;
};

bool IsTime(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         absl::StartsWith(field->message_type()->full_name(),
                          "google.protobuf.");
}

// Sets the field, or the first element of a repeated one, to `value`, by the
// two methods of Reflection for its type.
template <typename Value, typename Set, typename SetRepeated>
BadValue Scalar(const FieldDescriptor* field, absl::string_view name, Set set,
                SetRepeated set_repeated, Value value) {
  return {name, false, [=](Message* message) {
            const Reflection* reflection = message->GetReflection();
            if (field->is_repeated())
              (reflection->*set_repeated)(message, field, 0, value);
            else
              (reflection->*set)(message, field, value);
          }};
}

BadValue Text(const FieldDescriptor* field, absl::string_view name,
              const std::string& value) {
  return Scalar(field, name, &Reflection::SetString,
                &Reflection::SetRepeatedString, value);
}

BadValue ByteMore(const FieldDescriptor* field) {
  return {kByteMore, false, [=](Message* message) {
            const Reflection* reflection = message->GetReflection();
            if (field->is_repeated()) {
              reflection->SetRepeatedString(
                  message, field, 0,
                  reflection->GetRepeatedString(*message, field, 0) + "x");
            } else {
              reflection->SetString(
                  message, field, reflection->GetString(*message, field) + "x");
            }
          }};
}

BadValue Enum(const FieldDescriptor* field, absl::string_view name, int value) {
  return Scalar(field, name, &Reflection::SetEnumValue,
                &Reflection::SetRepeatedEnumValue, value);
}

// A Timestamp or a Duration.
BadValue Time(const FieldDescriptor* field, absl::string_view name,
              int64_t seconds, int32_t nanos = 0) {
  return {name, false, [=](Message* message) {
            Message* time =
                message->GetReflection()->MutableMessage(message, field);
            const Descriptor* type = time->GetDescriptor();
            time->GetReflection()->SetInt64(
                time, type->FindFieldByName("seconds"), seconds);
            time->GetReflection()->SetInt32(
                time, type->FindFieldByName("nanos"), nanos);
          }};
}

void AddCopiesOfTheFirst(const FieldDescriptor* field, Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (int i = 0; i < 10'000; ++i) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        reflection->AddMessage(message, field)
            ->CopyFrom(reflection->GetRepeatedMessage(*message, field, 0));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection->AddString(
            message, field, reflection->GetRepeatedString(*message, field, 0));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->AddEnumValue(
            message, field,
            reflection->GetRepeatedEnumValue(*message, field, 0));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection->AddUInt32(
            message, field, reflection->GetRepeatedUInt32(*message, field, 0));
        break;
      default:
        FAIL() << "no copies of a " << field->cpp_type_name();
    }
  }
}

std::vector<BadValue> BadValuesOf(const FieldDescriptor* field);

// Sets every field to the last of its bad values, and adds one to repeated
// ones.
void FillWithJunk(Message* message) {
  const Descriptor* type = message->GetDescriptor();
  const Reflection* reflection = message->GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated() &&
        field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
      reflection->AddString(message, field, "");
    if (field->message_type() == nullptr || IsTime(field))
      BadValuesOf(field).back().set(message);
    else if (field->is_repeated())
      FillWithJunk(reflection->AddMessage(message, field));
    else
      FillWithJunk(reflection->MutableMessage(message, field));
  }
}

std::vector<BadValue> BadTimesOf(const FieldDescriptor* field) {
  constexpr int32_t kSecondInNanos = 1'000'000'000;
  return {
      Time(field, kZero, 0),
      Time(field, kNegative, -1),
      Time(field, kSmallest, std::numeric_limits<int64_t>::min()),
      Time(field, kLargest, std::numeric_limits<int64_t>::max()),
      Time(field, kNegativeNanos, 1, -1),
      Time(field, kLargestNanos, 1, kSecondInNanos),
  };
}

std::vector<BadValue> BadElementsOf(const FieldDescriptor* field) {
  if (IsTime(field)) return BadTimesOf(field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::vector<BadValue> values = {
          Text(field, kEmpty, ""),
          Text(field, kTooLong, std::string(10'000, 'x'))};
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        values.push_back(ByteMore(field));
      } else {
        values.push_back(Text(field, kControlCharacter, "10.0.0.1\x1B[2J"));
      }
      return values;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return {Enum(field, kUnspecified, 0), Enum(field, kUnknownNumber, 99)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{kFlipped, false, [=](Message* message) {
                 const Reflection* reflection = message->GetReflection();
                 reflection->SetBool(message, field,
                                     !reflection->GetBool(*message, field));
               }}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {Scalar(field, kZero, &Reflection::SetInt32,
                     &Reflection::SetRepeatedInt32, 0),
              Scalar(field, kNegative, &Reflection::SetInt32,
                     &Reflection::SetRepeatedInt32, -1),
              Scalar(field, kLargest, &Reflection::SetInt32,
                     &Reflection::SetRepeatedInt32,
                     std::numeric_limits<int32_t>::max())};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {Scalar(field, kZero, &Reflection::SetUInt32,
                     &Reflection::SetRepeatedUInt32, uint32_t{0}),
              Scalar(field, kLargest, &Reflection::SetUInt32,
                     &Reflection::SetRepeatedUInt32,
                     std::numeric_limits<uint32_t>::max())};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {Scalar(field, kZero, &Reflection::SetUInt64,
                     &Reflection::SetRepeatedUInt64, uint64_t{0}),
              Scalar(field, kLargest, &Reflection::SetUInt64,
                     &Reflection::SetRepeatedUInt64,
                     std::numeric_limits<uint64_t>::max())};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return {{kJunk, false, [=](Message* message) {
                 FillWithJunk(
                     message->GetReflection()->MutableMessage(message, field));
               }}};
    default:
      ADD_FAILURE() << "no bad values of a " << field->cpp_type_name();
      return {};
  }
}

// The bad values of a field, by its type. Those of a message's own fields are
// not among them.
std::vector<BadValue> BadValuesOf(const FieldDescriptor* field) {
  const auto clear = [=](Message* message) {
    message->GetReflection()->ClearField(message, field);
  };
  std::vector<BadValue> values;
  if (field->is_repeated()) {
    values.push_back({kNone, true, clear});
    values.push_back({kTooMany, true, [=](Message* message) {
                        AddCopiesOfTheFirst(field, message);
                      }});
  } else if (field->message_type() != nullptr) {
    values.push_back({kMissing, true, clear});
  }
  if (field->is_repeated() && field->message_type() != nullptr) return values;
  for (BadValue& value : BadElementsOf(field))
    values.push_back(std::move(value));
  return values;
}

// ---- What becomes of them ----

// A bad value that is refused.
struct Refused {
  absl::string_view bad_value;
  absl::string_view reason;
  // The path that the answer tells: empty is the field's own, ".x" is x in the
  // field, and anything else is told as it stands.
  absl::string_view told_field = "";
};

struct Treatment {
  absl::Span<const Refused> refused;
  // The service does not read the field: no bad value makes any difference.
  bool is_ignored = false;
};

// Any value is right.
constexpr Treatment kAny = {};
// Output only.
constexpr Treatment kIgnored = {{}, true};
// Deregister reads of a row only what names it.
constexpr Treatment kNotRead = kIgnored;

constexpr Refused kRefusedNames[] = {{kEmpty, "TEXT_EMPTY"},
                                     {kTooLong, "TEXT_TOO_LONG"},
                                     {kControlCharacter, "TEXT_MALFORMED"}};
constexpr Treatment kRequiredText = {kRefusedNames};
constexpr Treatment kText = {absl::MakeConstSpan(kRefusedNames).subspan(1)};
constexpr Refused kRefusedNameLists[] = {{kTooMany, "TOO_MANY_ROWS"},
                                         {kTooLong, "TEXT_TOO_LONG"},
                                         {kControlCharacter, "TEXT_MALFORMED"}};
constexpr Treatment kNames = {kRefusedNameLists};

constexpr Refused kRefusedAddresses[] = {
    {kEmpty, "ADDRESS_EMPTY"},
    {kTooLong, "ADDRESS_MALFORMED"},
    {kControlCharacter, "ADDRESS_MALFORMED"}};
constexpr Treatment kAddress = {kRefusedAddresses};
// Without one, all.
constexpr Treatment kPrefix = {
    absl::MakeConstSpan(kRefusedAddresses).subspan(1)};

constexpr Refused kRefusedCommunityIds[] = {
    {kEmpty, "COMMUNITY_ID_MALFORMED"},
    {kTooLong, "COMMUNITY_ID_MALFORMED"},
    {kControlCharacter, "COMMUNITY_ID_MALFORMED"}};
constexpr Treatment kCommunityId = {kRefusedCommunityIds};

constexpr Refused kRefusedPrefixLists[] = {{kTooMany, "TOO_MANY_PREFIXES"}};
constexpr Treatment kPrefixes = {kRefusedPrefixLists};

constexpr Refused kRefusedPorts[] = {{kZero, "PORT_ZERO"},
                                     {kLargest, "PORT_TOO_LARGE"}};
constexpr Treatment kPort = {kRefusedPorts};

constexpr Refused kRefusedEnums[] = {{kUnknownNumber, "ENUM_UNKNOWN"},
                                     {kUnspecified, "ENUM_UNSPECIFIED"}};
constexpr Treatment kRequiredEnum = {kRefusedEnums};
constexpr Treatment kEnum = {absl::MakeConstSpan(kRefusedEnums).first(1)};

// The example says that its role is that of a server, by its listener.
constexpr Refused kRefusedRoles[] = {
    {kUnknownNumber, "ENUM_UNKNOWN"},
    {kUnspecified, "ROLE_WITHOUT_EVIDENCE", "connections[0].role_evidence"}};
constexpr Treatment kRole = {kRefusedRoles};

constexpr Refused kRefusedTtls[] = {{kMissing, "TTL_OUT_OF_RANGE"},
                                    {kZero, "TTL_OUT_OF_RANGE"},
                                    {kNegative, "TTL_OUT_OF_RANGE"},
                                    {kSmallest, "DURATION_OUT_OF_RANGE"},
                                    {kLargest, "DURATION_OUT_OF_RANGE"},
                                    {kNegativeNanos, "DURATION_OUT_OF_RANGE"},
                                    {kLargestNanos, "DURATION_OUT_OF_RANGE"}};
constexpr Treatment kTtl = {kRefusedTtls};

constexpr Refused kRefusedTimes[] = {{kSmallest, "TIME_OUT_OF_RANGE"},
                                     {kLargest, "TIME_OUT_OF_RANGE"},
                                     {kNegativeNanos, "TIME_OUT_OF_RANGE"},
                                     {kLargestNanos, "TIME_OUT_OF_RANGE"}};
constexpr Treatment kTime = {kRefusedTimes};

constexpr Refused kRefusedPids[] = {{kZero, "PID_OUT_OF_RANGE"},
                                    {kNegative, "PID_OUT_OF_RANGE"}};
constexpr Treatment kPid = {kRefusedPids};

// Any bytes.
constexpr Refused kRefusedProcessTexts[] = {{kTooLong, "TEXT_TOO_LONG"}};
constexpr Treatment kProcessText = {kRefusedProcessTexts};

constexpr Refused kRefusedArguments[] = {{kTooMany, "TEXT_TOO_LONG"},
                                         {kTooLong, "TEXT_TOO_LONG"}};
constexpr Treatment kArguments = {kRefusedArguments};

constexpr Refused kRefusedProcesses[] = {{kTooMany, "TOO_MANY_PROCESSES"}};
constexpr Treatment kProcesses = {kRefusedProcesses};

constexpr Refused kRefusedRows[] = {{kTooMany, "TOO_MANY_ROWS"}};
constexpr Treatment kRows = {kRefusedRows};

// Messages that are missing.
constexpr Refused kNoReporter[] = {{kMissing, "ENUM_UNSPECIFIED", ".kind"}};
constexpr Treatment kReporter = {kNoReporter};
constexpr Refused kNoSocket[] = {{kMissing, "ENUM_UNSPECIFIED", ".transport"}};
constexpr Treatment kSocket = {kNoSocket};
constexpr Refused kNoEnd[] = {{kMissing, "ENDPOINT_MISSING"}};
constexpr Treatment kEnd = {kNoEnd};
constexpr Refused kNoEndOfQuestion[] = {
    {kMissing, "ADDRESS_EMPTY", ".address"}};
constexpr Treatment kEndOfQuestion = {kNoEndOfQuestion};
constexpr Refused kNoQuestion[] = {{kMissing, "QUESTION_MISSING", "question"}};
constexpr Treatment kQuestion = {kNoQuestion};

// Everything, besides the rows that the example names.
constexpr Refused kRefusedAll[] = {{kFlipped, "ALL_OR_ROWS"}};
constexpr Treatment kAll = {kRefusedAll};

constexpr Refused kRefusedPageSizes[] = {{kNegative, "PAGE_SIZE_NEGATIVE"}};
constexpr Treatment kPageSize = {kRefusedPageSizes};
constexpr Refused kRefusedPageTokens[] = {
    {kTooLong, "PAGE_TOKEN_INVALID"},
    {kControlCharacter, "PAGE_TOKEN_INVALID"}};
constexpr Treatment kPageToken = {kRefusedPageTokens};

// Columns, of which the first says how long the others are.
constexpr Refused kRefusedFirstColumns[] = {
    {kEmpty, "QUESTION_MISSING"},
    {kTooLong, "COLUMN_LENGTH", "client_ports"},
    {kByteMore, "COLUMN_LENGTH"}};
constexpr Treatment kFirstColumn = {kRefusedFirstColumns};
constexpr Refused kRefusedColumns[] = {{kEmpty, "COLUMN_LENGTH"},
                                       {kTooLong, "COLUMN_LENGTH"},
                                       {kByteMore, "COLUMN_LENGTH"}};
constexpr Treatment kColumn = {kRefusedColumns};
constexpr Refused kRefusedPortColumns[] = {{kNone, "COLUMN_LENGTH"},
                                           {kTooMany, "COLUMN_LENGTH"},
                                           {kZero, "PORT_ZERO"},
                                           {kLargest, "PORT_TOO_LARGE"}};
constexpr Treatment kPortColumn = {kRefusedPortColumns};
constexpr Refused kRefusedEnumColumns[] = {{kTooMany, "COLUMN_LENGTH"},
                                           {kUnknownNumber, "ENUM_UNKNOWN"}};
constexpr Treatment kEnumColumn = {kRefusedEnumColumns};
constexpr Refused kRefusedZoneColumns[] = {
    {kTooMany, "COLUMN_LENGTH"},
    {kTooLong, "ZONE_TOO_LONG"},
    {kControlCharacter, "ZONE_MALFORMED"}};
constexpr Treatment kZoneColumn = {kRefusedZoneColumns};

constexpr Refused kRefusedGaps[] = {{kTooMany, "TOO_MANY_GAPS"}};
constexpr Treatment kGaps = {kRefusedGaps};

struct Rule {
  absl::string_view path;
  Treatment treatment;
};

constexpr Rule kRules[] = {
    // Register. What is wrong within a row is refused with that row alone.
    {"RegisterRequest.reporter", kReporter},
    {"RegisterRequest.reporter.kind", kRequiredEnum},
    {"RegisterRequest.reporter.name", kRequiredText},
    {"RegisterRequest.reporter.host", kRequiredText},
    {"RegisterRequest.reporter.network", kText},
    {"RegisterRequest.ttl", kTtl},
    {"RegisterRequest.namespaces", kRows},
    {"RegisterRequest.namespaces.netns", kText},
    {"RegisterRequest.namespaces.prefixes", kPrefixes},
    {"RegisterRequest.namespaces.prefixes.prefix", kAddress},
    {"RegisterRequest.namespaces.prefixes.device", kText},
    {"RegisterRequest.namespaces.name", kText},
    {"RegisterRequest.coverage_gaps", kAny},
    {"RegisterRequest.coverage_gaps.gaps", kGaps},
    {"RegisterRequest.coverage_gaps.gaps.kind", kRequiredEnum},
    {"RegisterRequest.coverage_gaps.gaps.description", kText},
    {"RegisterRequest.listeners", kRows},
    {"RegisterRequest.listeners.socket", kSocket},
    {"RegisterRequest.listeners.socket.netns", kText},
    {"RegisterRequest.listeners.socket.transport", kRequiredEnum},
    {"RegisterRequest.listeners.socket.family", kEnum},
    {"RegisterRequest.listeners.socket.cookie", kAny},
    {"RegisterRequest.listeners.socket.inode", kAny},
    {"RegisterRequest.listeners.socket.uid", kAny},
    {"RegisterRequest.listeners.socket.netns_name", kIgnored},
    {"RegisterRequest.listeners.socket.owners", kAny},
    {"RegisterRequest.listeners.socket.owners.processes", kProcesses},
    {"RegisterRequest.listeners.socket.owners.processes.pid", kPid},
    {"RegisterRequest.listeners.socket.owners.processes.start_time", kTime},
    {"RegisterRequest.listeners.socket.owners.processes.name", kProcessText},
    {"RegisterRequest.listeners.socket.owners.processes.display_name",
     kIgnored},
    {"RegisterRequest.listeners.socket.owners.processes.uid", kAny},
    {"RegisterRequest.listeners.socket.owners.processes.user", kProcessText},
    {"RegisterRequest.listeners.socket.owners.processes.executable",
     kProcessText},
    {"RegisterRequest.listeners.socket.owners.processes.cgroup", kProcessText},
    {"RegisterRequest.listeners.socket.owners.processes.container_id",
     kIgnored},
    {"RegisterRequest.listeners.socket.owners.processes.arguments", kArguments},
    {"RegisterRequest.listeners.socket.owners.processes.arguments_cut", kAny},
    {"RegisterRequest.listeners.socket.owners.unknown_reason", kEnum},
    {"RegisterRequest.listeners.local", kEnd},
    {"RegisterRequest.listeners.local.address", kAddress},
    {"RegisterRequest.listeners.local.port", kPort},
    {"RegisterRequest.listeners.state", kEnum},
    {"RegisterRequest.listeners.v6_only", kAny},
    {"RegisterRequest.listeners.device", kText},
    {"RegisterRequest.listeners.provenance", kIgnored},
    {"RegisterRequest.listeners.derived", kIgnored},
    {"RegisterRequest.connections", kRows},
    {"RegisterRequest.connections.socket", kSocket},
    {"RegisterRequest.connections.socket.netns", kText},
    {"RegisterRequest.connections.socket.transport", kRequiredEnum},
    {"RegisterRequest.connections.socket.family", kEnum},
    {"RegisterRequest.connections.socket.cookie", kAny},
    {"RegisterRequest.connections.socket.inode", kAny},
    {"RegisterRequest.connections.socket.uid", kAny},
    {"RegisterRequest.connections.socket.netns_name", kIgnored},
    {"RegisterRequest.connections.socket.owners", kAny},
    {"RegisterRequest.connections.socket.owners.processes", kProcesses},
    {"RegisterRequest.connections.socket.owners.processes.pid", kPid},
    {"RegisterRequest.connections.socket.owners.processes.start_time", kTime},
    {"RegisterRequest.connections.socket.owners.processes.name", kProcessText},
    {"RegisterRequest.connections.socket.owners.processes.display_name",
     kIgnored},
    {"RegisterRequest.connections.socket.owners.processes.uid", kAny},
    {"RegisterRequest.connections.socket.owners.processes.user", kProcessText},
    {"RegisterRequest.connections.socket.owners.processes.executable",
     kProcessText},
    {"RegisterRequest.connections.socket.owners.processes.cgroup",
     kProcessText},
    {"RegisterRequest.connections.socket.owners.processes.container_id",
     kIgnored},
    {"RegisterRequest.connections.socket.owners.processes.arguments",
     kArguments},
    {"RegisterRequest.connections.socket.owners.processes.arguments_cut", kAny},
    {"RegisterRequest.connections.socket.owners.unknown_reason", kEnum},
    {"RegisterRequest.connections.local", kEnd},
    {"RegisterRequest.connections.local.address", kAddress},
    {"RegisterRequest.connections.local.port", kPort},
    {"RegisterRequest.connections.remote", kEnd},
    {"RegisterRequest.connections.remote.address", kAddress},
    {"RegisterRequest.connections.remote.port", kPort},
    {"RegisterRequest.connections.state", kEnum},
    {"RegisterRequest.connections.role", kRole},
    {"RegisterRequest.connections.role_evidence", kEnum},
    {"RegisterRequest.connections.listener_cookie", kAny},
    {"RegisterRequest.connections.device", kText},
    {"RegisterRequest.connections.provenance", kIgnored},
    {"RegisterRequest.connections.closure", kIgnored},
    {"RegisterRequest.connections.derived", kIgnored},

    // Deregister.
    {"DeregisterRequest.reporter", kReporter},
    {"DeregisterRequest.reporter.kind", kRequiredEnum},
    {"DeregisterRequest.reporter.name", kRequiredText},
    {"DeregisterRequest.reporter.host", kRequiredText},
    {"DeregisterRequest.reporter.network", kText},
    {"DeregisterRequest.all", kAll},
    {"DeregisterRequest.listeners", kRows},
    {"DeregisterRequest.listeners.socket", kSocket},
    {"DeregisterRequest.listeners.socket.netns", kText},
    {"DeregisterRequest.listeners.socket.transport", kRequiredEnum},
    {"DeregisterRequest.listeners.socket.family", kNotRead},
    {"DeregisterRequest.listeners.socket.cookie", kAny},
    {"DeregisterRequest.listeners.socket.inode", kAny},
    {"DeregisterRequest.listeners.socket.uid", kNotRead},
    {"DeregisterRequest.listeners.socket.owners", kNotRead},
    {"DeregisterRequest.listeners.socket.netns_name", kNotRead},
    {"DeregisterRequest.listeners.local", kEnd},
    {"DeregisterRequest.listeners.local.address", kAddress},
    {"DeregisterRequest.listeners.local.port", kPort},
    {"DeregisterRequest.listeners.state", kNotRead},
    {"DeregisterRequest.listeners.v6_only", kNotRead},
    {"DeregisterRequest.listeners.device", kText},
    {"DeregisterRequest.listeners.provenance", kNotRead},
    {"DeregisterRequest.listeners.derived", kNotRead},
    {"DeregisterRequest.connections", kRows},
    {"DeregisterRequest.connections.socket", kSocket},
    {"DeregisterRequest.connections.socket.netns", kText},
    {"DeregisterRequest.connections.socket.transport", kRequiredEnum},
    {"DeregisterRequest.connections.socket.family", kNotRead},
    {"DeregisterRequest.connections.socket.cookie", kAny},
    {"DeregisterRequest.connections.socket.inode", kAny},
    {"DeregisterRequest.connections.socket.uid", kNotRead},
    {"DeregisterRequest.connections.socket.owners", kNotRead},
    {"DeregisterRequest.connections.socket.netns_name", kNotRead},
    {"DeregisterRequest.connections.local", kEnd},
    {"DeregisterRequest.connections.local.address", kAddress},
    {"DeregisterRequest.connections.local.port", kPort},
    {"DeregisterRequest.connections.remote", kEnd},
    {"DeregisterRequest.connections.remote.address", kAddress},
    {"DeregisterRequest.connections.remote.port", kPort},
    {"DeregisterRequest.connections.state", kNotRead},
    {"DeregisterRequest.connections.role", kNotRead},
    {"DeregisterRequest.connections.role_evidence", kNotRead},
    {"DeregisterRequest.connections.listener_cookie", kNotRead},
    {"DeregisterRequest.connections.device", kText},
    {"DeregisterRequest.connections.provenance", kNotRead},
    {"DeregisterRequest.connections.closure", kNotRead},
    {"DeregisterRequest.connections.derived", kNotRead},
    {"DeregisterRequest.namespaces", kNames},

    // Lookup.
    {"LookupRequest.four_tuple", kQuestion},
    {"LookupRequest.four_tuple.client", kEndOfQuestion},
    {"LookupRequest.four_tuple.client.address", kAddress},
    {"LookupRequest.four_tuple.client.port", kPort},
    {"LookupRequest.four_tuple.server", kEndOfQuestion},
    {"LookupRequest.four_tuple.server.address", kAddress},
    {"LookupRequest.four_tuple.server.port", kPort},
    {"LookupRequest.endpoint", kQuestion},
    {"LookupRequest.endpoint.address", kAddress},
    {"LookupRequest.endpoint.port", kPort},
    {"LookupRequest.community_id", kCommunityId},
    {"LookupRequest.network", kText},
    {"LookupRequest.host", kText},
    {"LookupRequest.transport", kEnum},

    // BatchLookup.
    {"BatchLookupRequest.client_addresses", kFirstColumn},
    {"BatchLookupRequest.client_ports", kPortColumn},
    {"BatchLookupRequest.server_addresses", kColumn},
    {"BatchLookupRequest.server_ports", kPortColumn},
    {"BatchLookupRequest.transports", kEnumColumn},
    {"BatchLookupRequest.zones", kZoneColumn},
    {"BatchLookupRequest.network", kText},
    {"BatchLookupRequest.host", kText},

    // Listings.
    {"ListConnectionsRequest.endpoint", kAny},
    {"ListConnectionsRequest.endpoint.address", kAddress},
    {"ListConnectionsRequest.endpoint.port", kPort},
    {"ListConnectionsRequest.host", kText},
    {"ListConnectionsRequest.network", kText},
    {"ListConnectionsRequest.transport", kEnum},
    {"ListConnectionsRequest.page_size", kPageSize},
    {"ListConnectionsRequest.page_token", kPageToken},
    {"ListConnectionsRequest.show_closed", kAny},
    {"ListListenersRequest.endpoint", kAny},
    {"ListListenersRequest.endpoint.address", kAddress},
    {"ListListenersRequest.endpoint.port", kPort},
    {"ListListenersRequest.host", kText},
    {"ListListenersRequest.network", kText},
    {"ListListenersRequest.transport", kEnum},
    {"ListListenersRequest.page_size", kPageSize},
    {"ListListenersRequest.page_token", kPageToken},
    {"ListEndpointsRequest.prefix", kPrefix},
    {"ListEndpointsRequest.host", kText},
    {"ListEndpointsRequest.network", kText},
    {"ListEndpointsRequest.transport", kEnum},
    {"ListEndpointsRequest.page_size", kPageSize},
    {"ListEndpointsRequest.page_token", kPageToken},
    {"ListHostsRequest.host", kText},
    {"ListHostsRequest.network", kText},
    {"ListHostsRequest.state", kEnum},
    {"ListHostsRequest.page_size", kPageSize},
    {"ListHostsRequest.page_token", kPageToken},
};

const Treatment* TreatmentOf(absl::string_view path) {
  for (const Rule& rule : kRules)
    if (rule.path == path) return &rule.treatment;
  return nullptr;
}

// ---- Requests ----

// How a request is sent, and examples of it that are right. Between them, the
// examples set every message field that is read, and an element of every
// repeated one.
template <typename Request>
struct Rpc;

template <>
struct Rpc<v1::RegisterRequest> {
  using Service = v1::ReportingService;
  using Response = v1::RegisterResponse;
  static constexpr auto kMethod = &Service::Stub::Register;
  static constexpr const char*
      kExamples[] =
          {
              R"pb(
                reporter {
                  kind: REPORTER_KIND_AGENT
                  name: "connreg-agent"
                  host: "web-1"
                  network: "default"
                }
                ttl { seconds: 60 }
                namespaces {
                  netns: "1"
                  prefixes { prefix: "10.0.0.5" device: "eth0" }
                  name: "blue"
                }
                listeners {
                  socket {
                    netns: "1"
                    transport: TRANSPORT_TCP
                    family: SOCKET_FAMILY_IPV4
                    cookie: 1
                    inode: 1
                    uid: 1
                    owners { processes { pid: 1 name: "web" arguments: "web" } }
                  }
                  local { address: "10.0.0.5" port: 80 }
                  state: LISTENER_STATE_LISTEN
                  device: "eth0"
                }
                connections {
                  socket {
                    netns: "1"
                    transport: TRANSPORT_TCP
                    family: SOCKET_FAMILY_IPV4
                    cookie: 2
                    inode: 2
                    uid: 1
                    owners { processes { pid: 1 name: "web" arguments: "web" } }
                  }
                  local { address: "10.0.0.5" port: 80 }
                  remote { address: "10.0.0.9" port: 51000 }
                  state: CONNECTION_STATE_ESTABLISHED
                  role: ROLE_SERVER
                  role_evidence: ROLE_EVIDENCE_LISTENER
                  listener_cookie: 1
                  device: "eth0"
                }
                coverage_gaps {
                  gaps { kind: GAP_KIND_SOCKETS description: "UDP" }
                })pb"};
};

template <>
struct Rpc<v1::DeregisterRequest> {
  using Service = v1::ReportingService;
  using Response = v1::DeregisterResponse;
  static constexpr auto kMethod = &Service::Stub::Deregister;
  static constexpr const char* kExamples[] = {
      R"pb(
        reporter {
          kind: REPORTER_KIND_AGENT
          name: "connreg-agent"
          host: "web-1"
          network: "default"
        }
        listeners {
          socket { netns: "1" transport: TRANSPORT_TCP cookie: 1 inode: 1 }
          local { address: "10.0.0.5" port: 80 }
          device: "eth0"
        }
        connections {
          socket { netns: "1" transport: TRANSPORT_TCP cookie: 2 inode: 2 }
          local { address: "10.0.0.5" port: 80 }
          remote { address: "10.0.0.9" port: 51000 }
        }
        namespaces: "1")pb"};
};

template <>
struct Rpc<v1::LookupRequest> {
  using Service = v1::RegistryService;
  using Response = v1::LookupResponse;
  static constexpr auto kMethod = &Service::Stub::Lookup;
  static constexpr const char* kExamples[] = {
      R"pb(four_tuple {
             client { address: "10.0.0.9" port: 51000 }
             server { address: "10.0.0.5" port: 80 }
           })pb",
      R"pb(endpoint { address: "10.0.0.5" port: 80 })pb",
      R"pb(community_id: "1:SmAASlefIp2O8Kam70CCnxMgk+c=")pb"};
};

template <>
struct Rpc<v1::BatchLookupRequest> {
  using Service = v1::RegistryService;
  using Response = v1::BatchLookupResponse;
  static constexpr auto kMethod = &Service::Stub::BatchLookup;
  // From fe80::9 to fe80::5.
  static constexpr const char* kExamples[] = {
      R"pb(
        client_addresses: "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\t"
        client_ports: 51000
        server_addresses: "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x05"
        server_ports: 80
        transports: TRANSPORT_TCP
        zones: "eth0")pb"};
};

template <>
struct Rpc<v1::ListConnectionsRequest> {
  using Service = v1::RegistryService;
  using Response = v1::ListConnectionsResponse;
  static constexpr auto kMethod = &Service::Stub::ListConnections;
  static constexpr const char* kExamples[] = {
      R"pb(endpoint { address: "10.0.0.5" port: 80 })pb"};
};

template <>
struct Rpc<v1::ListListenersRequest> {
  using Service = v1::RegistryService;
  using Response = v1::ListListenersResponse;
  static constexpr auto kMethod = &Service::Stub::ListListeners;
  static constexpr const char* kExamples[] = {
      R"pb(endpoint { address: "10.0.0.5" port: 80 })pb"};
};

template <>
struct Rpc<v1::ListEndpointsRequest> {
  using Service = v1::RegistryService;
  using Response = v1::ListEndpointsResponse;
  static constexpr auto kMethod = &Service::Stub::ListEndpoints;
  static constexpr const char* kExamples[] = {R"pb(prefix: "10.0.0.0/8"
                                                   host: "web-1")pb"};
};

template <>
struct Rpc<v1::ListHostsRequest> {
  using Service = v1::RegistryService;
  using Response = v1::ListHostsResponse;
  static constexpr auto kMethod = &Service::Stub::ListHosts;
  static constexpr const char* kExamples[] = {""};
};

template <typename Request>
Request ParseExample(const char* text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
  return request;
}

// ---- Fields ----

// A field of a request: the fields that lead to it, and itself.
using Steps = std::vector<const FieldDescriptor*>;

// "RegisterRequest.connections.remote.port".
std::string PathOf(const Steps& steps) {
  std::string path = steps.front()->containing_type()->name();
  for (const FieldDescriptor* step : steps)
    absl::StrAppend(&path, ".", step->name());
  return path;
}

// The same as answers tell it: "connections[0].remote.port".
std::string ToldPathOf(const Steps& steps, const BadValue& value) {
  std::string path;
  for (const FieldDescriptor* step : steps) {
    const bool is_element =
        step->is_repeated() && !(step == steps.back() && value.of_whole);
    absl::StrAppend(&path, path.empty() ? "" : ".", step->name(),
                    is_element ? "[0]" : "");
  }
  return path;
}

// Adds all fields below `above`, save those within times and within what is
// ignored.
void AddFields(const Descriptor* type, const Steps& above,
               std::vector<Steps>* fields) {
  for (int i = 0; i < type->field_count(); ++i) {
    Steps steps = above;
    steps.push_back(type->field(i));
    fields->push_back(steps);
    const Treatment* treatment = TreatmentOf(PathOf(steps));
    const bool is_ignored = treatment != nullptr && treatment->is_ignored;
    if (type->field(i)->message_type() != nullptr && !IsTime(type->field(i)) &&
        !is_ignored)
      AddFields(type->field(i)->message_type(), steps, fields);
  }
}

template <typename Request>
std::vector<Steps> FieldsOf() {
  std::vector<Steps> fields;
  AddFields(Request::descriptor(), {}, &fields);
  return fields;
}

// The message within `request` that the last of `steps` is a field of; null if
// it is not set there.
Message* ParentOf(const Steps& steps, Message* request) {
  Message* parent = request;
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    const Reflection* reflection = parent->GetReflection();
    if (steps[i]->is_repeated()) {
      if (reflection->FieldSize(*parent, steps[i]) == 0) return nullptr;
      parent = reflection->MutableRepeatedMessage(parent, steps[i], 0);
    } else {
      if (!reflection->HasField(*parent, steps[i])) return nullptr;
      parent = reflection->MutableMessage(parent, steps[i]);
    }
  }
  const bool is_of_another_choice =
      steps.back()->real_containing_oneof() != nullptr &&
      !parent->GetReflection()->HasField(*parent, steps.back());
  return is_of_another_choice ? nullptr : parent;
}

// An example with that value in the field.
template <typename Request>
std::optional<Request> With(const BadValue& value, const Steps& steps) {
  for (const char* example : Rpc<Request>::kExamples) {
    auto request = ParseExample<Request>(example);
    Message* parent = ParentOf(steps, &request);
    if (parent == nullptr) continue;
    value.set(parent);
    return request;
  }
  return std::nullopt;
}

// ---- The test ----

// "PORT_ZERO in remote.port".
std::string Refusal(absl::string_view reason, absl::string_view field) {
  return absl::StrCat(reason, " in ", field);
}

constexpr char kTaken[] = "taken";

// What becomes of the request, as it is to be.
std::string ExpectedVerdict(const Steps& steps, const Treatment& treatment,
                            const BadValue& value) {
  const std::string path = PathOf(steps);
  const bool is_in_row = absl::StartsWith(path, "RegisterRequest.listeners.") ||
                         absl::StartsWith(path, "RegisterRequest.connections.");
  for (const Refused& refused : treatment.refused) {
    if (refused.bad_value != value.name) continue;
    std::string told(refused.told_field);
    if (told.empty() || told[0] == '.')
      told.insert(0, ToldPathOf(steps, value));
    return absl::StrCat(is_in_row ? "row refused: " : "refused: ",
                        Refusal(refused.reason, told));
  }
  return kTaken;
}

// What became of it.
std::string VerdictOf(const grpc::Status& status, const Message&) {
  if (status.ok()) return kTaken;
  const Fault fault = FaultOf(status);
  if (fault.code != grpc::StatusCode::INVALID_ARGUMENT ||
      fault.domain != "connreg")
    return absl::StrCat("code ", fault.code, ": ", fault.message);
  return absl::StrCat("refused: ", Refusal(fault.reason, fault.field));
}

std::string VerdictOf(const grpc::Status& status,
                      const v1::RegisterResponse& response) {
  if (!status.ok() || response.refusals().empty())
    return VerdictOf(status, static_cast<const Message&>(response));
  EXPECT_EQ(response.refusals_size(), 1);
  EXPECT_EQ(response.malformed_count(), 1u);
  const v1::RowRefusal& refusal = response.refusals(0);
  EXPECT_EQ(refusal.index(), 0u);
  EXPECT_NE(refusal.description(), "");
  return absl::StrCat("row refused: ",
                      Refusal(refusal.reason(), refusal.field()));
}

template <typename Request>
class BadInputTest : public ServiceTest {
 protected:
  using Response = typename Rpc<Request>::Response;

  // What the service says of `request`. Fails the test if the service does not
  // answer others afterwards.
  std::string Send(const Request& request, Response* response) {
    const auto stub = Rpc<Request>::Service::NewStub(channel_);
    return VerdictOf(Call(*stub, Rpc<Request>::kMethod, request, response),
                     *response);
  }

  // Puts the rows of the example of RegisterRequest where they were.
  void Restore() {
    Deregister(WithdrawalOfAll(Agent("web-1")));
    Register(ParseExample<v1::RegisterRequest>(
        Rpc<v1::RegisterRequest>::kExamples[0]));
  }

  // All that there is to see.
  std::string Everything() {
    v1::ListConnectionsRequest closed_too;
    closed_too.set_show_closed(true);
    return absl::StrCat(
        GetStatus().DebugString(), ListListeners().DebugString(),
        ListConnections(closed_too).DebugString(), ListHosts().DebugString());
  }

  void ExpectRuleHolds(const Steps& steps, const Treatment& treatment,
                       const BadValue& value) {
    const std::optional<Request> request = With<Request>(value, steps);
    ASSERT_TRUE(request.has_value()) << "no example has it";
    const std::string expected = ExpectedVerdict(steps, treatment, value);
    Restore();
    const std::string before = Everything();
    Response response;
    EXPECT_EQ(Send(*request, &response), expected);
    if (expected != kTaken) {
      EXPECT_EQ(Everything(), before);
    }
    if (treatment.is_ignored) ExpectIsAsIfUnsaid(before, response);
  }

 private:
  // Expects that the request did what the example does.
  void ExpectIsAsIfUnsaid(const std::string& before, const Response& response) {
    if constexpr (std::is_same_v<Request, v1::RegisterRequest>) {
      EXPECT_EQ(Everything(), before);
    }
    Restore();
    Response unsaid;
    Send(ParseExample<Request>(Rpc<Request>::kExamples[0]), &unsaid);
    EXPECT_EQ(response.DebugString(), unsaid.DebugString());
  }
};

using Requests =
    testing::Types<v1::RegisterRequest, v1::DeregisterRequest,
                   v1::LookupRequest, v1::BatchLookupRequest,
                   v1::ListConnectionsRequest, v1::ListListenersRequest,
                   v1::ListEndpointsRequest, v1::ListHostsRequest>;

class RequestName {
 public:
  template <typename Request>
  static std::string GetName(int) {
    return Request::descriptor()->name();
  }
};

TYPED_TEST_SUITE(BadInputTest, Requests, RequestName);

TYPED_TEST(BadInputTest, IsRefusedByFieldAndReasonAndChangesNothing) {
  for (const Steps& steps : FieldsOf<TypeParam>()) {
    const std::string path = PathOf(steps);
    const Treatment* treatment = TreatmentOf(path);
    if (treatment == nullptr) {
      ADD_FAILURE() << path << " is not in kRules";
      continue;
    }
    for (const BadValue& value : BadValuesOf(steps.back())) {
      // A message is filled with junk only where none of it is read.
      if (value.name == kJunk && !treatment->is_ignored) continue;
      SCOPED_TRACE(absl::StrCat(path, ": ", value.name));
      this->ExpectRuleHolds(steps, *treatment, value);
    }
  }
}

TYPED_TEST(BadInputTest, BytesThatAreNoTextAreRefusedAndChangeNothing) {
  this->Restore();
  const std::string before = this->Everything();
  for (const Steps& steps : FieldsOf<TypeParam>()) {
    const FieldDescriptor* field = steps.back();
    if (field->type() != FieldDescriptor::TYPE_STRING) continue;
    SCOPED_TRACE(PathOf(steps));
    const auto request =
        With<TypeParam>(Text(field, "not UTF-8", "\xC0\xAF"), steps);
    ASSERT_TRUE(request.has_value());
    typename TestFixture::Response response;
    // It is not a message of the protocol, so that gRPC refuses it.
    EXPECT_THAT(this->Send(*request, &response), testing::StartsWith("code "));
    EXPECT_EQ(this->Everything(), before);
  }
}

std::vector<Steps> AllFields() {
  std::vector<Steps> fields;
  for (const Descriptor* request :
       {v1::RegisterRequest::descriptor(), v1::DeregisterRequest::descriptor(),
        v1::LookupRequest::descriptor(), v1::BatchLookupRequest::descriptor(),
        v1::ListConnectionsRequest::descriptor(),
        v1::ListListenersRequest::descriptor(),
        v1::ListEndpointsRequest::descriptor(),
        v1::ListHostsRequest::descriptor(), v1::GetStatusRequest::descriptor()})
    AddFields(request, {}, &fields);
  return fields;
}

TEST(BadInputRulesTest, SpeakOfEachFieldOnceAndOfNoOther) {
  std::vector<std::string> there;
  for (const Steps& steps : AllFields()) there.push_back(PathOf(steps));
  std::vector<std::string> ruled;
  for (const Rule& rule : kRules) ruled.emplace_back(rule.path);
  EXPECT_THAT(ruled, testing::UnorderedElementsAreArray(there));
}

TEST(BadInputRulesTest, RefuseOnlyBadValuesOfTheirField) {
  for (const Steps& steps : AllFields()) {
    const Treatment* treatment = TreatmentOf(PathOf(steps));
    if (treatment == nullptr) continue;
    std::set<absl::string_view> names;
    for (const BadValue& value : BadValuesOf(steps.back()))
      names.insert(value.name);
    for (const Refused& refused : treatment->refused)
      EXPECT_THAT(names, testing::Contains(refused.bad_value)) << PathOf(steps);
  }
}

// Every request of every rpc is among those above, or has a test of its own.
TEST(BadInputRulesTest, CoverEveryRpc) {
  std::set<std::string> requests;
  for (const char* name :
       {"connreg.v1.ReportingService", "connreg.v1.RegistryService"}) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            name);
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i)
      requests.insert(service->method(i)->input_type()->name());
  }
  EXPECT_THAT(requests,
              testing::UnorderedElementsAre(
                  "RegisterRequest", "DeregisterRequest", "LookupRequest",
                  "BatchLookupRequest", "ListConnectionsRequest",
                  "ListListenersRequest", "ListEndpointsRequest",
                  "ListHostsRequest", "GetStatusRequest",
                  // tests/unit/wire/report_bad_input_test.cc
                  "ReportRequest"));
}

}  // namespace
}  // namespace connreg
