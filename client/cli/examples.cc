#include "client/cli/examples.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"

namespace connreg::cli {

void AddExamples(CLI::App* app, const std::vector<Example>& examples) {
  size_t width = 0;
  for (const Example& example : examples)
    width = std::max(width, example.line.size());
  std::string text = "Examples:\n";
  for (const Example& example : examples) {
    const std::string gap(width - example.line.size() + 2, ' ');
    absl::StrAppend(&text, "  ", example.line, gap, "# ", example.purpose,
                    "\n");
  }
  app->footer(absl::StrCat(text, "\n", app->get_footer()));
}

}  // namespace connreg::cli
