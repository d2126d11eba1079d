#include "service/base/percent_encoding.h"

#include "gtest/gtest.h"

namespace connreg {
namespace {

TEST(PercentEncodingTest, LeavesWhatAPathMayHold) {
  EXPECT_EQ(PercentEncoded("/run/connreg-1.sock"), "/run/connreg-1.sock");
  EXPECT_EQ(PercentEncoded("[::1]:80"), "[::1]:80");
}

TEST(PercentEncodingTest, EncodesWhatAUriReadsOtherwise) {
  EXPECT_EQ(PercentEncoded("a%41 b?c#d"), "a%2541%20b%3fc%23d");
  EXPECT_EQ(PercentEncoded("\xff"), "%ff");
}

}  // namespace
}  // namespace connreg
