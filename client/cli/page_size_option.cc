#include "client/cli/page_size_option.h"

#include <CLI/CLI.hpp>

namespace connreg::cli {

void AddPageSizeOption(CLI::App* app, int* page_size) {
  app->add_option("--page-size", *page_size,
                  "How many rows to ask for at a time; all are listed, however "
                  "many pages that takes")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxPageSize))
      ->capture_default_str();
}

}  // namespace connreg::cli
