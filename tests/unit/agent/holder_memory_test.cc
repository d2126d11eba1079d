#include "client/agent/holder_memory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

uint64_t InodeOf(int socket) {
  struct stat stat {};
  EXPECT_EQ(fstat(socket, &stat), 0);
  return stat.st_ino;
}

Descriptor NewSocket() {
  return Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// A child process that does one thing, when it is told to, and lives on.
class Child {
 public:
  explicit Child(const std::function<void()>& what) {
    int to[2], from[2];
    EXPECT_EQ(pipe(to) | pipe(from), 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      char any = 0;
      if (read(to[0], &any, 1) == 1) what();
      if (write(from[1], &any, 1) == 1) pause();
      _exit(0);
    }
    to_ = to[1];
    from_ = from[0];
    close(to[0]);
    close(from[1]);
  }
  ~Child() {
    close(to_);
    close(from_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // Returns when it has done it.
  void Do() const {
    char any = 0;
    EXPECT_EQ(write(to_, &any, 1), 1);
    EXPECT_EQ(read(from_, &any, 1), 1);
  }

  int32_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int to_ = -1;
  int from_ = -1;
};

// Looks at this process and its children, as the real /proc shows them.
class HolderMemoryTest : public testing::Test {
 protected:
  std::shared_ptr<const SocketHolders> Scan(
      const std::vector<uint64_t>& inodes = {}) {
    return memory_.Scan({.root = root_,
                         .pids = pids_,
                         .clock = {absl::UnixEpoch(), sysconf(_SC_CLK_TCK)},
                         .users = users_},
                        inodes);
  }

  std::vector<int32_t> HoldersOf(uint64_t inode,
                                 const std::vector<uint64_t>& inodes = {}) {
    std::vector<int32_t> pids;
    const auto holders = Scan(inodes);
    const auto found = holders->by_inode.find(inode);
    if (found == holders->by_inode.end()) return pids;
    for (const Process& process : found->second.processes())
      pids.push_back(process.pid);
    return pids;
  }

  const Descriptor root_{open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  const int32_t pid_ = getpid();
  std::vector<int32_t> pids_ = {pid_};
  const UserNames::Table users_;
  HolderMemory memory_{/*with_arguments=*/false};
};

TEST_F(HolderMemoryTest, NothingNewIsTheSameAnswer) {
  const Descriptor socket = NewSocket();
  const uint64_t inode = InodeOf(socket.get());
  const auto first = Scan({inode});
  EXPECT_TRUE(first->by_inode.contains(inode));
  for (uint64_t i = 0; i < 2 * HolderMemory::kScans; ++i)
    EXPECT_EQ(Scan({inode}), first);
}

TEST_F(HolderMemoryTest, SocketsComeAndGoWithTheirDescriptors) {
  Scan();
  uint64_t inode = 0;
  {
    const Descriptor socket = NewSocket();
    inode = InodeOf(socket.get());
    EXPECT_THAT(HoldersOf(inode), ElementsAre(pid_));
  }
  EXPECT_THAT(HoldersOf(inode), IsEmpty());
}

TEST_F(HolderMemoryTest, SocketInThePlaceOfAnotherIsFoundWhenItIsSeen) {
  int number = -1;
  uint64_t old_inode = 0;
  {
    const Descriptor socket = NewSocket();
    number = socket.get();
    old_inode = InodeOf(number);
    ASSERT_THAT(HoldersOf(old_inode, {old_inode}), ElementsAre(pid_));
  }
  const Descriptor socket = NewSocket();
  ASSERT_EQ(socket.get(), number);
  const uint64_t inode = InodeOf(number);
  EXPECT_THAT(HoldersOf(inode, {inode}), ElementsAre(pid_));
  EXPECT_THAT(HoldersOf(old_inode, {inode}), IsEmpty());
}

TEST_F(HolderMemoryTest, ExchangeThatNobodySawIsFoundInTime) {
  uint64_t old_inode = 0;
  {
    const Descriptor socket = NewSocket();
    old_inode = InodeOf(socket.get());
    ASSERT_THAT(HoldersOf(old_inode), ElementsAre(pid_));
  }
  const Descriptor socket = NewSocket();
  for (uint64_t i = 0; i < HolderMemory::kScans; ++i) Scan();
  EXPECT_THAT(HoldersOf(old_inode), IsEmpty());
  EXPECT_THAT(HoldersOf(InodeOf(socket.get())), ElementsAre(pid_));
}

TEST_F(HolderMemoryTest, SocketThatNobodyHoldsChangesNothing) {
  const uint64_t nobodys = 1;
  const Descriptor socket = NewSocket();
  const auto first = Scan({nobodys});
  EXPECT_FALSE(first->by_inode.contains(nobodys));
  EXPECT_EQ(Scan({nobodys}), first);
}

TEST_F(HolderMemoryTest, ProcessThatInheritsASocketHoldsIt) {
  const Descriptor socket = NewSocket();
  const uint64_t inode = InodeOf(socket.get());
  ASSERT_THAT(HoldersOf(inode, {inode}), ElementsAre(pid_));

  const Child child([&] { close(socket.get()); });
  pids_.push_back(child.pid());
  EXPECT_THAT(HoldersOf(inode, {inode}),
              UnorderedElementsAre(pid_, child.pid()));
  child.Do();
  EXPECT_THAT(HoldersOf(inode, {inode}), ElementsAre(pid_));
}

TEST_F(HolderMemoryTest, ProcessThatHasEndedHoldsNothing) {
  const Descriptor socket = NewSocket();
  const uint64_t inode = InodeOf(socket.get());
  {
    const Child child([] {});
    pids_ = {child.pid()};
    ASSERT_THAT(HoldersOf(inode), ElementsAre(child.pid()));
  }
  EXPECT_THAT(HoldersOf(inode), IsEmpty());
  pids_.clear();
  EXPECT_THAT(HoldersOf(inode), IsEmpty());
}

TEST_F(HolderMemoryTest, ProcessThatBecameAnotherProgramIsCalledSo) {
  const Descriptor socket = NewSocket();
  const uint64_t inode = InodeOf(socket.get());
  const Child child([] { prctl(PR_SET_NAME, "another"); });
  pids_ = {child.pid()};
  ASSERT_THAT(HoldersOf(inode), ElementsAre(child.pid()));
  child.Do();
  EXPECT_EQ(Scan()->by_inode.at(inode).processes()[0].name, "another");
}

}  // namespace
}  // namespace connreg
