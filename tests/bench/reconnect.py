"""How soon a registry that was started again knows everything again.

Many agents (report_load) report to a connregd, which is killed and started
again. Prints how long it takes until all hosts are live with all their rows,
and how lookups were answered meanwhile. The release preset builds report_load
with -DCONNREG_TESTS=ON.

    tests/bench/reconnect.py --bin build/release/bin [--hosts 1000] [--rows 1000]
"""

import argparse
import json
import pathlib
import resource
import subprocess
import tempfile
import time

from connregd import Connregd, PATIENCE_SECONDS, wait_until


class Measurement:

    def __init__(self, arguments, folder):
        self._arguments = arguments
        self._folder = folder
        self._connregd = None
        self._load = None

    def run(self):
        hosts, rows = self._arguments.hosts, self._arguments.rows
        self._start_connregd()
        self._load = subprocess.Popen(
            [self._arguments.bin / "report_load", "--server",
             self._connregd.address, "--hosts", str(hosts), "--rows",
             str(rows)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            start = time.monotonic()
            self._await_all()
            print(f"{hosts} hosts with {rows} rows each: all live after "
                  f"{time.monotonic() - start:.1f} s", flush=True)
            self._measure_restart()
        finally:
            self._load.stdin.close()
            self._load.wait(PATIENCE_SECONDS)
            self._connregd.stop()

    def _start_connregd(self):
        program = self._arguments.bin / "connregd"
        self._connregd = Connregd(program, self._folder)

    def _await_all(self):
        """Until each host is live and has all of its rows."""
        hosts, rows = self._arguments.hosts, self._arguments.rows
        metric = self._connregd.metric
        wait_until(lambda: metric('connreg_hosts{state="live"}') == hosts
                   and metric("connreg_observations")
                   + metric("connreg_listeners") == hosts * rows)

    def _tell_lookups(self):
        """What the load program says of the lookups since the call before."""
        self._load.stdin.write("\n")
        self._load.stdin.flush()
        for line in self._load.stdout:
            if line.startswith("lookups:"):
                return line.strip()
        raise RuntimeError("report_load has ended")

    def _measure_restart(self):
        self._tell_lookups()
        self._connregd.kill()
        start = time.monotonic()
        self._start_connregd()
        answers = time.monotonic() - start
        self._await_all()
        took = time.monotonic() - start
        print(f"killed and started again: answers after {answers:.1f} s, all "
              f"live with all rows after {took:.1f} s")
        print(self._tell_lookups())
        self._check_hosts()

    def _check_hosts(self):
        hosts, rows = self._arguments.hosts, self._arguments.rows
        listed = subprocess.run(
            [self._arguments.bin / "connreg", "--server",
             self._connregd.address, "list", "hosts", "--output", "ndjson"],
            check=False, text=True, capture_output=True,
            timeout=PATIENCE_SECONDS).stdout
        found = [json.loads(line) for line in listed.splitlines()]
        whole = [host for host in found if host["state"] == "HOST_STATE_LIVE"
                 and int(host["listenerCount"]) + int(host["connectionCount"])
                 == rows]
        if len(whole) != hosts:
            raise AssertionError(f"{len(whole)} hosts of {hosts} are whole")


def allow_descriptors():
    """Of each agent's connection there are some here, and some at connregd."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--hosts", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000)
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.absolute()
    allow_descriptors()
    with tempfile.TemporaryDirectory() as folder:
        Measurement(arguments, folder).run()


if __name__ == "__main__":
    main()
