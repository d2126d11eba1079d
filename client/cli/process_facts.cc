#include "client/cli/process_facts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/csv.h"
#include "client/cli/process_text.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kCut[] = "...";

using TextOfProcess = std::string (*)(const v1::Process&);

std::string NameOf(const v1::Process& process) {
  return OneLine(process.display_name());
}

std::string UidOf(const v1::Process& process) {
  return process.has_uid() ? absl::StrCat(process.uid()) : "";
}

std::string UserOf(const v1::Process& process) {
  return Displayable(process.user());
}

std::string CgroupOf(const v1::Process& process) {
  return Displayable(process.cgroup());
}

std::string ContainerIdOf(const v1::Process& process) {
  return Displayable(process.container_id());
}

// Blanks part them, so that those within one are escaped, and dots tell that
// there were more, so that an argument of these is.
std::string ArgumentsOf(const v1::Process& process) {
  std::vector<std::string> texts;
  for (const std::string& argument : process.arguments()) {
    const std::string text = Displayable(argument);
    texts.push_back(text == kCut ? "\\056.."
                                 : absl::StrReplaceAll(text, {{" ", "\\040"}}));
  }
  if (process.arguments_cut()) texts.push_back(kCut);
  return absl::StrJoin(texts, " ");
}

template <TextOfProcess kText>
std::string Listed(const v1::Socket& socket, const v1::Provenance&) {
  std::vector<std::string> texts;
  for (const v1::Process& process : socket.owners().processes())
    texts.push_back(kText(process));
  const bool is_known =
      std::any_of(texts.begin(), texts.end(),
                  [](const std::string& text) { return !text.empty(); });
  return is_known ? CsvList(texts) : "";
}

// Each text once, in the order of the processes.
template <TextOfProcess kText>
std::string Common(const v1::Socket& socket, const v1::Provenance&) {
  std::vector<std::string> texts;
  for (const v1::Process& process : socket.owners().processes()) {
    std::string text = kText(process);
    const bool is_new =
        std::find(texts.begin(), texts.end(), text) == texts.end();
    if (is_new && !text.empty()) texts.push_back(std::move(text));
  }
  return absl::StrJoin(texts, "; ");
}

}  // namespace

std::vector<SocketFact> ProcessFacts() {
  return {{"", "process_names", Listed<NameOf>},
          {"", "process_uids", Listed<UidOf>},
          {"", "users", Listed<UserOf>},
          {"", "executables", Listed<ExecutableText>},
          {"", "cgroups", Listed<CgroupOf>},
          {"", "container_ids", Listed<ContainerIdOf>},
          {"", "arguments", Listed<ArgumentsOf>},
          {"USER", "", Common<UserText>},
          {"EXECUTABLE", "", Common<ExecutableText>},
          {"CONTAINER", "", Common<ContainerText>}};
}

}  // namespace connreg::cli
