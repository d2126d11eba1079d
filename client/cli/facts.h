#ifndef CONNREG_CLIENT_CLI_FACTS_H_
#define CONNREG_CLIENT_CLI_FACTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "connreg/v1/socket.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"

// Facts in the form that programs take them in, as CSV has them and kWide shows
// them. All of it is safe to show on a terminal. What is not known is empty.
namespace connreg::cli {

// "2026-11-22T18:00:01.5Z" (RFC 3339), with all digits of the fraction.
std::string TimeFact(const google::protobuf::Timestamp& time);

// "600", "0.5".
std::string SecondsFact(const google::protobuf::Duration& duration);

// Of what is never 0.
std::string NumberFact(uint64_t number);

// "true", "false".
std::string FlagFact(bool flag);

// "812 813".
std::string PidsFact(const v1::Owners& owners);

// The name of `value` in lower case, without that of its type:
// CONNECTION_STATE_SYN_SENT is "syn_sent". Empty for UNSPECIFIED, "?" for a
// value that this build does not know.
std::string EnumFact(const google::protobuf::EnumDescriptor& type, int value);

template <typename Enum>
std::string EnumFact(Enum value) {
  return EnumFact(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// What is known of every socket, passive or connected.
struct SocketFact {
  // In kWide; empty where that has a column of its own for it.
  std::string heading;
  // In CSV; empty where that has other columns for it.
  std::string csv_name;
  std::string (*text)(const v1::Socket&, const v1::Provenance&);
};

std::vector<SocketFact> SocketFacts();

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_FACTS_H_
