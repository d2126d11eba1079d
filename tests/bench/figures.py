"""What is measured: each figure's name, what it says, and its goal."""

import dataclasses
import json
import statistics


@dataclasses.dataclass
class Figure:
    name: str
    says: str
    unit: str
    # At least, or at most; neither where a figure is only reported.
    at_least: float | None = None
    at_most: float | None = None
    # What it takes beside connregd and its load: "redis", "postgres", "core"
    # (core_bench), "agent" (root, and a network namespace), "size" (so many rows
    # that it says something).
    needs: tuple = ()

    @property
    def goal(self):
        goal = {"min": self.at_least, "max": self.at_most}
        return {name: bound for name, bound in goal.items() if bound is not None}


FIGURES = [
    Figure("unary_lookup_vs_echo",
           "unary Lookup / a server that only echoes, 64 in flight",
           "calls/s", at_least=0.85),
    Figure("lookup_cpu_vs_health",
           "server CPU per Lookup / per Health/Check",
           "us of CPU/call", at_most=1.15),
    Figure("batch_lookup_vs_mget",
           "BatchLookup of 1,000 / Redis MGET of 64-byte values",
           "keys/s", at_least=8, needs=("redis",)),
    Figure("batch_lookup_vs_hgetall",
           "BatchLookup of 1,000 / Redis HGETALL, pipelined",
           "keys/s", at_least=25, needs=("redis",)),
    Figure("ingest_vs_redis",
           "new rows over Report, acked / Redis HSET + 3 SADD, pipelined",
           "rows/s", at_least=10, needs=("redis",)),
    Figure("ingest_vs_postgres",
           "new rows over Report, acked / PostgreSQL COPY with 4 indexes",
           "rows/s", at_least=10, needs=("postgres",)),
    Figure("bytes_per_row_1m_vs_redis",
           "resident bytes per row at 1 M rows / Redis hash + 3 sets",
           "bytes/row", at_most=0.32, needs=("redis", "size")),
    Figure("bytes_per_row_10m_vs_redis",
           "resident bytes per row at 10 M rows / Redis hash + 3 sets",
           "bytes/row", at_most=0.32, needs=("redis", "size")),
    Figure("memory_peak_vs_steady",
           "most resident bytes while it grew / when it had grown",
           "bytes", at_most=1.3, needs=("size",)),
    Figure("list_endpoint_vs_redis",
           "list an endpoint's 64 connections / Redis SMEMBERS + HGETALL",
           "rows/s", at_least=10, needs=("redis",)),
    Figure("list_endpoint_vs_postgres",
           "list an endpoint's 64 connections / PostgreSQL indexed SELECT",
           "rows/s", at_least=5, needs=("postgres",)),
    Figure("core_lookup_vs_half_chase",
           "in-process look-ups in batches at 10 M rows / half the rate of a "
           "pointer chase with 32 chains over as much memory",
           "look-ups/s", at_least=0.40, needs=("core",)),
    Figure("core_two_threads_vs_one",
           "the same look-ups by two threads / by one",
           "look-ups/s", at_least=1.7, needs=("core",)),
    Figure("core_batched_vs_single",
           "the same look-ups / one by one",
           "look-ups/s", at_least=3.5, needs=("core",)),
    Figure("core_lookup_10m_vs_1m",
           "the same look-ups / at 1 M rows",
           "look-ups/s", at_least=0.75, needs=("core",)),
    Figure("core_lookup_50m_vs_1m",
           "the same at 50 M rows / at 1 M rows",
           "look-ups/s", needs=("core",)),
    Figure("core_remove_vs_insert",
           "in-process, at 10 M rows: remove a host / insert it",
           "ns/row", at_most=1.0, needs=("core",)),
    Figure("agent_scan_vs_dump",
           "look of the agent at 28,000 sockets without processes, and its "
           "difference from the one before / bare dump of them",
           "ms", at_most=1.8, needs=("agent",)),
    Figure("agent_look_vs_ss",
           "the same with processes, nothing new / ss -tanp",
           "ms", at_most=0.25, needs=("agent",)),
    Figure("agent_look_cpu_vs_ss",
           "the same in time of a processor",
           "ms of CPU", needs=("agent",)),
    Figure("agent_idle_cpu",
           "agent at 10,000 sockets, looking every second, nothing new / one "
           "processor",
           "share of CPU", at_most=0.03, needs=("agent",)),
    Figure("bytes_per_two_sided_connection",
           "resident bytes per connection with both ends at 1 M rows / per row "
           "of connections with one",
           "bytes", needs=("size",)),
    Figure("ipv6_bytes_per_row_vs_ipv4",
           "resident bytes per row at 1 M rows, IPv6 / IPv4",
           "bytes/row", needs=("size",)),
    Figure("ipv6_batch_vs_ipv4",
           "BatchLookup of 1,000 at 1 M rows, IPv6 / IPv4",
           "keys/s"),
    Figure("lookup_p999_under_load_vs_control",
           "99.9th percentile of lookups one by one while the table grows, hosts "
           "expire and all is listed / of a thread that only sleeps",
           "us"),
    Figure("lookup_longest_under_load_vs_control",
           "the longest of the same",
           "us"),
    Figure("tls_lookup_vs_plain", "unary Lookup over TLS / without",
           "calls/s"),
]

BY_NAME = {figure.name: figure for figure in FIGURES}


@dataclasses.dataclass
class Result:
    figure: Figure
    # Medians.
    ratio: float | None
    ours: float | None
    theirs: float | None
    # Of what is reported without a number.
    remark: str = ""

    @classmethod
    def of_pairs(cls, name, pairs):
        """The median of the ratios of `pairs`, each (ours, theirs)."""
        return cls(BY_NAME[name],
                   statistics.median(ours / theirs for ours, theirs in pairs),
                   statistics.median(ours for ours, _ in pairs),
                   statistics.median(theirs for _, theirs in pairs))

    @classmethod
    def without(cls, name, remark):
        """Of what has no number, and why."""
        return cls(BY_NAME[name], None, None, None, remark)

    @property
    def missed(self):
        figure = self.figure
        return self.ratio is not None and (
            figure.at_least is not None and self.ratio < figure.at_least or
            figure.at_most is not None and self.ratio > figure.at_most)

    def to_json(self):
        return {"name": self.figure.name, "ratio": self.ratio,
                "goal": self.figure.goal, "ours": self.ours,
                "theirs": self.theirs, "unit": self.figure.unit}


def write_json(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump([result.to_json() for result in results], file, indent=2)
        file.write("\n")


def shown(number):
    """With three digits that say something, as 1,234,567 or 12.3."""
    if number is None:
        return "-"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def goal_text(figure):
    if figure.at_least is not None:
        return f">= {figure.at_least:g}"
    if figure.at_most is not None:
        return f"<= {figure.at_most:g}"
    return "-"


def print_table(results):
    rows = [("figure", "ours", "theirs", "unit", "ratio", "goal", "")]
    for result in results:
        verdict = ("" if not result.figure.goal or result.ratio is None
                   else "MISSED" if result.missed else "reached")
        rows.append((result.figure.name, shown(result.ours),
                     shown(result.theirs), result.figure.unit,
                     shown(result.ratio), goal_text(result.figure),
                     result.remark or verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(
            cell.rjust(width) if i in (1, 2, 4) else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    print()
    for result in results:
        print(f"{result.figure.name}: {result.figure.says}")
