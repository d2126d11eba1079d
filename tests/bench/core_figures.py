"""The figures of the table alone, from core_bench, beside the memory's own."""

import pathlib
import re

from figures import Result
from workbench import run_json


def available_memory():
    text = pathlib.Path("/proc/meminfo").read_text()
    return 1024 * int(re.search(r"^MemAvailable:\s+(\d+) kB$", text,
                                re.MULTILINE)[1])


class Core:

    def __init__(self, programs, sizes, wants):
        self._program = programs / "core_bench"
        self._sizes = sizes
        self._wants = wants
        self._bytes_per_row = None

    def measurements(self):
        """Each with the figures that it measures."""
        return [
            (self.table, ["core_lookup_vs_half_chase",
                          "core_two_threads_vs_one", "core_batched_vs_single",
                          "core_lookup_10m_vs_1m", "core_remove_vs_insert"]),
            (self.large_table, ["core_lookup_50m_vs_1m"]),
        ]

    def table(self):
        runs = self._run("10M|chase/32|batched/1M")
        rates = {name: [run["items_per_second"] for run in repetitions]
                 for name, repetitions in runs.items()
                 if "items_per_second" in repetitions[0]}
        rates["half chase"] = [rate / 2 for rate in rates["chase/32"]]
        host = runs["come_and_go/10M"]
        pairs = {
            "core_lookup_vs_half_chase": ("batched/10M", "half chase"),
            "core_two_threads_vs_one": ("threads/10M/2", "threads/10M/1"),
            "core_batched_vs_single": ("batched/10M", "single/10M"),
            "core_lookup_10m_vs_1m": ("batched/10M", "batched/1M"),
        }
        results = [Result.of_pairs(name, list(zip(rates[ours], rates[theirs])))
                   for name, (ours, theirs) in pairs.items()]
        results.append(Result.of_pairs(
            "core_remove_vs_insert",
            [(run["remove_ns"], run["insert_ns"]) for run in host]))
        self._bytes_per_row = runs["batched/10M"][0]["bytes_per_row"]
        return results

    def large_table(self):
        """If memory is there."""
        name = "core_lookup_50m_vs_1m"
        if self._bytes_per_row is None:
            self._bytes_per_row = (
                self._run("batched/1M")["batched/1M"][0]["bytes_per_row"])
        needed = 55e6 * self._bytes_per_row
        available = available_memory()
        if needed > 0.8 * available:
            return [Result.without(
                name, f"not measured: it takes {needed / 1e9:.0f} GB of memory")]
        runs = self._run("batched/(1M|50M)")
        return [Result.of_pairs(
            name, [(ours["items_per_second"], theirs["items_per_second"])
                   for ours, theirs in zip(runs["batched/50M"],
                                           runs["batched/1M"])])]

    def _run(self, which):
        """What each of the benchmarks says, in the order of its repetitions.

        They take turns.
        """
        answer = run_json(
            self._program, f"--benchmark_filter={which}",
            f"--benchmark_repetitions={self._sizes.pairs}",
            "--benchmark_enable_random_interleaving=true",
            "--benchmark_min_time=0.2", "--benchmark_format=json")
        runs = {}
        for run in answer["benchmarks"]:
            if run["run_type"] != "iteration":
                continue
            if run.get("error_occurred"):
                raise RuntimeError(f"{run['name']}: {run['error_message']}")
            # Google Benchmark adds how it was run.
            name, _, in_real_time = run["run_name"].partition("/real_time")
            if in_real_time or name.startswith("threads/"):
                name += f"/{run['threads']}"
            runs.setdefault(name, []).append(run)
        return runs
