"""All alerts of all weeks by the command line, after the weekly table: seconds and peak memory.

    python benchmarks/alerts.py [--size 200k] [--file purchases.csv.gz] [--state FOLDER]

Runs `txplatform spend run --all` with a limit of 500, so that all twelve rules are on, in a process
of its own, as anybody would. Appends to benchmarks/results/alerts.jsonl.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import data
from measuring import apart, keep

from txplatform.platform import opened

CHILD = "--run-all"


def run_all(state: str) -> None:
    """The child: the command, and the seconds of its runs by job."""
    from txplatform.settings import child_environment

    command = [sys.executable, "-m", "txplatform", "spend", "run", "--all", "--json"]
    done = subprocess.run(
        command,
        env=child_environment(TXPLATFORM_STATE_DIR=state, TXPLATFORM_SPEND_LIMIT="500"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds: dict[str, float] = {}
    for run in json.loads(done.stdout):
        seconds[run["job"]] = seconds.get(run["job"], 0.0) + run["seconds"]
    sys.stdout.write(json.dumps({"jobs": seconds}) + "\n")


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=data.documents, default=200_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--state", help="A folder that keeps the documents for the next time.")
    parser.add_argument(CHILD, metavar="STATE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run_all:
        run_all(arguments.run_all)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=arguments.state or folder) as platform,
    ):
        data.fill(platform, arguments.size, arguments.file)
        size = data.sums(platform.database)[0]
        figures = apart([sys.executable, __file__, CHILD, platform.settings.state])
    if "error" in figures:
        raise SystemExit(figures["error"])
    titles = {"weekly_spend": "weekly table, as Dagster runs", "weekly_alerts": "alerts"}
    records: list[dict[str, Any]] = [
        {"name": name, "title": titles[name], "median": seconds, "rounds": 1}
        for name, seconds in figures["jobs"].items()
    ]
    records.append({"name": "whole", "title": "the whole command", "median": figures["wall"]})
    shared = {"documents": size, "peak_mb": figures["peak_mb"], "rounds": 1}
    keep("alerts", ({**one, **shared} for one in records))


if __name__ == "__main__":
    main()
