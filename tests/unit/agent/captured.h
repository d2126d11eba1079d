#ifndef CONNREG_TESTS_UNIT_AGENT_CAPTURED_H_
#define CONNREG_TESTS_UNIT_AGENT_CAPTURED_H_

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace connreg {

// A file of /proc/net as a kernel (6.x, little-endian) showed it in a network
// namespace with the listeners *:80 (both families), 0.0.0.0:22 and those of
// fe80::5 at v0 and fe80::7, which v0 and v1 have; connections to two of them
// over loopback and to 2001:db8::5; one half-closed, one in TIME-WAIT and one
// in SYN-SENT; and UDP sockets, bound and connected.
inline std::string Captured(const std::string& name) {
  std::ifstream file(CONNREG_CAPTURED_PROC_NET "/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_CAPTURED_H_
