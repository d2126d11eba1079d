#!/usr/bin/env bash
# Builds connreg, starts the service in the background, reports this machine's
# sockets to it once, and shows what it answers.
#
# Running it again builds what changed and starts the service anew.
#
#   CONNREG_LISTEN   where the service listens; 127.0.0.1:7878 unless set, and
#                    several separated by commas
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly listen=${CONNREG_LISTEN:-127.0.0.1:7878}
# The agent and the command line use the first of them.
export CONNREG_SERVER=${listen%%,*}
readonly bin=$PWD/build/release/bin
readonly log=$PWD/build/release/connregd.log
readonly pid_file=$PWD/build/release/connregd.pid

step() {
  current_step=$1
  printf '\n=== %s\n' "$1"
}

fail() {
  echo "service/run.sh: $1" >&2
  [[ $# -eq 1 ]] || printf '  %s\n' "${@:2}" >&2
  exit 1
}

report_failed_step() {
  [[ $? -eq 0 ]] || echo "service/run.sh: this step did not succeed: $current_step" >&2
}
current_step=none
trap report_failed_step EXIT

# Whether process $1 is a connregd of this build, or of one that it replaced. A
# number in a file is not proof: it may be another process's by now.
is_our_connregd() {
  [[ $1 =~ ^[0-9]+$ ]] || return 1
  local exe
  exe=$(readlink "/proc/$1/exe") || return 1
  [[ ${exe% (deleted)} == "$bin/connregd" ]]
}

stop_our_connregd() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  if is_our_connregd "$pid"; then
    echo "Stopping the one that runs since last time, process $pid."
    kill -TERM "$pid"
    local deadline=$((SECONDS + 30))
    while is_our_connregd "$pid"; do
      [[ $SECONDS -lt $deadline ]] || fail "process $pid does not end on SIGTERM."
      sleep 0.1
    done
  fi
  rm -f "$pid_file"
}

# Opens a TCP connection to $CONNREG_SERVER as descriptor 9, if it is an address
# and somebody takes it.
connect() {
  [[ $CONNREG_SERVER =~ ^\[?([0-9a-zA-Z.:%_-]+)\]?:([0-9]+)$ ]] || return 1
  { exec 9<>"/dev/tcp/${BASH_REMATCH[1]}/${BASH_REMATCH[2]}"; } 2>/dev/null
}

start_connregd() {
  ! (connect) ||
    fail "another process listens on $CONNREG_SERVER. Stop it, or choose another address:" \
      "CONNREG_LISTEN=127.0.0.1:7879 service/run.sh"
  # A session of its own, so that it outlives the terminal.
  # This machine is the whole fleet.
  setsid "$bin/connregd" --listen "$listen" --expect-hosts 1 </dev/null >"$log" 2>&1 &
  local pid=$!
  echo "$pid" >"$pid_file"

  local deadline=$((SECONDS + 30))
  until "$bin/connreg" status >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$pid_file"
      fail "connregd ended. The last lines of $log:" "$(tail -n 5 "$log")"
    fi
    [[ $SECONDS -lt $deadline ]] ||
      fail "connregd, process $pid, does not answer on $listen. Its log: $log"
    sleep 0.1
  done
  echo "connregd is process $pid and listens on $listen. Its log: $log"
}

# Runs connreg and shows the command. Its exit code 1 says that there is nothing
# to show, which is an answer.
ask() {
  printf '\n$ connreg %s\n' "$*"
  "$bin/connreg" "$@" || [[ $? -eq 1 ]]
}

step "Packages"
docker/install-packages.sh build

step "Build"
cmake --preset release
cmake --build --preset release

step "Start connregd"
stop_our_connregd
start_connregd

step "Report this machine's sockets once"
# A connection of our own, so that there is one to show on a quiet machine too.
connect || true
# Its exit code 1 says that a table could not be read, and it told which. The
# report lives long enough to look around.
"$bin/connreg-agent" --once --ttl 10m 9>&- || [[ $? -eq 1 ]]

step "Ask"
ask status
ask list listeners
ask list connections

step "Go on"
server=
if [[ $CONNREG_SERVER != 127.0.0.1:7878 ]]; then
  server="export CONNREG_SERVER=$(printf %q "$CONNREG_SERVER")"$'\n  '
fi
cat <<END
The service runs on. Ask it more, report again (a report lives for its --ttl),
or stop it:

  ${server}export PATH=$(printf %q "$bin"):\$PATH
  connreg --help
  connreg-agent --once --ttl 10m
  kill $(cat "$pid_file")
END
