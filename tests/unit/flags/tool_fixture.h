#ifndef CONNREG_TESTS_UNIT_FLAGS_TOOL_FIXTURE_H_
#define CONNREG_TESTS_UNIT_FLAGS_TOOL_FIXTURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/flags/program.h"

namespace connreg::flags {

// A program named "tool", with a flag of each kind and two commands.
class ToolTest : public testing::Test {
 protected:
  // Clears the variables of the flags.
  ToolTest();
  // Takes away the flag file.
  ~ToolTest() override;

  // Writes the flag file, and returns its path.
  std::string FlagFile(const std::string& text);

  // Parses as a new process would.
  absl::StatusOr<std::optional<std::string>> Parse(
      std::vector<std::string> words);

  // The same where it must go on, print, or refuse.
  void Take(const std::vector<std::string>& words);
  std::string Printed(const std::vector<std::string>& words);
  std::string Refusal(const std::vector<std::string>& words);

  // What the flags have set since the last Parse().
  absl::Duration grace_;
  uint64_t size_;
  int rows_;
  bool fast_;
  bool slow_;
  bool once_;
  std::string host_;
  std::string format_;
  std::vector<std::string> listen_;
  std::string ttl_;
  std::string file_;

 private:
  void SetDefaults();
  void Declare(Program* program);
};

}  // namespace connreg::flags

#endif  // CONNREG_TESTS_UNIT_FLAGS_TOOL_FIXTURE_H_
