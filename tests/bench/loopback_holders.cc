#include "tests/bench/loopback_holders.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace connreg {
namespace {

// Ends this process with the last error unless `done`.
void Require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::exit(1);
}

void SetLoopbackUp() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  Require(ioctl(any, SIOCSIFFLAGS, &request) == 0, "lo");
  close(any);
}

// As many descriptors as this process may have.
void RaiseLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void Open(int connections) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Require(bind(listener, any, size) == 0, "bind");
  Require(getsockname(listener, any, &size) == 0, "getsockname");
  Require(listen(listener, 16) == 0, "listen");
  for (int i = 0; i < connections; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    Require(connect(client, any, sizeof address) == 0, "connect");
    Require(accept(listener, nullptr, nullptr) >= 0, "accept");
  }
}

// The life of one holder: says on `ready` that all is open.
[[noreturn]] void Hold(int connections, pid_t parent, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Require(getppid() == parent, "the parent");
  RaiseLimit();
  Open(connections);
  const char done = 1;
  Require(write(ready, &done, 1) == 1, "ready");
  while (true) pause();
}

}  // namespace

LoopbackHolders::LoopbackHolders(int connections, int processes) {
  Require(unshare(CLONE_NEWNET) == 0, "a network namespace");
  SetLoopbackUp();
  const pid_t parent = getpid();
  int ready[2];
  Require(pipe(ready) == 0, "pipe");
  for (int i = 0; i < processes; ++i) {
    const int share =
        (connections * (i + 1)) / processes - (connections * i) / processes;
    const pid_t pid = fork();
    Require(pid >= 0, "fork");
    if (pid == 0) Hold(share, parent, ready[1]);
    pids_.push_back(pid);
  }
  close(ready[1]);
  for (int i = 0; i < processes; ++i) {
    char done = 0;
    Require(read(ready[0], &done, 1) == 1, "a holder");
  }
  close(ready[0]);
}

LoopbackHolders::~LoopbackHolders() {
  for (const pid_t pid : pids_) kill(pid, SIGKILL);
  for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
}

}  // namespace connreg
