#ifndef CONNREG_SERVICE_MODEL_COVERAGE_H_
#define CONNREG_SERVICE_MODEL_COVERAGE_H_

#include <cstdint>
#include <string>

namespace connreg {

// What a reporter cannot see of its host.
enum class GapKind : uint8_t {
  // Some listeners or connections.
  kSockets = 1,
  // What only netlink tells of sockets, where it is refused, or a part of it.
  kSocketDetails,
  // The addresses that the host owns, or some of them.
  kAddresses,
  // The processes that hold sockets, of which each such socket says why.
  kProcesses,
};

// Whether answers about a host that has such a gap are partial.
inline bool MakesPartial(GapKind kind) { return kind != GapKind::kProcesses; }

struct CoverageGap {
  GapKind kind = GapKind::kSockets;
  // For people.
  std::string description;

  bool operator==(const CoverageGap&) const = default;
};

// How complete what is known of a part of the fleet is.
struct HostCounts {
  // Hosts by their HostState.
  uint32_t live = 0;
  uint32_t stale = 0;
  uint32_t expired = 0;
  uint32_t no_agent = 0;
  // Reporters that were lately refused rows for lack of room.
  uint32_t limited_reporters = 0;
  // Hosts that a reporter cannot see all of.
  uint32_t gapped = 0;
  // Hosts by HostState again.
  uint32_t syncing = 0;
};

// Which hosts an answer speaks for.
struct Coverage {
  // The life of the service process.
  std::string run_id;
  // Grows with every change to any row; the answer is no older than this.
  uint64_t revision = 0;
  // The process started so lately that hosts may not have come back to it yet.
  bool syncing = false;
  // Of the hosts that the question is about.
  HostCounts hosts;
  // How many hosts there should be. 0: not told, or the question is not about
  // all.
  uint32_t expected_hosts = 0;
  // There was more than the answer may hold.
  bool truncated = false;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_COVERAGE_H_
