#!/usr/bin/env bash
# Installs the packages of packages.txt that are for one of the purposes named,
# and are not there yet, nor the command that may stand for them:
#
#   docker/install-packages.sh build test
#
# It needs root or sudo, and the network, only if one is missing.
set -euo pipefail

list=$(dirname "${BASH_SOURCE[0]}")/packages.txt

fail() {
  echo "install-packages.sh: $1" >&2
  [[ $# -eq 1 ]] || printf '  %s\n' "${@:2}" >&2
  exit 1
}

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status} ' "$1" 2>/dev/null) == installed* ]]
}

# Whether package $1 is there, or command $2, if that is given.
is_there() {
  is_installed "$1" || [[ -n ${2-} && -n $(command -v "$2") ]]
}

[[ $# -gt 0 ]] || fail "which purposes? Those of $list, such as: build test"
for command in dpkg-query apt-get; do
  [[ -n $(command -v $command) ]] ||
    fail "there is no $command here: the packages of $list are Debian 12's." \
      "Elsewhere, install what they hold by other means and use the presets of" \
      "CMakePresets.json."
done

missing=()
for wanted in "$@"; do
  known=no
  while read -r purpose package command; do
    [[ $purpose == "$wanted" ]] || continue
    known=yes
    is_there "$package" "$command" || missing+=("$package")
  done <"$list"
  [[ $known == yes ]] || fail "no package of $list is for \"$wanted\"."
done

if [[ ${#missing[@]} -eq 0 ]]; then
  echo "All packages are there ($*)."
  exit 0
fi
echo "Missing: ${missing[*]}"

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  [[ -n $(command -v sudo) ]] ||
    fail "installing them needs root, and there is no sudo. As root, run:" \
      "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  as_root=(sudo)
  # Where nobody can type a password, sudo must not wait for one.
  [[ -t 0 ]] || as_root+=(--non-interactive)
fi

apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet
  --option Acquire::Retries=3 --option DPkg::Lock::Timeout=300)
"${apt[@]}" update || fail "apt-get update did not succeed."
"${apt[@]}" install --yes --no-install-recommends "${missing[@]}" ||
  fail "apt-get could not install them. Their names and versions are Debian 12's."
