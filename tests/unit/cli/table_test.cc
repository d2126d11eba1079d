#include "client/cli/table.h"

#include <optional>

#include "gmock/gmock.h"

namespace connreg::cli {
namespace {

Table HostsAndProcesses() {
  Table table;
  table.columns = {{"SERVER"}, {"HOST", true}, {"PROCESS", true}};
  table.rows = {
      {{"10.0.0.5:5432"}, {"web1 > db1"}, {"nginx,812 > postgres,990"}}};
  return table;
}

TEST(TableTest, ColumnsAreAlignedUnderAHeader) {
  Table table;
  table.columns = {{"PROTO"}, {"STATE"}, {"HOST"}};
  table.rows = {{{"tcp"}, {"ESTAB"}, {"web1"}},
                {{"udp"}, {"CLOSE-WAIT"}, {"db1"}}};

  EXPECT_EQ(FormatTable(table, std::nullopt),
            "PROTO  STATE       HOST\n"
            "tcp    ESTAB       web1\n"
            "udp    CLOSE-WAIT  db1\n");
}

TEST(TableTest, NoRowsLeaveTheHeader) {
  Table table;
  table.columns = {{"PROTO"}, {"STATE"}};

  EXPECT_EQ(FormatTable(table, std::nullopt), "PROTO  STATE\n");
}

TEST(TableTest, ALineEndsWithItsLastCell) {
  Table table;
  table.columns = {{"HOST"}, {"PROCESS"}};
  table.rows = {{{"web1"}, {""}}};

  EXPECT_EQ(FormatTable(table, std::nullopt), "HOST  PROCESS\nweb1\n");
}

TEST(TableTest, WithoutAWidthNothingIsShortened) {
  EXPECT_EQ(FormatTable(HostsAndProcesses(), std::nullopt),
            "SERVER         HOST        PROCESS\n"
            "10.0.0.5:5432  web1 > db1  nginx,812 > postgres,990\n");
}

TEST(TableTest, WhatFitsIsNotShortened) {
  EXPECT_EQ(FormatTable(HostsAndProcesses(), 51),
            FormatTable(HostsAndProcesses(), std::nullopt));
}

TEST(TableTest, TheWidestColumnIsShortenedFirst) {
  EXPECT_EQ(FormatTable(HostsAndProcesses(), 50),
            "SERVER         HOST        PROCESS\n"
            "10.0.0.5:5432  web1 > db1  nginx,812 > postgres,9…\n");
}

TEST(TableTest, AddressesStayWholeWhereTheLineDoesNotFit) {
  EXPECT_EQ(FormatTable(HostsAndProcesses(), 20),
            "SERVER         HOST        PROCESS\n"
            "10.0.0.5:5432  web1 > db1  nginx,812 > postgres,9…\n");
}

TEST(TableTest, BothEndsOfAConnectionAreShortened) {
  Table table;
  table.columns = {{"PROCESS", true}};
  table.rows = {{{"a-long-client,12345 > a-long-server,67890"}},
                {{"short,1 - a-long-server,67890,and-more"}},
                {{"a-long-client,12345,and-more > short,1"}}};

  EXPECT_EQ(FormatTable(table, 33),
            "PROCESS\n"
            "a-long-client,… > a-long-server,…\n"
            "short,1 - a-long-server,67890,an…\n"
            "a-long-client,12345,an… > short,1\n");
}

TEST(TableTest, EnoughOfBothEndsStaysToTellThemBy) {
  Table table;
  table.columns = {{"PROCESS", true}};
  table.rows = {{{"a-long-client,12345 > a-long-server,67890"}}};

  EXPECT_EQ(FormatTable(table, 5), "PROCESS\na-long-cl… > a-long-se…\n");
}

TEST(TableTest, ANoteStaysWhenItsTextIsShortened) {
  Table table;
  table.columns = {{"PROCESS", true}};
  table.rows = {{{"nginx,812 > postgres,990", " [half-closed]"}}};

  EXPECT_EQ(FormatTable(table, 24),
            "PROCESS\nnginx,812 > postgres,9… [half-closed]\n");
}

TEST(TableTest, ColumnsAlignBehindWideCharactersAndMarks) {
  Table table;
  table.columns = {{"PROCESS"}, {"PID"}};
  table.rows = {
      {{"\u540D\u524D"}, {"1"}}, {{"e\u0301"}, {"2"}}, {{"\U0001F98A"}, {"3"}}};

  EXPECT_EQ(FormatTable(table, std::nullopt),
            "PROCESS  PID\n"
            "\u540D\u524D     1\n"
            "e\u0301        2\n"
            "\U0001F98A       3\n");
}

TEST(TableTest, AWideCharacterThatDoesNotFitLeavesItsColumnsEmpty) {
  Table table;
  table.columns = {{"PROCESS", true}, {"PID"}};
  table.rows = {{{"\u540D\u524D\u540D\u524D\u540D\u524D"}, {"1"}}};

  EXPECT_EQ(FormatTable(table, 15),
            "PROCESS     PID\n"
            "\u540D\u524D\u540D\u524D…   1\n");
}

TEST(TableTest, ACodePointIsOneColumnAndIsNotCut) {
  Table table;
  table.columns = {{"PROCESS", true}, {"PID"}};
  table.rows = {{{"ÄÖÜäöüßéèêëñ"}, {"1"}}, {{"short"}, {"2"}}};

  EXPECT_EQ(FormatTable(table, 15),
            "PROCESS     PID\n"
            "ÄÖÜäöüßéè…  1\n"
            "short       2\n");
}

TEST(TableTest, ADroppedColumnTakesItsCellsAlong) {
  Table table = HostsAndProcesses();

  table.Drop("HOST");

  EXPECT_EQ(FormatTable(table, std::nullopt),
            "SERVER         PROCESS\n"
            "10.0.0.5:5432  nginx,812 > postgres,990\n");
}

TEST(TableTest, AColumnIsDroppedOnlyIfAllItsCellsSayTheSame) {
  Table table;
  table.columns = {{"HOST"}, {"REFUSED"}};
  table.rows = {{{"web1"}, {"0"}}, {{"db1"}, {"7"}}};

  table.DropIfAllSay("0", "REFUSED");
  EXPECT_EQ(table.columns.size(), 2u);

  table.rows.pop_back();
  table.DropIfAllSay("0", "REFUSED");
  EXPECT_EQ(FormatTable(table, std::nullopt), "HOST\nweb1\n");
}

}  // namespace
}  // namespace connreg::cli
