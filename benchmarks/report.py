"""Renders benchmarks/README.md and its charts from the JSON lines of benchmarks/results.

    python benchmarks/report.py

Of each benchmark and size the newest run is shown; nothing is typed in by hand.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from charts import svg

HERE = Path(__file__).parent
RESULTS = HERE / "results"
Record = Mapping[str, Any]

HEAD = """# Measured

Written by `python benchmarks/report.py` from the JSON lines in [results](results). Every table is
one run: the ways took turns on the same documents and the same servers, on a machine of 2 cores
whose load average at the end is given. A benchmark keeps both cores busy; a load above 4 means that
other work took them too. Spark, which compiles its own code anew in every process, and whatever
uses both cores suffer more from that than one thread of MongoDB: such a run is kept, and not shown.

```console
$ make bench                 # 200,000 documents: minutes
$ make bench SIZE=2m         # longer
$ make bench SIZE=10m CSV=purchases.csv.gz
$ python benchmarks/alerts.py --size 10m --file purchases.csv.gz
```

A time counts only if the table in PostgreSQL equals, to the last digit, the one that SQL or
MongoDB's windows computed apart; a way that is wrong is listed as wrong. Memory is the highest sum
of all processes of the way, the JVM included, MongoDB and PostgreSQL not. Figures are medians with
the range of the rounds.
"""


QUIET = 4.0
"""The highest load average of a run that is shown."""
MISSING = "No run on a quiet machine is kept: `make bench` makes one.\n"


def records(benchmark: str) -> list[Record]:
    """The lines of a benchmark that are of a quiet machine, oldest first."""
    path = RESULTS / f"{benchmark}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [one for one in map(json.loads, lines) if one["load"] <= QUIET]


def newest(found: Iterable[Record], *key: str) -> list[Record]:
    """The newest record for each value of the key, in the order of their first appearance."""
    chosen = {tuple(one.get(name) for name in key): one for one in found}
    return list(chosen.values())


def about(documents: int) -> str:
    """A size that belongs together with others near to it: 185,908 and 204,000 are 200 k."""
    return next(
        name for name, least in (("10m", 5e6), ("2m", 1e6), ("200k", 0)) if documents >= least
    )


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n" if rows else ""


def spread(one: Record) -> str:
    """Median and range in seconds."""
    if one.get("rounds", 1) == 1:
        return f"{one['median']:.2f} (one round)"
    return f"{one['median']:.2f} ({one['fastest']:.2f} to {one['slowest']:.2f})"


def weekly_tables() -> str:
    """All weeks: a table per size."""
    runs: dict[tuple[str, str], list[Record]] = {}
    for one in records("weekly"):
        runs.setdefault((about(one["documents"]), one["at"]), []).append(one)
    newest_of = {size: run for (size, _), run in runs.items()}
    return "\n".join(
        _weekly_table(newest_of[size]) if size in newest_of else f"### {size}\n\n{MISSING}"
        for size in ("200k", "2m", "10m")
    )


def _weekly_table(run: Sequence[Record]) -> str:
    windows = next((one.get("median") for one in run if one["name"] == "windows"), None)
    rows = [_weekly_row(one, windows) for one in run]
    size, load = run[0]["documents"], run[0]["load"]
    headers = ("way", "seconds", "of `$setWindowFields`", "memory, MB", "table")
    return f"### {size:,} documents (load {load})\n\n{table(headers, rows)}"


def _weekly_row(one: Record, windows: float | None) -> Sequence[str]:
    if "not_run" in one:
        return (one["title"], f"not run: {one['not_run']}", "", "", "")
    if "failed" in one:
        return (one["title"], f"failed: {one['failed']}", "", f"{one['peak_mb']}", "")
    verdict = "" if not one["rows"] else f"{one['rows']:,} rows" if one["exact"] else "**wrong**"
    ratio = f"{one['median'] / windows:.2f}" if windows else ""
    return (one["title"], spread(one), ratio, f"{one['peak_mb']}", verdict)


def plain_table(benchmark: str, against: str) -> str:
    """Ways with their seconds, as ratios to one of them, per size."""
    chosen = newest(records(benchmark), "name", "documents")
    base = {one["documents"]: one["median"] for one in chosen if one["name"] == against}
    rows = [
        (
            one.get("title", one["name"]),
            f"{one['documents']:,}",
            spread(one),
            f"{one['median'] / base[one['documents']]:.2f}" if one["documents"] in base else "",
            f"{one['peak_mb']}" if "peak_mb" in one else "",
            f"{one['load']}",
        )
        for one in chosen
    ]
    return table(("way", "documents", "seconds", "ratio", "memory, MB", "load"), rows)


def load_table() -> str:
    """What another reader of MongoDB waits."""
    columns = ("p50_ms", "p95_ms", "p99_ms")
    rows = [
        (
            one["name"],
            f"{one['documents']:,}",
            *(f"{one[name]:.1f}" for name in columns),
            f"{one['backfill_seconds']:.1f}" if "backfill_seconds" in one else "",
            f"{one['load']}",
        )
        for one in newest(records("load"), "name", "documents")
    ]
    headers = ("MongoDB meanwhile", "documents", "p50 ms", "p95 ms", "p99 ms", "backfill s", "load")
    return table(headers, rows)


def controllers_table() -> str:
    """What the desk's lists and pages take."""
    chosen = newest(records("controllers"), "name")
    rows = [
        (
            one["name"],
            *(f"{one[name]:,.0f}" for name in ("median_ms", "p95_ms", "bar_ms")),
            f"{one['rounds']}",
            f"{one['load']}",
        )
        for one in chosen
    ]
    headers = ("asked", "median ms", "p95 ms", "may take, ms", "times", "load")
    sizes = [f"{one['documents']:,} purchases, {one['alerts']:,} alerts.\n\n" for one in chosen[:1]]
    return "".join(sizes) + table(headers, rows)


WAYS = {
    "a": "(a) read only",
    "b": "(b) the same SQL, no Spark",
    "c": "(c) `txplatform clickstream run`",
}


def stream_table() -> str:
    """Events a second of the three ways, then what a live shop sees."""
    found = newest(records("clickstream"), "name", "log", "events")
    base = {
        (one["log"], one["events"]): one["events_per_second"] for one in found if one["name"] == "b"
    }
    rows = [
        (
            WAYS[one["name"]],
            f"{one['log']}, {one['events']:,}",
            f"{one['events_per_second']:,.0f}",
            f"{one['events_per_second'] / base[key]:.2f}"
            if (key := (one["log"], one["events"])) in base
            else "",
            f"{one['job_mb']:,.0f} + {one['postgres_mb']:,.0f}" if "job_mb" in one else "",
            f"{one['load']}",
        )
        for one in found
        if one["name"] in WAYS
    ]
    headers = (
        "way",
        "log, events",
        "events a second",
        "of (b)",
        "memory, MB: job + PostgreSQL",
        "load",
    )
    said = "".join(f"- {sentence(one)}\n" for one in newest(found, "name") if one["name"] > "b")
    return f"{table(headers, rows)}\n{said}" if rows else ""


def sentence(one: Record) -> str:
    """What the job's course showed, and a live shop."""
    if one["name"] == "c":
        return (
            f"(c) over {one['events']:,} events: {one['first_tenth']:,.0f} a second in the first "
            f"tenth, {one['last_tenth']:,.0f} in the last; PostgreSQL takes a CPU second for "
            f"{one['events_per_postgres_cpu_second']:,.0f} events.{by_tenths(one)}"
        )
    if one["name"] == "latency":
        return (
            f"{one['rate']:,} events a second, from the broker's timestamp: in the tables after "
            f"{one['committed_p50_s']:.1f} s (p50) and {one['committed_p95_s']:.1f} s (p95), on a "
            f"page that looks every two seconds after {one['seen_p50_s']:.1f} and "
            f"{one['seen_p95_s']:.1f} s; {one['events']:,} events, load {one['load']}."
        )
    return (
        f"A job held to {one['most_rows']:,} lines a second and a shop that writes "
        f"{one['rate']:,} for {one['seconds']:.0f} s, {one['events']:,} in all: "
        f"at most {one['most_lag_events']:,} behind, {one['drain_seconds']:.0f} s later "
        f"{one['last_lag_events']:,}; no batch above {one['largest_batch']:,}; memory "
        f"{one['job_mb_after_a_quarter']:,.0f} MB (median) to {one['job_mb']:,.0f} MB, "
        f"{one['lost']} lost, load {one['load']}."
    )


def commerce_table() -> str:
    """The newest figures of each job of a shop."""
    told = ("at", "load", "name", "wall", "peak_mb", "layout")
    rows = []
    for one in newest(records("commerce"), "name", "lines"):
        figures = [f"{name} {value}" for name, value in one.items() if name not in told]
        rows.append((one["name"], ", ".join(figures), str(one["peak_mb"]), str(one["load"])))
    return table(("what", "seconds, where nothing else is said", "memory, MB", "load"), rows)


def by_tenths(one: Record) -> str:
    """Whether an event costs the same at the end as at the beginning, and what memory does."""
    if "cpu_seconds_of_1000" not in one:
        return ""
    costs, memory = one["cpu_seconds_of_1000"], one["memory_mb"]
    return (
        f" By tenths, a thousand events take {costs[0]:.2f} CPU seconds first and {costs[-1]:.2f} "
        f"at the end ({min(costs):.2f} to {max(costs):.2f}), all of it {memory[0]:,} MB and "
        f"{memory[-1]:,} MB ({min(memory):,} to {max(memory):,})."
    )


def profile_table() -> str:
    """Where the seconds go."""
    rows = [
        (one["name"], one["part"], f"{one['seconds']:.2f}", f"{one['share']:.0%}")
        for one in newest(records("profile"), "name", "part")
    ]
    return table(("job", "part", "seconds", "of the whole"), rows)


def charts() -> None:
    """Time and memory against size."""
    found = [one for one in newest(records("weekly"), "name", "documents") if "median" in one]
    for figure, title, unit in (
        ("median", "All weeks: seconds", "s"),
        ("peak_mb", "All weeks: peak memory of the way's processes", "MB"),
    ):
        lines: dict[str, list[tuple[float, float]]] = {}
        for one in sorted(found, key=lambda one: one["documents"]):
            if not one["rows"] or one["exact"]:
                name = one["title"].replace("`", "")
                lines.setdefault(name, []).append((one["documents"], max(one[figure], 0.1)))
        if lines:
            (RESULTS / f"{figure}.svg").write_text(svg(title, unit, lines), encoding="utf-8")


SECTIONS = (
    ("All weeks into `weekly_transactions`", weekly_tables),
    ("One week", lambda: plain_table("one_week", "stock")),
    ("What history costs a week", lambda: plain_table("history", "recent")),
    ("Ingestion", lambda: plain_table("ingestion", "insert_many")),
    ("Through Dagster's webserver", lambda: plain_table("launch", "stock")),
    ("A backfill by the UI's button", lambda: plain_table("backfill", "first green week")),
    ("All alerts", lambda: plain_table("alerts", "alerts")),
    ("Air quality", lambda: plain_table("air_quality", "pandas")),
    ("Commerce", commerce_table),
    ("What controllers ask for", controllers_table),
    ("What MongoDB's other users feel", load_table),
    ("Live events", stream_table),
    ("Where the seconds go", profile_table),
)


def main() -> None:
    """Write the page."""
    charts()
    pictures = "![Time against size](results/median.svg)\n\n![Memory](results/peak_mb.svg)\n"
    sections = ((title, render()) for title, render in SECTIONS)
    body = "\n".join(f"## {title}\n\n{shown or MISSING}" for title, shown in sections)
    (HERE / "README.md").write_text(f"{HEAD}\n{pictures}\n{body}", encoding="utf-8")


if __name__ == "__main__":
    main()
