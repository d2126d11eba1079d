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
import subprocess
import sys
import time

import figures
from figures import Result
from workbench import CONNECTIONS_OF_HOST, Workbench, rate, memory_of, run_json


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


class SmokeSizes(Sizes):
    pairs = 2
    unary_pairs = 2
    seconds = 0.05
    hosts = 4
    few_hosts = 3
    hosts_of_ingest = 1


class Comparison:
    """Each method measures some figures, and returns their results.

    They are called in the order of MEASUREMENTS, from the empty registry to the
    full one.
    """

    def __init__(self, bench, sizes, wanted):
        self._bench = bench
        self._sizes = sizes
        self._wanted = wanted
        # Of the ratio of most to steady memory.
        self._growth = []

    def wants(self, *names):
        return any(name in self._wanted for name in names)

    def growth(self):
        """Ingest while the stores grow to 1 M rows and on, memory at 1 M."""
        ours = self._bench.ours
        others = {}
        if self.wants("ingest_vs_redis"):
            others["ingest_vs_redis"] = self._bench.redis
        if self.wants("ingest_vs_postgres"):
            others["ingest_vs_postgres"] = self._bench.postgres
        pairs = {name: [] for name in others}
        # Whatever is made at the first row is made.
        for store in (ours, *others.values()):
            store.grow_to(self._sizes.few_hosts % self._sizes.hosts_of_ingest)
        results = []
        for _ in range(self._sizes.pairs if others else 0):
            results += self._memory_at(self._sizes.few_hosts, "1m")
            told = rate(ours.grow(self._sizes.hosts_of_ingest))
            for name, store in others.items():
                pairs[name].append(
                    (told, rate(store.grow(self._sizes.hosts_of_ingest))))
        results += [Result.of_pairs(name, pairs[name]) for name in pairs]
        return results

    def memory(self):
        """Memory at 10 M rows; at 1 M too, if growth() was not asked for."""
        results = []
        if self._bench.ours.hosts <= self._sizes.few_hosts:
            results += self._memory_at(self._sizes.few_hosts, "1m", grows=True)
        results += self._memory_at(self._sizes.hosts, "10m", grows=True)
        if self._growth:
            most, steady = max(self._growth, key=lambda pair: pair[0] / pair[1])
            results.append(Result.of_pairs("memory_peak_vs_steady",
                                           [(most, steady)]))
        return results

    def _memory_at(self, hosts, size, grows=False):
        """Of all stores with so many hosts, if they have, or are to grow so."""
        ours = self._bench.ours
        if grows:
            ours.grow_to(hosts)
        if ours.hosts != hosts:
            return []
        if self.wants("memory_peak_vs_steady"):
            self._growth.append((memory_of(ours.pid, "VmHWM"),
                                 memory_of(ours.pid, "VmRSS")))
        name = f"bytes_per_row_{size}_vs_redis"
        if not self.wants(name):
            return []
        redis = self._bench.redis
        redis.grow_to(hosts)
        return [Result.of_pairs(
            name, [(ours.bytes_per_row(), redis.bytes_per_row())])]

    def unary(self):
        ours = self._full(self._bench.ours)
        sizes = self._sizes
        first = ours.ask("lookup", 64, sizes.seconds)
        echo = self._bench.echo(first["response_bytes"])
        pairs = []
        for _ in range(sizes.unary_pairs):
            lookup = ours.ask("lookup", 64, sizes.seconds)
            pairs.append((rate(lookup), rate(run_json(
                self._bench.programs / "bench_load", "--server", echo,
                "--hosts", ours.hosts, "calls", "--echo", "--seconds",
                sizes.seconds))))
        return [Result.of_pairs("unary_lookup_vs_echo", pairs)]

    def cpu(self):
        ours = self._full(self._bench.ours)
        pairs = [(ours.ask("lookup", 64, self._sizes.seconds)["server_cpu_us"],
                  ours.ask("health", 64, self._sizes.seconds)["server_cpu_us"])
                 for _ in range(self._sizes.pairs)]
        return [Result.of_pairs("lookup_cpu_vs_health", pairs)]

    def batch(self):
        return self._against(
            ("batch", 8),
            {"batch_lookup_vs_mget": self._redis_asker("mget"),
             "batch_lookup_vs_hgetall": self._redis_asker("hgetall")})

    def listing(self):
        return self._against(
            ("list", 16),
            {"list_endpoint_vs_redis": self._redis_asker("list"),
             "list_endpoint_vs_postgres": self._postgres_lister})

    def _against(self, question, askers):
        """Our answers to a kind of question beside those of peers."""
        ours = self._full(self._bench.ours)
        asks = {name: make() for name, make in askers.items()
                if self.wants(name)}
        pairs = {name: [] for name in asks}
        for _ in range(self._sizes.pairs):
            answered = rate(ours.ask(*question, self._sizes.seconds))
            for name, ask in asks.items():
                pairs[name].append((answered, rate(ask(self._sizes.seconds))))
        return [Result.of_pairs(name, pairs[name]) for name in pairs]

    def _redis_asker(self, kind):
        def make():
            redis = self._full(self._bench.redis)
            if kind == "mget":
                redis.add_values()
            return lambda seconds: redis.ask(kind, seconds)
        return make

    def _postgres_lister(self):
        # Fewer rows than the others have, which does it no harm.
        postgres = self._bench.postgres
        postgres.grow_to(self._sizes.few_hosts)
        return postgres.list

    def _full(self, store):
        store.grow_to(self._sizes.hosts)
        return store


MEASUREMENTS = [
    (Comparison.growth, ["ingest_vs_redis", "ingest_vs_postgres"]),
    (Comparison.memory, ["bytes_per_row_1m_vs_redis",
                         "bytes_per_row_10m_vs_redis",
                         "memory_peak_vs_steady"]),
    (Comparison.unary, ["unary_lookup_vs_echo"]),
    (Comparison.cpu, ["lookup_cpu_vs_health"]),
    (Comparison.batch, ["batch_lookup_vs_mget", "batch_lookup_vs_hgetall"]),
    (Comparison.listing, ["list_endpoint_vs_redis",
                          "list_endpoint_vs_postgres"]),
]


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


def measure(arguments, wanted):
    sizes = SmokeSizes() if arguments.smoke else Sizes()
    if not arguments.smoke:
        sizes.hosts = arguments.hosts
        sizes.few_hosts = min(sizes.few_hosts, sizes.hosts)
    results = []
    # The rounds of ingest may tell of more hosts than there are to be.
    room = max(sizes.hosts, (sizes.pairs + 1) * sizes.hosts_of_ingest)
    with Workbench(arguments.bin, room) as bench:
        comparison = Comparison(bench, sizes, wanted)
        for method, names in MEASUREMENTS:
            if not wanted.intersection(names):
                continue
            start = time.monotonic()
            results += method(comparison)
            print(f"{method.__name__}: {time.monotonic() - start:.0f} s",
                  file=sys.stderr, flush=True)
    return [result for result in results if result.figure.name in wanted]


def main():
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
    if arguments.json:
        figures.write_json(results, arguments.json)
    unmeasured = wanted - {result.figure.name for result in results}
    if unmeasured:
        sys.exit(f"not measured: {', '.join(sorted(unmeasured))}")


if __name__ == "__main__":
    main()
