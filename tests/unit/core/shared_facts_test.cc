#include "service/core/shared_facts.h"

#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/unit/core/leases.h"

namespace connreg {
namespace {

class SharedFactsTest : public testing::Test {
 protected:
  static ConnectionFacts OfProcess(const char* name) {
    ConnectionFacts facts = Tcp("10.0.0.5:80", "10.0.0.9:1", 17);
    facts.socket.owners = Owners::Known({{.pid = 7, .name = name}});
    return facts;
  }

  const RowHash hash_{SipHashKey{1, 2}};
  SharedFactsPool pool_{hash_};
  Leases leases_;
  const LeasePtr web_ = leases_.Of(Agent("web1"));
  const LeasePtr db_ = leases_.Of(Agent("db1"));
};

TEST_F(SharedFactsTest, RowsThatDifferInWhatIsTheirOwnShareTheRest) {
  const ConnectionFacts one = OfProcess("nginx");
  ConnectionFacts other = OfProcess("nginx");
  other.tuple = Pair("10.0.0.5:80", "10.0.0.9:2");
  other.socket.cookie = 18;
  other.state = ConnectionState::kCloseWait;
  const SharedFactsPtr first = pool_.Share(one, web_);
  EXPECT_EQ(first.get(), pool_.Share(other, web_).get());
  EXPECT_TRUE(first->Describes(other));
}

TEST_F(SharedFactsTest, OtherFactsOrAnotherLeaseAreNotShared) {
  const ConnectionFacts facts = OfProcess("nginx");
  ConnectionFacts with_device = facts;
  with_device.device = "eth0";
  const SharedFactsPtr first = pool_.Share(facts, web_);
  EXPECT_NE(first.get(), pool_.Share(OfProcess("envoy"), web_).get());
  EXPECT_NE(first.get(), pool_.Share(with_device, web_).get());
  EXPECT_NE(first.get(), pool_.Share(facts, db_).get());
}

TEST_F(SharedFactsTest, TheyGoWithTheirLastHolder) {
  const std::weak_ptr<Lease> lease = [this] {
    const LeasePtr gone = leases_.Of(Agent("gone"));
    SharedFactsPtr first = pool_.Share(OfProcess("nginx"), gone);
    const SharedFactsPtr second = first;
    first = pool_.Share(OfProcess("nginx"), web_);
    EXPECT_EQ(second->lease, gone);
    return std::weak_ptr<Lease>(gone);
  }();
  EXPECT_TRUE(lease.expired());
}

TEST_F(SharedFactsTest, RowsOfOneBatchShareWhetherTheirOwnersAreCopiesOrNot) {
  const ConnectionFacts facts = OfProcess("nginx");
  const ConnectionFacts copy = facts;
  const ConnectionFacts equal = OfProcess("nginx");
  BatchSharing sharing(pool_, web_);
  const SharedFactsPtr first = sharing.Share(facts);
  EXPECT_EQ(first.get(), sharing.Share(copy).get());
  EXPECT_EQ(first.get(), sharing.Share(equal).get());
}

TEST_F(SharedFactsTest, WhatABatchSharesStaysWhileMoreIsShared) {
  std::vector<ConnectionFacts> rows;
  for (int i = 0; i < 1000; ++i)
    rows.push_back(OfProcess(absl::StrCat("worker-", i).c_str()));
  BatchSharing sharing(pool_, web_);
  const SharedFactsPtr& first = sharing.Share(rows.front());
  for (const ConnectionFacts& facts : rows) sharing.Share(facts);
  EXPECT_TRUE(first->Describes(rows.front()));
  EXPECT_EQ(&first, &sharing.Share(rows.front()));
}

// What one thread lets go of as the last another may just be sharing.
TEST_F(SharedFactsTest, ThreadsMayShareAndLetGoAtOnce) {
  const ConnectionFacts facts = OfProcess("nginx");
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const SharedFactsPtr shared = pool_.Share(facts, web_);
        ASSERT_TRUE(shared->Describes(facts));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace connreg
