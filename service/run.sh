#!/usr/bin/env bash
# Builds connreg, starts the service and an agent for this machine in the
# background, and shows what the service answers.
#
# Running it again builds what changed and starts both anew.
#
#   CONNREG_LISTEN           where the service listens; 127.0.0.1:7878 unless
#                            set, and several separated by commas
#   CONNREG_METRICS_LISTEN   where it serves metrics; 127.0.0.1:7879 unless set,
#                            beside another CONNREG_LISTEN any free port
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly listen=${CONNREG_LISTEN:-127.0.0.1:7878}
if [[ $listen != 127.0.0.1:7878 ]]; then
  export CONNREG_METRICS_LISTEN=${CONNREG_METRICS_LISTEN:-127.0.0.1:0}
fi
# The agent and the command line use the first of them.
export CONNREG_SERVER=${listen%%,*}
readonly bin=$PWD/build/release/bin
# Of each program its log and its process id: connregd.log, connregd.pid, ...
readonly state=$PWD/build/release

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

# Whether process $2 is program $1 of this build, or of one that it replaced. A
# number in a file is not proof: it may be another process's by now.
is_ours() {
  [[ $2 =~ ^[0-9]+$ ]] || return 1
  local exe
  exe=$(readlink "/proc/$2/exe") || return 1
  [[ ${exe% (deleted)} == "$bin/$1" ]]
}

# Stops program $1, if it runs since last time.
stop() {
  local pid
  pid=$(cat "$state/$1.pid" 2>/dev/null) || return 0
  if is_ours "$1" "$pid"; then
    echo "Stopping the $1 that runs since last time, process $pid."
    kill -TERM "$pid"
    local deadline=$((SECONDS + 30))
    while is_ours "$1" "$pid"; do
      [[ $SECONDS -lt $deadline ]] || fail "process $pid does not end on SIGTERM."
      sleep 0.1
    done
  fi
  rm -f "$state/$1.pid"
}

# Starts program $1 with the arguments that follow, in a session of its own, so
# that it outlives the terminal.
start() {
  setsid "$bin/$1" "${@:2}" </dev/null >"$state/$1.log" 2>&1 9>&- &
  echo $! >"$state/$1.pid"
  echo "$1 is process $!. Its log: $state/$1.log"
}

# Waits until program $1 does $2, which is so when the command that follows
# succeeds.
await() {
  local pid deadline=$((SECONDS + 30))
  pid=$(cat "$state/$1.pid")
  until "${@:3}" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$state/$1.pid"
      fail "$1 ended. The last lines of its log:" "$(tail -n 5 "$state/$1.log")"
    fi
    [[ $SECONDS -lt $deadline ]] || fail "$1, process $pid, does not $2. Its log: $state/$1.log"
    sleep 0.1
  done
}

# Opens a TCP connection to $CONNREG_SERVER as descriptor 9, if it is an address
# and somebody takes it.
connect() {
  [[ $CONNREG_SERVER =~ ^\[?([0-9a-zA-Z.:%_-]+)\]?:([0-9]+)$ ]] || return 1
  { exec 9<>"/dev/tcp/${BASH_REMATCH[1]}/${BASH_REMATCH[2]}"; } 2>/dev/null
}

# Exit code 4 says that something may be missing, as where the agent may not enter
# a network namespace.
host_is_live() {
  { "$bin/connreg" list hosts --output ndjson || [[ $? -eq 4 ]]; } |
    grep -q HOST_STATE_LIVE
}

# Runs connreg and shows the command. Its exit code 1 says that there is nothing
# to show, and 4 that something may be missing: both are answers.
ask() {
  printf '\n$ connreg %s\n' "$*"
  local code=0
  "$bin/connreg" "$@" || code=$?
  [[ $code -eq 0 || $code -eq 1 || $code -eq 4 ]]
}

step "Packages"
docker/install-packages.sh build

step "Build"
cmake --preset release
cmake --build --preset release

step "Start the service and the agent"
fail_if_taken() {
  ! (connect) ||
    fail "another process listens on $CONNREG_SERVER. Stop it, or choose another address:" \
      "CONNREG_LISTEN=127.0.0.1:7900 service/run.sh"
}
# Only what listens there itself since last time may be in the way.
[[ $(cat "$state/connregd.listen" 2>/dev/null) == "$listen" ]] || fail_if_taken
stop connreg-agent
stop connregd
fail_if_taken
echo "$listen" >"$state/connregd.listen"
# This machine is the whole fleet.
start connregd --listen "$listen" --expect-hosts 1
await connregd "answer on $listen" "$bin/connreg" status --wait 0s
# A connection of our own, so that there is one to show on a quiet machine too.
connect || true
start connreg-agent
await connreg-agent "report" host_is_live

step "Ask"
ask status
ask list hosts
ask list listeners
ask list connections

step "Go on"
server=
if [[ $CONNREG_SERVER != 127.0.0.1:7878 ]]; then
  server="export CONNREG_SERVER=$(printf %q "$CONNREG_SERVER")"$'\n  '
fi
cat <<END
Both run on, and the agent reports what opens and closes. Ask more, or stop
them:

  ${server}export PATH=$(printf %q "$bin"):\$PATH
  connreg --help
  kill $(cat "$state/connreg-agent.pid") $(cat "$state/connregd.pid")
END
