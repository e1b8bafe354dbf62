"""All weeks of the table, ours against every rival on the same documents in the same run.

    python benchmarks/weekly.py [--size 2000000] [--file purchases.csv.gz] [--repeats 3]

Each way runs in a process of its own, in a rotated order; its table must equal the first one's to
the last digit before its time counts. Memory is that of its processes, the JVM included, the
servers not. Appends JSON lines to benchmarks/results.jsonl; `report.py` renders them.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import data
import psutil
from rivals import RIVALS, contents

from txplatform.platform import Platform, opened
from txplatform.settings import child_environment

RESULTS = Path(__file__).with_name("results.jsonl")
SAMPLE_SECONDS = 0.2


def run_here(name: str, state: str) -> None:
    """The child: prepare, run, print what it took."""
    rival = RIVALS[name]
    with opened(state_dir=state) as platform:
        began = time.monotonic()
        prepared = rival.prepare(platform)
        ready = time.monotonic()
        table = rival.run(platform, prepared)
        done = time.monotonic()
        rows, digest = contents(platform.endpoints.postgres_url, table) if table else (0, "")
    figures = {"prepare": ready - began, "run": done - ready, "rows": rows, "digest": digest}
    sys.stdout.write("\n" + json.dumps(figures) + "\n")


def run_apart(name: str, state: str) -> dict[str, Any]:
    """Run one way in a process of its own and watch its memory."""
    command = [sys.executable, __file__, "--child", name, "--state", state]
    child = psutil.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=child_environment()
    )
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
    watcher.start()
    printed, complaint = child.communicate()
    if child.returncode:
        lines = complaint.strip().splitlines() or [f"exit code {child.returncode}"]
        return {"error": lines[-1][:200], "peak_mb": peak[0] >> 20}
    return {**json.loads(printed.strip().splitlines()[-1]), "peak_mb": peak[0] >> 20}


def _watch(child: psutil.Popen, peak: list[int]) -> None:
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        total = 0
        for process in [child, *child.children(recursive=True)]:
            with suppress(psutil.Error):
                if process.name() not in {"mongod", "postgres"}:
                    total += process.memory_info().rss
        peak[0] = max(peak[0], total)
        time.sleep(SAMPLE_SECONDS)


def compare(platform: Platform, names: Sequence[str], repeats: int) -> list[dict[str, Any]]:
    """Run every way `repeats` times, each round in another order."""
    size = data.sums(platform.database)[0]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(repeats):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            if size > RIVALS[name].largest:
                continue
            figures = run_apart(name, str(platform.settings.state))
            found[name].append(figures)
            sys.stderr.write(f"{number + 1} {name:<18} {figures}\n")
    return [_summary(name, size, figures) for name, figures in found.items()]


def _summary(name: str, size: int, figures: list[dict[str, Any]]) -> dict[str, Any]:
    head = {"benchmark": "weekly", "name": name, "title": RIVALS[name].title, "documents": size}
    head["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    if not figures:
        return {**head, "not_run": f"more than {RIVALS[name].largest:,} documents"}
    if failed := next((one["error"] for one in figures if "error" in one), None):
        return {**head, "failed": failed, "peak_mb": max(one["peak_mb"] for one in figures)}
    seconds = [one["run"] for one in figures]
    return {
        **head,
        "median": statistics.median(seconds),
        "fastest": min(seconds),
        "slowest": max(seconds),
        "prepare": statistics.median(one["prepare"] for one in figures),
        "peak_mb": max(one["peak_mb"] for one in figures),
        "rows": figures[0]["rows"],
        "digests": sorted({one["digest"] for one in figures}),
    }


def judged(summaries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whether each table is that of SQL, else of MongoDB's windows: both are computed apart."""
    by_name = {one["name"]: one for one in summaries}
    apart = [by_name[name] for name in ("sql", "windows") if name in by_name]
    right = next((one["digests"] for one in apart if "digests" in one), [])
    for one in summaries:
        if one.get("rows"):
            one["exact"] = one["digests"] == right
    return summaries


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=2_000_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--state", help="A folder that keeps the documents for the next time.")
    parser.add_argument("--child", choices=RIVALS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_here(arguments.child, arguments.state)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=arguments.state or folder) as platform,
    ):
        data.fill(platform, arguments.size, arguments.file)
        summaries = judged(compare(platform, arguments.only, arguments.repeats))
    with RESULTS.open("a", encoding="utf-8") as file:
        for one in summaries:
            file.write(json.dumps(one) + "\n")
            sys.stdout.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main()
