#ifndef CONNREG_TESTS_UNIT_AGENT_NETLINK_BYTES_H_
#define CONNREG_TESTS_UNIT_AGENT_NETLINK_BYTES_H_

#include <linux/netlink.h>

#include <cstdint>
#include <vector>

#include "client/agent/netlink.h"

// Builds what the kernel sends, byte by byte.
namespace connreg {

inline void Append(Bytes bytes, std::vector<uint8_t>* to) {
  to->insert(to->end(), bytes.begin(), bytes.end());
  to->resize((to->size() + 3) & ~size_t{3});
}

inline std::vector<uint8_t> AttributeBytes(uint16_t type, Bytes value) {
  nlattr header{};
  header.nla_len = static_cast<uint16_t>(sizeof header + value.size());
  header.nla_type = type;
  std::vector<uint8_t> bytes;
  Append(BytesOf(header), &bytes);
  Append(value, &bytes);
  return bytes;
}

inline std::vector<uint8_t> MessageBytes(uint16_t type, Bytes payload,
                                         uint16_t flags = NLM_F_MULTI,
                                         uint32_t sequence = 1) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  header.nlmsg_seq = sequence;
  std::vector<uint8_t> bytes;
  Append(BytesOf(header), &bytes);
  Append(payload, &bytes);
  return bytes;
}

// A message whose payload is a negative errno, or 0.
inline std::vector<uint8_t> ErrnoBytes(uint16_t type, int error) {
  const int value = -error;
  return MessageBytes(type, BytesOf(value));
}

inline std::vector<uint8_t> Joined(
    const std::vector<std::vector<uint8_t>>& parts) {
  std::vector<uint8_t> bytes;
  for (const std::vector<uint8_t>& part : parts)
    bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_NETLINK_BYTES_H_
