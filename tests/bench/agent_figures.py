"""The figures of the agent, from the programs that measure it alone."""

import json
import pathlib
import subprocess

from figures import BY_NAME, Result
from workbench import noted

FOLDER = pathlib.Path(__file__).resolve().parent


def run_lines(*command):
    """What a program says that prints lines of JSON, by their names."""
    done = subprocess.run(noted(command), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True, text=True)
    lines = map(json.loads, done.stdout.splitlines())
    return {line["name"]: line for line in lines}


class Agent:

    def __init__(self, programs, wants):
        self._programs = programs
        self._wants = wants

    def measurements(self):
        """Each with the figures that it measures."""
        return [
            (self.look, ["agent_scan_vs_dump", "agent_look_vs_ss",
                         "agent_look_cpu_vs_ss"]),
            (self.idle, ["agent_idle_cpu"]),
        ]

    def look(self):
        lines = run_lines(self._programs / "agent_scan")

        def result(name, line, kind=""):
            return Result(BY_NAME[name], line[f"{kind}ratio"],
                          line[f"ours_{kind}ms"], line[f"theirs_{kind}ms"])
        return [
            result("agent_scan_vs_dump", lines["agent_scan_by_dump"]),
            result("agent_look_vs_ss", lines["agent_look_by_ss"]),
            result("agent_look_cpu_vs_ss", lines["agent_look_by_ss"], "cpu_"),
        ]

    def idle(self):
        line = run_lines("/usr/bin/python3", "-B", FOLDER / "agent_idle.py",
                         "--bin", self._programs)["agent_idle"]
        share = line["cpu_percent"] / 100
        return [Result(BY_NAME["agent_idle_cpu"], share, share, 1)]
