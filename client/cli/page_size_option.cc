#include "client/cli/page_size_option.h"

#include "service/flags/flag.h"

namespace connreg::cli {

void AddPageSizeOption(CLI::App* app, int* page_size) {
  flags::AddCount(app,
                  {.name = "--page-size",
                   .help = "How many rows to ask for at a time; all are "
                           "listed, however many pages that takes"},
                  {.min = 1, .max = kMaxPageSize}, page_size);
}

}  // namespace connreg::cli
