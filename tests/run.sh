#!/usr/bin/env bash
# Builds connreg with Clang and runs every test: all of it under AddressSanitizer
# and UndefinedBehaviorSanitizer (preset asan), and what knows no gRPC under
# ThreadSanitizer too (preset tsan).
#
# If one does not compile, the tests of the other are run all the same. Exits
# with 0 only if everything compiled and every test passed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  printf '\n=== %s\n' "$1"
}

step "Packages"
docker/install-packages.sh build test

# Clang 14's sanitizers find no place for their shadow memory where the kernel
# randomises addresses by more than 28 bits. Not every container may turn that
# off; most need not.
fixed_addresses=()
if setarch --addr-no-randomize true 2>/dev/null; then
  fixed_addresses=(setarch --addr-no-randomize)
fi

# Else a sanitizer's report has no function names: Clang's own symbolizer is in
# a package of its own, while addr2line comes with every compiler.
symbolizer=external_symbolizer_path=$(command -v addr2line)
export ASAN_OPTIONS=$symbolizer
export TSAN_OPTIONS=$symbolizer:second_deadlock_stack=1
export UBSAN_OPTIONS=$symbolizer:print_stacktrace=1

build() {
  step "Build: $1"
  cmake --preset "$1" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" &&
    "${fixed_addresses[@]}" cmake --build --preset "$1"
}

count_tests() {
  ctest --test-dir "$1" --show-only | sed -n 's/^Total Tests: //p'
}

# One run over both, so that its closing lines speak for everything.
both=build/tests
mkdir -p "$both"
: >"$both/CTestTestfile.cmake"

first=1 legend=()
for preset in asan tsan; do
  count=0
  if build "$preset"; then count=$(count_tests "build/$preset"); fi
  if [[ $count -gt 0 ]]; then
    printf 'subdirs("%s")\n' "$PWD/build/$preset"
  else
    # A test that fails, or those lines would say that all is well.
    printf 'add_test("%s.HasSomethingToTest" false)\n' "$preset"
    count=1
  fi >>"$both/CTestTestfile.cmake"
  legend+=("Tests $first to $((first + count - 1)): $preset")
  first=$((first + count))
done

step "Test"
printf '%s\n' "${legend[@]}"
"${fixed_addresses[@]}" ctest --test-dir "$both" --output-on-failure \
  --parallel "$(nproc)"
