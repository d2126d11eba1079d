#ifndef CONNREG_CLIENT_CLI_PAGE_SIZE_OPTION_H_
#define CONNREG_CLIENT_CLI_PAGE_SIZE_OPTION_H_

namespace CLI {
class App;
}

namespace connreg::cli {

// The most rows that the service puts into a page.
inline constexpr int kMaxPageSize = 1000;

// Adds the option to `app`. It is written when that parses.
void AddPageSizeOption(CLI::App* app, int* page_size);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_PAGE_SIZE_OPTION_H_
