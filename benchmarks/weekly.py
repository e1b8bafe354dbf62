"""All weeks of the table, ours against every rival on the same documents in the same run.

    python benchmarks/weekly.py [--size 2m] [--file purchases.csv.gz] [--repeats 3]

Each way runs in a process of its own, in a rotated order; its table must equal that of PostgreSQL's
SQL (else of MongoDB's windows) to the last digit before its time counts. Appends JSON lines to
benchmarks/results/weekly.jsonl; `report.py` renders them.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import data
from measuring import apart, keep, rotated, summary, tell
from rivals import JARS, MissingPartError, Rival, registry
from rivals.results import contents

from txplatform.platform import Platform, opened


def run_here(rival: Rival, state: str) -> None:
    """The child: prepare, run, print what it took."""
    with opened(state_dir=state) as platform:
        began = time.monotonic()
        try:
            prepared = rival.prepare(platform)
        except MissingPartError as missing:
            sys.stdout.write(json.dumps({"not_run": str(missing)}) + "\n")
            return
        ready = time.monotonic()
        table = rival.run(platform, prepared)
        done = time.monotonic()
        rows, digest = contents(platform.endpoints.postgres_url, table) if table else (0, "")
    figures = {"prepare": ready - began, "run": done - ready, "rows": rows, "digest": digest}
    sys.stdout.write("\n" + json.dumps(figures) + "\n")


def compare(
    platform: Platform, rivals: Mapping[str, Rival], repeats: int, options: Sequence[str]
) -> list[dict[str, Any]]:
    """Run every way `repeats` times, each round in another order."""
    size = data.sums(platform.database)[0]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in rivals}
    state = str(platform.settings.state)
    for number in range(repeats):
        for name in rotated(list(rivals), number):
            if size > rivals[name].largest or (number and size > rivals[name].repeated_to):
                continue
            if any("error" in one or "not_run" in one for one in found[name]):
                continue
            child = [sys.executable, __file__, "--child", name, "--state", state, *options]
            found[name].append(apart(child))
            tell(f"{number + 1} {name:<10} {found[name][-1]}")
    return [_record(name, rivals[name], size, figures) for name, figures in found.items()]


def _record(name: str, rival: Rival, size: int, figures: list[dict[str, Any]]) -> dict[str, Any]:
    head: dict[str, Any] = {"name": name, "title": rival.title, "documents": size}
    if not figures:
        return {**head, "not_run": f"not at more than {rival.largest:,} documents"}
    for failed in figures:
        if "not_run" in failed:
            return {**head, "not_run": failed["not_run"]}
        if "error" in failed:
            return {**head, "failed": failed["error"], "peak_mb": failed["peak_mb"]}
    return {
        **head,
        **summary([one["run"] for one in figures]),
        "prepare": min(one["prepare"] for one in figures),
        "peak_mb": max(one["peak_mb"] for one in figures),
        "rows": figures[0]["rows"],
        "digests": sorted({one["digest"] for one in figures}),
    }


def judged(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whether each table is that of SQL, else of MongoDB's windows: both are computed apart."""
    by_name = {one["name"]: one for one in records}
    apart_from_us = [by_name[name] for name in ("sql", "windows") if name in by_name]
    right = next((one["digests"] for one in apart_from_us if "digests" in one), None)
    for one in records:
        if one.get("rows"):
            one["exact"] = right is not None and one["digests"] == right
    return records


def main() -> None:
    """Measure, print, append."""
    parser = data.options(__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=registry())
    parser.add_argument("--without", nargs="*", choices=registry(), default=())
    parser.add_argument("--jars", type=Path, default=JARS)
    parser.add_argument("--dlt-python", type=Path)
    parser.add_argument("--child", choices=registry(), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rivals = registry(arguments.jars, arguments.dlt_python)
    if arguments.child:
        run_here(rivals[arguments.child], arguments.state)
        return
    names = [one for one in arguments.only or rivals if one not in arguments.without]
    options = ["--jars", str(arguments.jars)]
    options += ["--dlt-python", str(arguments.dlt_python)] if arguments.dlt_python else []
    with data.filled(arguments) as platform:
        chosen = {name: rivals[name] for name in names}
        records = judged(compare(platform, chosen, arguments.repeats, options))
    keep("weekly", records)


if __name__ == "__main__":
    main()
