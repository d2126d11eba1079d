#include "client/agent/ends_table.h"

#include <utility>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

using testing::SizeIs;

class EndsTableTest : public testing::Test {
 protected:
  // A look that finds the network namespaces `names`.
  void Look(const std::vector<std::string>& names) {
    EndsTable::Search search = table_.Begin();
    for (const std::string& name : names) search.NoteNetns(name, kernel_);
    table_.Take(std::move(search));
  }

  FakeKernel kernel_;
  EndsTable table_;
};

TEST_F(EndsTableTest, EachNamespaceThatALookFindsIsHeard) {
  Look({"1", "2"});
  EXPECT_THAT(table_.all(), SizeIs(2));
  EXPECT_NE(table_.Find("2"), nullptr);
  EXPECT_THAT(table_.status(), IsOk());
}

TEST_F(EndsTableTest, OneThatIsFoundAgainStaysOpen) {
  Look({"1"});
  const SocketEnds* const first = table_.Find("1");
  Look({"2", "1"});
  EXPECT_EQ(table_.Find("1"), first);
}

TEST_F(EndsTableTest, OneThatIsNotFoundAnyMoreIsLetGo) {
  Look({"1", "2"});
  Look({"1"});
  EXPECT_EQ(table_.Find("2"), nullptr);
  // The test's kernel and the other one.
  EXPECT_EQ(kernel_.ends.use_count(), 2);
}

TEST_F(EndsTableTest, WhatCannotBeHeardIsSaidAndTriedAgain) {
  kernel_.ends_refusal = absl::PermissionDeniedError("no");
  Look({"1"});
  EXPECT_EQ(table_.Find("1"), nullptr);
  EXPECT_THAT(table_.status(), StatusIs(absl::StatusCode::kPermissionDenied));
  kernel_.ends_refusal = absl::OkStatus();
  Look({"1"});
  EXPECT_NE(table_.Find("1"), nullptr);
  EXPECT_THAT(table_.status(), IsOk());
}

}  // namespace
}  // namespace connreg
