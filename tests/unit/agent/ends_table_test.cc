#include "client/agent/ends_table.h"

#include <utility>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

class EndsTableTest : public testing::Test {
 protected:
  // A look that finds the network namespaces `names`. Returns what it was told
  // of the last.
  absl::Status Look(const std::vector<std::string>& names) {
    EndsTable::Search search = table_.Begin();
    absl::Status status;
    for (const std::string& name : names)
      status = search.NoteNetns(name, kernel_);
    table_.Take(std::move(search));
    return status;
  }

  FakeKernel kernel_;
  EndsTable table_;
};

TEST_F(EndsTableTest, EachNamespaceThatALookFindsIsHeard) {
  EXPECT_THAT(Look({"1", "2"}), IsOk());
  EXPECT_NE(table_.Find("1"), nullptr);
  EXPECT_NE(table_.Find("2"), nullptr);
}

TEST_F(EndsTableTest, OneThatIsFoundAgainStaysOpen) {
  EXPECT_THAT(Look({"1"}), IsOk());
  const SocketEnds* const first = table_.Find("1");
  EXPECT_THAT(Look({"2", "1"}), IsOk());
  EXPECT_EQ(table_.Find("1"), first);
}

TEST_F(EndsTableTest, OneThatIsNotFoundAnyMoreIsLetGo) {
  EXPECT_THAT(Look({"1", "2"}), IsOk());
  EXPECT_THAT(Look({"1"}), IsOk());
  EXPECT_EQ(table_.Find("2"), nullptr);
  // The test's kernel and the other one.
  EXPECT_EQ(kernel_.ends.use_count(), 2);
}

TEST_F(EndsTableTest, WhatCannotBeHeardIsSaidAndTriedAgain) {
  kernel_.ends_refusal = absl::PermissionDeniedError("no");
  EXPECT_THAT(Look({"1"}), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(table_.Find("1"), nullptr);
  kernel_.ends_refusal = absl::OkStatus();
  EXPECT_THAT(Look({"1"}), IsOk());
  EXPECT_NE(table_.Find("1"), nullptr);
}

}  // namespace
}  // namespace connreg
