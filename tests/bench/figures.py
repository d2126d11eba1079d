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
