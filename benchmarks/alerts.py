"""All alerts of all weeks by the command line, after the weekly table: seconds and peak memory.

    python benchmarks/alerts.py [--size 200k] [--file purchases.csv.gz] [--state FOLDER]

Runs `txplatform spend run --all` with a limit of 500, so that all twelve rules are on, as anybody
would. Appends to benchmarks/results/alerts.jsonl.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import data
from measuring import apart, keep

from txplatform.platform import opened

COMMAND = (sys.executable, "-m", "txplatform", "spend", "run", "--all", "--json")
TITLES = {"weekly_spend": "weekly table, as Dagster runs", "weekly_alerts": "alerts"}


def seconds_of_jobs(printed: str) -> dict[str, float]:
    """The seconds of the runs that the command printed, by job."""
    seconds: dict[str, float] = {}
    for run in json.loads(printed):
        seconds[run["job"]] = seconds.get(run["job"], 0.0) + run["seconds"]
    return seconds


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=data.documents, default=200_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--state", help="A folder that keeps the documents for the next time.")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=arguments.state or folder) as platform,
    ):
        data.fill(platform, arguments.size, arguments.file)
        size = data.sums(platform.database)[0]
        variables = {"TXPLATFORM_STATE_DIR": f"{platform.settings.state}"}
        figures = apart(COMMAND, **variables, TXPLATFORM_SPEND_LIMIT="500")
    if "error" in figures:
        raise SystemExit(figures["error"])
    records: list[dict[str, Any]] = [
        {"name": name, "title": TITLES[name], "median": seconds, "rounds": 1}
        for name, seconds in seconds_of_jobs(figures["printed"]).items()
    ]
    records.append({"name": "whole", "title": "the whole command", "median": figures["wall"]})
    shared = {"documents": size, "peak_mb": figures["peak_mb"], "rounds": 1}
    keep("alerts", ({**one, **shared} for one in records))


if __name__ == "__main__":
    main()
