"""How long a backfill of many weeks takes: from the button in the UI to the last green week.

    python benchmarks/backfill.py [--file purchases.csv.gz] [--layout delaware] [--weeks 222]

Sends what the UI's button sends, to a real webserver with a real daemon over embedded servers, and
looks four times a second how many weeks are green. Without a file the seeded sample is ingested.
Prints the seconds until the first and the last green week, and writes JSON.
"""

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import data
from launch import Contender, servers, serving, wait_for
from measuring import keep

from txplatform.domains.spend import measuring
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.embedded.connect import keep_warm
from txplatform.orchestration.instance import environment
from txplatform.periods import mondays
from txplatform.platform import opened
from txplatform.settings import child_environment

ASSETS = ("transactions", "weekly_aggregates", "weekly_transactions")
LAUNCH = """mutation ($params: LaunchBackfillParams!) { launchPartitionBackfill(
  backfillParams: $params) { __typename ... on LaunchBackfillSuccess { backfillId }
  ... on Error { message } } }"""
STATUS = """query ($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status } } }"""
GREEN = """{ assetNodeOrError(assetKey: {path: ["weekly_transactions"]}) {
  ... on AssetNode { partitionStats { numMaterialized numFailed } } } }"""
PAUSE_SECONDS = 0.25


def backfill(ui: Contender, mondays: list[str]) -> dict[str, Any]:
    """Launch a backfill of these weeks and watch it to its end."""
    began = time.monotonic()
    params = {"assetSelection": [{"path": [name]} for name in ASSETS], "partitionNames": mondays}
    launched = ui.ask(LAUNCH, params=params)["launchPartitionBackfill"]
    if "backfillId" not in launched:
        raise SystemExit(f"The backfill was not launched: {launched}")
    moments: list[tuple[float, int]] = []
    while not moments or moments[-1][1] < len(mondays):
        stats = ui.ask(GREEN)["assetNodeOrError"]["partitionStats"]
        if stats["numFailed"]:
            raise SystemExit(f"{stats['numFailed']} weeks failed.")
        if not moments or stats["numMaterialized"] != moments[-1][1]:
            moments.append((time.monotonic() - began, stats["numMaterialized"]))
            sys.stderr.write(f"{moments[-1][0]:6.1f} s {moments[-1][1]:>4} weeks green\n")
        time.sleep(PAUSE_SECONDS)
    status = wait_for(lambda: completed(ui, launched["backfillId"]))
    first = next(seconds for seconds, green in moments if green)
    return {"weeks": len(mondays), "first_green": first, "last_green": moments[-1][0], **status}


def completed(ui: Contender, backfill_id: str) -> dict[str, str] | None:
    """The status of a backfill that is over."""
    status = ui.ask(STATUS, id=backfill_id)["partitionBackfillOrError"]["status"]
    return {"status": status} if status.startswith("COMPLETED") else None


def ingest(file: Path | None, layout: str, variables: dict[str, str], folder: Path) -> None:
    """Take in the file, or a sample."""
    if file is None:
        file = folder / "sample.csv"
        write_sample(file)
    command = [sys.executable, "-m", "txplatform", "spend", "ingest", str(file), "--layout", layout]
    subprocess.run(command, env=child_environment(**variables), check=True)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--layout", default="delaware")
    parser.add_argument("--weeks", type=int, default=222)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with servers() as (settings, endpoints), ExitStack() as stack:
        variables = environment(settings, endpoints)
        ingest(arguments.file, arguments.layout, variables, settings.state)
        with opened(state_dir=settings.state) as platform:
            span = measuring.span(platform.database)
            documents = data.sums(platform.database)[0]
        first, last = span or (date.min, date.min)
        keys = [week.isoformat() for week in mondays(first, last)][: arguments.weeks]
        keep_warm(settings)
        ui = stack.enter_context(serving("backfill", variables))
        figures = {**backfill(ui, keys), "documents": documents}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    size = {"documents": figures["documents"], "rounds": 1}
    keep(
        "backfill",
        (
            {"name": name, "title": name, **size, "median": figures[key]}
            for name, key in (
                ("first green week", "first_green"),
                ("last green week", "last_green"),
            )
        ),
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
