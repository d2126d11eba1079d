#ifndef CONNREG_TESTS_SIMULATION_CHECKS_H_
#define CONNREG_TESTS_SIMULATION_CHECKS_H_

#include "service/core/registry.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "tests/simulation/expected_rows.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/world.h"

// What is asked of the registry as anybody could ask it. Whatever is wrong
// fails the run.
namespace connreg::simulation {

// One row of `batch` that was acknowledged shows in Lookup.
void CheckVisible(const Registry& registry, const Reporter& reporter,
                  const RowBatch& batch, const Ack& ack, World& world);

// The listings show what is expected, row by row, each once; and no row that
// was seen before and did not change has another revision.
void CheckListings(const Registry& registry, ExpectedRows& expected,
                   World& world);

// The rows of `reporter`, which looks into all namespaces of `kernel` or the
// first alone, are those of the kernel. `some_refused`: there was not room for
// all.
void CheckAgainstKernel(const ReporterRows& rows, const Reporter& reporter,
                        const KernelModel& kernel, bool own_netns,
                        bool some_refused, World& world);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_CHECKS_H_
