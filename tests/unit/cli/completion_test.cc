#include "client/cli/completion.h"

#include <CLI/CLI.hpp>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() : app_("", "prog") {
    app_.add_option("--format", text_)
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"table", "csv"}));
    app_.add_option("--side", text_)->type_name("client|server");
    app_.add_option("--flagfile", text_)->type_name("FILE");
    app_.add_option("--name", text_)->type_name("NAME");
    CLI::App* const list = app_.add_subcommand("list");
    list->add_flag("--closed", flag_);
    list->add_subcommand("hosts");
  }

  std::string Script() const { return *CompletionScript("bash", app_); }

  std::string text_;
  bool flag_ = false;
  CLI::App app_;
};

TEST_F(CompletionTest, EveryCommandHasTheWordsThatMayFollow) {
  EXPECT_THAT(Script(), HasSubstr("['prog']='list'\n"));
  EXPECT_THAT(Script(), HasSubstr("['prog list']='hosts'\n"));
  EXPECT_THAT(Script(), HasSubstr("['prog list hosts']=''\n"));
}

TEST_F(CompletionTest, EveryCommandHasItsOptionsAndTheProgramsThatTakeValues) {
  EXPECT_THAT(Script(), HasSubstr("['prog']='--help --format --side "
                                  "--flagfile --name'\n"));
  EXPECT_THAT(Script(),
              HasSubstr("['prog list']='--help --closed --format --side "
                        "--flagfile --name'\n"));
}

TEST_F(CompletionTest, AValueHasItsKind) {
  EXPECT_THAT(Script(), HasSubstr("['prog --format']='words table csv'\n"));
  EXPECT_THAT(Script(), HasSubstr("['prog --side']='words client server'\n"));
  EXPECT_THAT(Script(), HasSubstr("['prog list hosts --flagfile']='file'\n"));
  EXPECT_THAT(Script(), HasSubstr("['prog --name']='any'\n"));
  EXPECT_THAT(Script(), Not(HasSubstr("['prog list --closed']")));
}

TEST_F(CompletionTest, AnotherShellIsToldWhatThereIs) {
  const absl::Status zsh = CompletionScript("zsh", app_).status();
  EXPECT_THAT(zsh, IsInvalid("SHELL_UNKNOWN"));
  EXPECT_EQ(zsh.message(),
            "\"zsh\" is no shell with completion here; write bash");
  EXPECT_EQ(CompletionScript("", app_).status().message(),
            "no shell; write bash");
}

}  // namespace
}  // namespace connreg::cli
