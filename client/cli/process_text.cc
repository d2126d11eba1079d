#include "client/cli/process_text.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kNotKnown[] = "?";
constexpr size_t kShortIdLength = 12;

// Adds `part` behind a blank, unless there is nothing of it.
void AddPart(const std::string& part, std::string* text) {
  if (!part.empty()) absl::StrAppend(text, " ", part);
}

}  // namespace

std::string ProcessText(const v1::Process& process) {
  const std::string name = OneLine(process.display_name());
  return absl::StrCat(name.empty() ? kNotKnown : name, ",", process.pid());
}

std::string UserText(const v1::Process& process) {
  if (!process.user().empty()) return Displayable(process.user());
  return process.has_uid() ? absl::StrCat("uid ", process.uid()) : "";
}

std::string ExecutableText(const v1::Process& process) {
  return Displayable(process.executable());
}

std::string ContainerText(const v1::Process& process) {
  return Displayable(process.container_id().substr(0, kShortIdLength));
}

std::string FullProcessText(const v1::Process& process) {
  std::string text = ProcessText(process);
  AddPart(UserText(process), &text);
  AddPart(ExecutableText(process), &text);
  const std::string container = ContainerText(process);
  if (!container.empty())
    AddPart(absl::StrCat("[container ", container, "]"), &text);
  return text;
}

}  // namespace connreg::cli
