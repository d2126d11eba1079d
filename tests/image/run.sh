#!/usr/bin/env bash
# Builds the images of docker/Dockerfile without a container engine, on a base
# image made here out of Debian's packages, and tests them.
#
# It takes root. All that it makes is in one folder, which goes at the end, and in
# namespaces of its own, which end with it.
#
#   TMPDIR                  where that folder is; /var/tmp unless set. It takes
#                           about 4 GB.
#   CONNREG_IMAGE_STORAGE   a folder that keeps the images from run to run, so
#                           that only what changed is built again. It is yours to
#                           remove.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
  echo "tests/image/run.sh: $1" >&2
  exit 1
}

[[ $(id -u) -eq 0 ]] || fail "building images without a container engine needs root."
unshare --mount --net --pid --fork true 2>/dev/null ||
  fail "this process may not make namespaces (unshare --mount --net --pid), which takes CAP_SYS_ADMIN."

printf '\n=== %s\n' "Packages of the image test"
# Those of the other purposes make a client in Python out of the .proto files.
docker/install-packages.sh build test image

exec /usr/bin/python3 -B tests/image/main.py "$@"
