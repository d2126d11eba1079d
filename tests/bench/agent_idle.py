"""What connreg-agent uses of a processor while nothing changes.

Opens TCP connections over loopback in a network namespace of its own, has an
agent look at them every second, and prints a line of JSON.

    tests/bench/agent_idle.py --bin build/release/bin [--sockets 10000]

It takes root.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from connregd import Connregd, wait_until


def cpu_seconds(pid):
    """What the process has used so far."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measure(arguments, folder):
    programs = pathlib.Path(arguments.bin)
    connregd = Connregd(programs / "connregd", folder)
    # It becomes the agent.
    with open(pathlib.Path(folder, "agent.log"), "wb") as log:
        agent = subprocess.Popen(
            [programs / "agent_scan", "--sockets", str(arguments.sockets),
             "--processes", str(arguments.processes), "--",
             programs / "connreg-agent", "--server", connregd.address,
             "--host", "here", "--netns", arguments.netns, "--interval", "1s"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: connregd.metric("connreg_observations") >=
                   arguments.sockets)
        time.sleep(2)
        used, begin = cpu_seconds(agent.pid), time.monotonic()
        time.sleep(arguments.seconds)
        used = cpu_seconds(agent.pid) - used
        return 100 * used / (time.monotonic() - begin)
    finally:
        agent.terminate()
        agent.wait()
        connregd.stop()


def main():
    parser = argparse.ArgumentParser(
        description="What an agent uses while nothing changes.")
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--sockets", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=100,
                        help="that hold them")
    parser.add_argument("--netns", default="all", choices=["own", "all"],
                        help="which network namespaces it looks at")
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        percent = measure(arguments, folder)
    print(json.dumps({"name": "agent_idle", "sockets": arguments.sockets,
                      "cpu_percent": round(percent, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
