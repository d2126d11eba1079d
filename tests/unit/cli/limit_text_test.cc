#include "client/lib/limit_text.h"

#include "gmock/gmock.h"

namespace connreg {
namespace {

std::string Text(v1::RowLimit limit) {
  v1::LimitReached reached;
  reached.set_limit(limit);
  reached.set_value(64);
  return LimitText(reached);
}

TEST(LimitTextTest, EachLimitSaysWhatItAllowsAndItsName) {
  EXPECT_EQ(Text(v1::ROW_LIMIT_ROWS),
            "the service takes at most 64 rows (ROW_LIMIT_ROWS)");
  EXPECT_EQ(Text(v1::ROW_LIMIT_ROWS_PER_REPORTER),
            "the service takes at most 64 rows of one reporter "
            "(ROW_LIMIT_ROWS_PER_REPORTER)");
  EXPECT_EQ(Text(v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE),
            "the service takes at most 64 connections of one four-tuple "
            "(ROW_LIMIT_ROWS_PER_FOUR_TUPLE)");
  EXPECT_EQ(Text(v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT),
            "the service takes at most 64 listeners of one endpoint on a host "
            "(ROW_LIMIT_LISTENERS_PER_ENDPOINT)");
  EXPECT_EQ(Text(v1::ROW_LIMIT_NAMESPACES_PER_REPORTER),
            "the service takes at most 64 address lists of one reporter "
            "(ROW_LIMIT_NAMESPACES_PER_REPORTER)");
  EXPECT_EQ(Text(v1::ROW_LIMIT_PREFIXES_PER_REPORTER),
            "the service takes at most 64 prefixes of one reporter "
            "(ROW_LIMIT_PREFIXES_PER_REPORTER)");
}

TEST(LimitTextTest, ALimitOfANewerServiceIsAQuestionMark) {
  EXPECT_EQ(Text(static_cast<v1::RowLimit>(99)),
            "the service takes at most 64 rows (?)");
}

TEST(LimitTextTest, TheLimitsOnAddressesKeepOutNoRows) {
  EXPECT_TRUE(KeepsOutRows(v1::ROW_LIMIT_ROWS));
  EXPECT_TRUE(KeepsOutRows(v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT));
  EXPECT_FALSE(KeepsOutRows(v1::ROW_LIMIT_NAMESPACES_PER_REPORTER));
  EXPECT_FALSE(KeepsOutRows(v1::ROW_LIMIT_PREFIXES_PER_REPORTER));
}

}  // namespace
}  // namespace connreg
