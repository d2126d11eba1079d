// Uses the registry as a program would that has no gRPC. links_test.py looks at
// what is loaded with it.

#include <iostream>

#include "service/base/clock.h"
#include "service/core/registry.h"

int main() {
  const connreg::Registry registry({.run_id = "house", .hash_key = {}},
                                   connreg::Clock::System());
  std::cout << registry.GetStatus().coverage.run_id << "\n";
}
