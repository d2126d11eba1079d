#include "service/base/sip_hash.h"

#include <string>

#include "gtest/gtest.h"

namespace connreg {
namespace {

// The key and the inputs of the reference implementation's test vectors:
// consecutive bytes from 0.
constexpr SipHashKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string FirstBytes(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(SipHashTest, GivesTheAuthorsTestVectors) {
  EXPECT_EQ(SipHash(kKey, FirstBytes(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(SipHash(kKey, FirstBytes(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(SipHash(kKey, FirstBytes(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(SipHash(kKey, FirstBytes(15)), 0xa129ca6149be45e5u);
}

TEST(SipHashTest, TheKeyChangesTheHash) {
  EXPECT_NE(SipHash({1, 2}, "connreg"), SipHash({1, 3}, "connreg"));
  EXPECT_NE(SipHash({1, 2}, "connreg"), SipHash({2, 2}, "connreg"));
}

}  // namespace
}  // namespace connreg
