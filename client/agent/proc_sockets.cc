#include "client/agent/proc_sockets.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// Of the words in a line.
constexpr size_t kLocal = 1;
constexpr size_t kRemote = 2;
constexpr size_t kState = 3;
constexpr size_t kUid = 7;
constexpr size_t kInode = 9;

// A number of as many hexadecimal digits as `text` has, which are `digits`.
template <typename Number>
absl::StatusOr<Number> Hex(absl::string_view noun, absl::string_view text,
                           size_t digits) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
  if (text.size() == digits && error == std::errc() && stop == end)
    return number;
  return absl::DataLossError(absl::StrCat(noun, " \"", text, "\" is not ",
                                          digits, " hexadecimal digits"));
}

// "0100007F:1F90": the address as the machine's words of 32 bits, of which each
// is in network order in memory, and the port as a number.
absl::Status ParseEnd(SocketFamily family, absl::string_view text,
                      std::array<uint8_t, 16>* address, uint16_t* port) {
  const size_t words = family == SocketFamily::kIpv4 ? 1 : 4;
  const size_t colon = text.find(':');
  if (colon != 8 * words) {
    return absl::DataLossError(
        absl::StrCat("end \"", text, "\" is not an address and a port"));
  }
  for (size_t i = 0; i < words; ++i) {
    ASSIGN_OR_RETURN(const uint32_t word,
                     Hex<uint32_t>("address", text.substr(8 * i, 8), 8));
    std::memcpy(address->data() + 4 * i, &word, sizeof word);
  }
  ASSIGN_OR_RETURN(*port, Hex<uint16_t>("port", text.substr(colon + 1), 4));
  return absl::OkStatus();
}

absl::StatusOr<KernelState> ParseState(absl::string_view text) {
  ASSIGN_OR_RETURN(const uint8_t number, Hex<uint8_t>("state", text, 2));
  if (number >= static_cast<int>(KernelState::kEstablished) &&
      number <= static_cast<int>(KernelState::kNewSynReceived))
    return static_cast<KernelState>(number);
  return absl::DataLossError(
      absl::StrCat("state \"", text, "\" is none of the kernel's"));
}

absl::StatusOr<uint32_t> ParseNumber(absl::string_view noun,
                                     absl::string_view text) {
  uint32_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return absl::DataLossError(
      absl::StrCat(noun, " \"", text, "\" is not a number"));
}

absl::StatusOr<DiagSocket> ParseLine(SocketFamily family, Transport transport,
                                     absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (words.size() <= kInode) {
    return absl::DataLossError(absl::StrCat("a socket takes ", kInode + 1,
                                            " words, this has ", words.size()));
  }
  DiagSocket socket;
  socket.family = family;
  socket.transport = transport;
  RETURN_IF_ERROR(ParseEnd(family, words[kLocal], &socket.local_address,
                           &socket.local_port));
  RETURN_IF_ERROR(ParseEnd(family, words[kRemote], &socket.remote_address,
                           &socket.remote_port));
  ASSIGN_OR_RETURN(socket.state, ParseState(words[kState]));
  ASSIGN_OR_RETURN(socket.uid, ParseNumber("uid", words[kUid]));
  ASSIGN_OR_RETURN(socket.inode, ParseNumber("inode", words[kInode]));
  return socket;
}

}  // namespace

std::string ProcTablePath(SocketFamily family, Transport transport) {
  return absl::StrCat("net/", transport == Transport::kTcp ? "tcp" : "udp",
                      family == SocketFamily::kIpv6 ? "6" : "");
}

ProcTable ParseProcTable(SocketFamily family, Transport transport,
                         absl::string_view text) {
  ProcTable table;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (++number == 1 || line.empty()) continue;
    const absl::StatusOr<DiagSocket> socket =
        ParseLine(family, transport, line);
    if (!socket.ok()) {
      if (table.malformed_count++ == 0)
        table.malformed_reason =
            absl::StrCat("line ", number, ": ", socket.status().message());
      continue;
    }
    const bool is_idle =
        transport == Transport::kTcp && socket->state == KernelState::kClose;
    if (!is_idle) table.sockets.push_back(*socket);
  }
  return table;
}

}  // namespace connreg
