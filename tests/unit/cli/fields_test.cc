#include "client/cli/fields.h"

#include <optional>

#include "gmock/gmock.h"

namespace connreg::cli {
namespace {

TEST(FieldsTest, ValuesAreAlignedBehindTheLongestName) {
  EXPECT_EQ(FormatFields({{"client", "10.0.0.9:51000"},
                          {"  process", "nginx,812"},
                          {"", "nginx,813"}},
                         std::nullopt),
            "client     10.0.0.9:51000\n"
            "  process  nginx,812\n"
            "           nginx,813\n");
}

TEST(FieldsTest, ALongValueGoesOnBelowItsStart) {
  EXPECT_EQ(FormatFields({{"why",
                           "a host that reports owns 10.0.0.5 and does "
                           "not show this connection"}},
                         40),
            "why  a host that reports owns 10.0.0.5\n"
            "     and does not show this connection\n");
}

TEST(FieldsTest, WhereNobodyKnowsTheWidthLinesHave80Columns) {
  const std::string word(37, 'x');
  EXPECT_EQ(FormatFields({{"why", word + " " + word + " y"}}, std::nullopt),
            "why  " + word + " " + word + "\n     y\n");
}

TEST(FieldsTest, WhatIsToBeCopiedStaysOnItsLine) {
  const std::string value = "/opt/a b/" + std::string(80, 'x');
  EXPECT_EQ(FormatFields({{"file", value, false}}, 40),
            "file  " + value + "\n");
}

TEST(FieldsTest, ANarrowScreenLeavesSentencesRoom) {
  EXPECT_EQ(FormatFields({{"why", "no host that reports owns 10.0.0.5"}}, 5),
            "why  no host that reports owns\n     10.0.0.5\n");
}

}  // namespace
}  // namespace connreg::cli
