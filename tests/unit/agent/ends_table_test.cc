#include "client/agent/ends_table.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

using testing::Each;
using testing::NotNull;

class EndsTableTest : public testing::Test {
 protected:
  // A look that finds the network namespaces `names`. Returns what it was told
  // of the last.
  absl::Status Look(const std::vector<std::string>& names,
                    const FoundNetns& found = {}) {
    EndsTable::Search search = table_.Begin();
    absl::Status status;
    for (const std::string& name : names)
      status = search.NoteNetns(name, found, kernel_);
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

// A process that waits.
class Process {
 public:
  Process() : pid_(fork()) {
    if (pid_ != 0) return;
    pause();
    _exit(0);
  }
  ~Process() { End(); }

  pid_t pid() const { return pid_; }
  void End() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  const pid_t pid_;
};

TEST_F(EndsTableTest, OneIsLetGoWhenTheProcessEndsByWhichItWasFound) {
  Process process;
  EXPECT_THAT(Look({"1"}), IsOk());
  EXPECT_THAT(Look({"1", "2"}, {.pid = process.pid()}), IsOk());
  EXPECT_FALSE(table_.LetGo());
  process.End();
  pollfd event{.fd = table_.descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&event, 1, 10'000), 1);
  EXPECT_THAT(table_.WithNews(), Each(NotNull()));
  EXPECT_TRUE(table_.LetGo());
  EXPECT_EQ(table_.Find("2"), nullptr);
  EXPECT_NE(table_.Find("1"), nullptr);
  EXPECT_EQ(poll(&event, 1, 0), 0);
  EXPECT_FALSE(table_.LetGo());
}

TEST_F(EndsTableTest, AllAreLetGoThatWereFoundByAProcessThatHasEnded) {
  Process process;
  EXPECT_THAT(Look({"1", "2", "3"}, {.pid = process.pid()}), IsOk());
  process.End();
  EXPECT_TRUE(table_.LetGo());
  for (const char* const netns : {"1", "2", "3"})
    EXPECT_EQ(table_.Find(netns), nullptr);
}

TEST_F(EndsTableTest, TheOwnIsKeptWhateverProcessEnds) {
  Process process;
  EXPECT_THAT(Look({"1"}, {.pid = process.pid(), .is_own = true}), IsOk());
  process.End();
  EXPECT_FALSE(table_.LetGo());
}

TEST_F(EndsTableTest, OneOfAProcessThatIsGoneByNowIsKept) {
  Process process;
  process.End();
  EXPECT_THAT(Look({"1"}, {.pid = process.pid()}), IsOk());
  EXPECT_FALSE(table_.LetGo());
  EXPECT_NE(table_.Find("1"), nullptr);
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
