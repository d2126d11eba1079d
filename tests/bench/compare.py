"""Measures connregd beside what a user would otherwise take, in the same run.

    tests/bench/compare.sh [--json FILE] [--only NAME]

Both sides of a figure are measured in turn, A B A B, and the ratio told is the
median of those of the pairs: so what else the machine does falls upon both. All
servers stay loaded from one figure to the next. It ends with an error only if
something could not be measured; a goal that is missed is marked.
"""

import argparse
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import time

import agent_figures
import core_figures
import figures
import reported_figures
import service_figures
from workbench import COMMANDS, CONNECTIONS_OF_HOST, Workbench

# How many more hosts may come while lookups are watched.
ROOM_TO_GROW = 1_000


class Sizes:
    """How much of everything there is."""

    pairs = 7
    unary_pairs = 15
    seconds = 1.0
    # Of 10 M rows, and of 1 M.
    hosts = 1_002
    few_hosts = 100
    # 300,000 rows.
    hosts_of_ingest = 30
    # As many different questions as are worth asking.
    question_options = ()


class SmokeSizes(Sizes):
    pairs = 2
    unary_pairs = 2
    seconds = 0.05
    hosts = 4
    few_hosts = 3
    hosts_of_ingest = 1
    question_options = ("--questions", 50)


def machine():
    model = re.search(r"^model name\s*: (.+)$",
                      pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (f"{os.cpu_count()} cores of {model[1] if model else '?'}, "
            f"{memory:.0f} GiB, Linux {platform.release()}")


def versions():
    for command in (["redis-server", "--version"],
                    ["/usr/lib/postgresql/15/bin/postgres", "--version"]):
        try:
            yield subprocess.check_output(command, text=True).strip()
        except FileNotFoundError:
            yield f"{command[0]}: not there"


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="compare.sh", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True,
                        help="where the programs are (compare.sh says it)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write the figures there, too")
    parser.add_argument("--only", metavar="NAME", action="append",
                        choices=[figure.name for figure in figures.FIGURES],
                        help="this figure alone; may be repeated")
    parser.add_argument("--hosts", type=int, default=Sizes.hosts,
                        help="how many hosts of 9,984 rows there are when all "
                             "are told (%(default)s)")
    parser.add_argument("--smoke", action="store_true",
                        help="a moment of what needs neither peers nor a large "
                             "registry, to see that it still measures")
    return parser.parse_args()


def wanted_figures(arguments):
    chosen = [figure for figure in figures.FIGURES
              if not arguments.only or figure.name in arguments.only]
    if not arguments.smoke:
        return {figure.name for figure in chosen}
    for figure in chosen:
        if figure.needs:
            print(f"not in the smoke run, since it needs "
                  f"{' and '.join(figure.needs)}: {figure.name}")
    return {figure.name for figure in chosen if not figure.needs}


def measurements(programs, bench, sizes, wanted):
    """All of them, from those that need memory for themselves to those that
    need all servers full."""
    wants = wanted.__contains__
    core = core_figures.Core(programs, sizes, wants)
    agent = agent_figures.Agent(programs, wants)
    reported = reported_figures.Reported(bench, sizes, wants)
    service = service_figures.Service(bench, sizes, wants)
    return (core.measurements() + agent.measurements() +
            reported.measurements() + service.measurements() +
            reported.measurements_when_full())


def measure(arguments, wanted):
    sizes = SmokeSizes() if arguments.smoke else Sizes()
    if not arguments.smoke:
        sizes.hosts = arguments.hosts
        sizes.few_hosts = min(sizes.few_hosts, sizes.hosts)
    results = []
    # The rounds of ingest may tell of more hosts than there are to be.
    room = max(sizes.hosts, (sizes.pairs + 1) * sizes.hosts_of_ingest)
    with Workbench(arguments.bin, room + ROOM_TO_GROW,
                   sizes.question_options) as bench:
        for method, names in measurements(arguments.bin, bench, sizes, wanted):
            if wanted.isdisjoint(names):
                continue
            start = time.monotonic()
            results += method()
            print(f"{method.__name__}: {time.monotonic() - start:.0f} s",
                  file=sys.stderr, flush=True)
    return [result for result in results if result.figure.name in wanted]


def main():
    # So that all servers end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    arguments = parse_arguments()
    wanted = wanted_figures(arguments)
    start = time.monotonic()
    print(machine())
    if not arguments.smoke:
        print(*versions(), sep="\n")
    results = measure(arguments, wanted)
    print(f"{arguments.hosts * CONNECTIONS_OF_HOST:,} rows at most; "
          f"{time.monotonic() - start:.0f} s\n")
    figures.print_table(results)
    print("\nWhat was run, with other numbers from time to time:",
          *COMMANDS.values(), sep="\n  ")
    if arguments.json:
        figures.write_json(results, arguments.json)
    unmeasured = wanted - {result.figure.name for result in results}
    if unmeasured:
        sys.exit(f"not measured: {', '.join(sorted(unmeasured))}")


if __name__ == "__main__":
    main()
