#!/usr/bin/env bash
# Measures connregd beside Redis, PostgreSQL, a gRPC server that only echoes, and
# the memory of the machine, all in one run on loopback, and prints one table:
#
#   tests/bench/compare.sh [--json FILE] [--only NAME]
#
# It installs what is missing, builds a release of its own in build/bench, and
# ends within 25 minutes on two cores. It takes 12 GB of memory.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

"$root/docker/install-packages.sh" build test bench

# Not build/release, whose programs may be running.
build=$root/build/bench
(
  cd "$root"
  cmake --preset release -B "$build" -DCONNREG_TESTS=ON -DCONNREG_BENCH=ON \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)"
  cmake --build "$build" --target bench_programs
) >&2

exec /usr/bin/python3 -B "$root/tests/bench/compare.py" --bin "$build/bin" "$@"
