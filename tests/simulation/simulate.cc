// simulate FIRST COUNT [JOBS]: runs the schedules of COUNT seeds, and says what
// was wrong in the first that failed.
//
// simulate SEED: runs one, and prints all that happened in it.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/simulation/schedule.h"

namespace connreg::simulation {
namespace {

int PrintOne(uint64_t seed) {
  Schedule schedule(seed, /*keeps_lines=*/true);
  const Trace& trace = schedule.Run();
  for (const std::string& line : trace.lines()) std::puts(line.c_str());
  return trace.has_failed() ? 1 : 0;
}

// Every `jobs`-th seed from `first` on.
int RunPart(uint64_t first, uint64_t end, uint64_t jobs) {
  for (uint64_t seed = first; seed < end; seed += jobs) {
    const std::string failure = FailureOf(seed);
    if (failure.empty()) continue;
    std::printf("%s\n", failure.c_str());
    return 1;
  }
  return 0;
}

int RunAll(uint64_t first, uint64_t count, uint64_t jobs) {
  const absl::Time start = absl::Now();
  std::vector<pid_t> parts;
  for (uint64_t part = 0; part < jobs; ++part) {
    const pid_t pid = fork();
    if (pid == 0) {
      const int code = RunPart(first + part, first + count, jobs);
      std::fflush(stdout);
      _exit(code);
    }
    parts.push_back(pid);
  }
  int failed = 0;
  for (const pid_t pid : parts) {
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) ++failed;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (failed == 0)
    std::printf("%llu schedules from seed %llu: nothing was wrong (%.0f s)\n",
                static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(first), seconds);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int Main(const std::vector<std::string>& arguments) {
  std::vector<uint64_t> numbers;
  for (const std::string& argument : arguments) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(argument, &number)) numbers.clear();
    numbers.push_back(number);
  }
  const bool is_usable = numbers.size() == arguments.size() &&
                         !numbers.empty() && numbers.size() <= 3;
  if (!is_usable) {
    std::fputs("simulate FIRST COUNT [JOBS], or simulate SEED\n", stderr);
    return 2;
  }
  if (numbers.size() == 1) return PrintOne(numbers[0]);
  return RunAll(numbers[0], numbers[1], numbers.size() == 3 ? numbers[2] : 1);
}

}  // namespace connreg::simulation

int main(int argc, char** argv) {
  return connreg::simulation::Main({argv + 1, argv + argc});
}
