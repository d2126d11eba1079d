#include "client/cli/csv.h"

#include <string>

#include "gmock/gmock.h"

namespace connreg::cli {
namespace {

// The line of a row of one field.
std::string Field(const std::string& text) {
  Table table;
  table.columns = {{"name"}};
  table.rows = {{{text}}};
  return CsvRows(table);
}

TEST(CsvTest, LinesEndAsTheStandardSays) {
  Table table;
  table.columns = {{"host"}, {"state"}};
  table.rows = {{{"web1"}, {"live"}}, {{"db1"}, {""}}};

  EXPECT_EQ(CsvHeader(table), "host,state\r\n");
  EXPECT_EQ(CsvRows(table), "web1,live\r\ndb1,\r\n");
}

TEST(CsvTest, WhatWouldEndAFieldIsQuoted) {
  EXPECT_EQ(Field("a,b"), "\"a,b\"\r\n");
  EXPECT_EQ(Field("a\"b"), "\"a\"\"b\"\r\n");
  EXPECT_EQ(Field("a\nb"), "\"a\nb\"\r\n");
}

TEST(CsvTest, BlanksAtTheEdgeAreKept) {
  EXPECT_EQ(Field(" a"), "\" a\"\r\n");
  EXPECT_EQ(Field("a "), "\"a \"\r\n");
  EXPECT_EQ(Field("a b"), "a b\r\n");
}

TEST(CsvTest, NoFieldStartsAFormula) {
  EXPECT_EQ(Field("=1+2"), "\\0751+2\r\n");
  EXPECT_EQ(Field("+1"), "\\0531\r\n");
  EXPECT_EQ(Field("-1"), "\\0551\r\n");
  EXPECT_EQ(Field("@SUM"), "\\100SUM\r\n");
  EXPECT_EQ(Field("a=b"), "a=b\r\n");
}

TEST(CsvTest, NumbersKeepTheirSigns) {
  Table table;
  table.columns = {{"host"}, {.name = "offset", .is_number = true}};
  table.rows = {{{"-1"}, {"-0.5"}}, {{"web1"}, {""}}};

  EXPECT_EQ(CsvRows(table), "\\0551,-0.5\r\nweb1,\r\n");
}

TEST(CsvTest, NoFormulaStartsBehindWhatSomeSplitAt) {
  EXPECT_EQ(Field("a;=1"), "a;\\0751\r\n");
  EXPECT_EQ(Field("a,=1"), "\"a,\\0751\"\r\n");
}

TEST(CsvTest, AListKeepsItsTextsApart) {
  EXPECT_EQ(CsvList({"nginx", "a;b"}), "nginx;a\\073b");
  EXPECT_EQ(CsvList({}), "");
}

TEST(CsvTest, ValuesHaveTheirNames) {
  EXPECT_EQ(CsvOfValues({{"client", "0.1.0"}, {"run", "a,b"}}),
            "name,value\r\nclient,0.1.0\r\nrun,\"a,b\"\r\n");
}

}  // namespace
}  // namespace connreg::cli
