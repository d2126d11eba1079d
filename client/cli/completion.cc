#include "client/cli/completion.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/examples.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg::cli {
namespace {

// The tables that the function reads are keyed by a command with those above it
// ("connreg list"), and by such a command with an option of it ("connreg list
// --output"). A value's table says its kind first.
//
// Bash parts words at "=" and ":" too. Of an option written as "--output=wide"
// the "=" is a word, or, where COMP_WORDBREAKS was changed, a part of one.
constexpr char kBashScript[] =
    R"(# Completes the command lines of @PROGRAM@ in bash:
#   source <(@PROGRAM@ completion bash)
_@PROGRAM@() {
  local -A words=(
@WORDS@  )
  local -A options=(
@OPTIONS@  )
  local -A values=(
@VALUES@  )
  local command=@PROGRAM@ option='' prefix='' word i
  local current=${COMP_WORDS[COMP_CWORD]}
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then
      continue
    elif [[ -n $option ]]; then
      option=''
    elif [[ -n ${values["$command $word"]+known} ]]; then
      option=$word
    elif [[ -n ${options["$command $word"]+known} ]]; then
      command+=" $word"
    fi
  done
  if [[ $current == '=' ]]; then
    current=''
  elif [[ -z $option && $current == --*=* ]]; then
    option=${current%%=*}
    prefix=$option=
    current=${current#*=}
  fi
  COMPREPLY=()
  local kind='words' choices=''
  if [[ -n $option ]]; then
    read -r kind choices <<<"${values["$command $option"]-}"
  elif [[ $current == -* ]]; then
    choices=${options[$command]}
  else
    choices=${words[$command]}
  fi
  case $kind in
    words)
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$choices" -- "$current")
      ;;
    file)
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -f -- "$current")
      compopt -o filenames 2>/dev/null
      ;;
  esac
}
complete -F _@PROGRAM@ @PROGRAM@
)";

// "table wide" of "table|wide" and of "FORMAT:{table,wide}"; empty if there are
// none.
std::string ChoicesIn(const std::string& type_name) {
  if (absl::StrContains(type_name, '|'))
    return absl::StrReplaceAll(type_name, {{"|", " "}});
  const size_t begin = type_name.find('{');
  const size_t end = type_name.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return "";
  return absl::StrReplaceAll(type_name.substr(begin + 1, end - begin - 1),
                             {{",", " "}});
}

bool TakesValue(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string KindOfValue(const CLI::Option& option) {
  const std::string type_name = option.get_type_name();
  const std::string choices = ChoicesIn(type_name);
  if (!choices.empty()) return absl::StrCat("words ", choices);
  const bool is_file =
      type_name == "FILE" || absl::StartsWith(type_name, "FILE:");
  return is_file ? "file" : "any";
}

// The lines of the script's tables.
struct Tables {
  std::string words;
  std::string options;
  std::string values;
};

void AddLine(absl::string_view key, absl::string_view value,
             std::string* table) {
  absl::StrAppend(table, "    ['", key, "']='", value, "'\n");
}

// The options of `command`, of which all but the program have the program's
// too.
std::vector<const CLI::Option*> OptionsOf(const CLI::App& command,
                                          const CLI::App& program) {
  std::vector<const CLI::Option*> options = command.get_options();
  if (&command == &program) return options;
  for (const CLI::Option* option : program.get_options()) {
    if (TakesValue(*option)) options.push_back(option);
  }
  return options;
}

void AddCommand(const CLI::App& command, const std::string& path,
                const CLI::App& program, Tables* tables) {
  std::vector<std::string> words;
  std::vector<std::string> names;
  for (const CLI::Option* option : OptionsOf(command, program)) {
    if (option->get_lnames().empty()) {
      const std::string choices = ChoicesIn(option->get_type_name());
      if (!choices.empty()) words.push_back(choices);
      continue;
    }
    names.push_back(absl::StrCat("--", option->get_lnames().front()));
    if (TakesValue(*option)) {
      AddLine(absl::StrCat(path, " ", names.back()), KindOfValue(*option),
              &tables->values);
    }
  }
  const auto any = [](const CLI::App*) { return true; };
  for (const CLI::App* below : command.get_subcommands(any)) {
    words.push_back(below->get_name());
    AddCommand(*below, absl::StrCat(path, " ", below->get_name()), program,
               tables);
  }
  AddLine(path, absl::StrJoin(words, " "), &tables->words);
  AddLine(path, absl::StrJoin(names, " "), &tables->options);
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CLI::App& program) {
  if (shell != "bash") {
    const std::string what =
        shell.empty() ? "no shell"
                      : absl::StrCat("\"", absl::CHexEscape(shell),
                                     "\" is no shell with completion here");
    return InField(
        "SHELL",
        InvalidArgument("SHELL_UNKNOWN", absl::StrCat(what, "; write bash")));
  }
  Tables tables;
  AddCommand(program, program.get_name(), program, &tables);
  return absl::StrReplaceAll(kBashScript, {{"@PROGRAM@", program.get_name()},
                                           {"@WORDS@", tables.words},
                                           {"@OPTIONS@", tables.options},
                                           {"@VALUES@", tables.values}});
}

void AddCompletion(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "completion",
      "A script by which a shell completes these commands, as in bash with: "
      "source <(connreg completion bash)");
  const auto shell = std::make_shared<std::string>();
  app->add_option("SHELL", *shell, "Which shell: bash")->type_name("{bash}");
  AddExamples(app, {{"connreg completion bash", "for ~/.bashrc, as above"}});
  app->callback([parent, shell, action] {
    action->perform = [parent, shell](
                          Client&,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const std::string script,
                       CompletionScript(*shell, *parent));
      output.out << script;
      return ExitCode::kDone;
    };
  });
}

}  // namespace connreg::cli
