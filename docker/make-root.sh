#!/usr/bin/env bash
# Makes the root of an image that holds programs of build/release/bin, the shared
# libraries that they load, and nothing else:
#
#   docker/make-root.sh /roots/server connregd connreg
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly root=$1
mkdir -p "$root/usr/bin"

for program in "${@:2}"; do
  binary=build/release/bin/$program
  strip -o "$root/usr/bin/$program" "$binary"
  # Whoever has the image looks for its licence in there.
  install -D --mode=0644 LICENSE "$root/usr/share/doc/$program/LICENSE"
  # The loader itself is the one line without an arrow.
  ldd "$binary" | sed -nE 's,^[[:space:]]*([^ ]+ => )?(/[^ ]+) .*,\2,p'
done | sort --unique | while read -r library; do
  cp --dereference --parents "$library" "$root"
done
