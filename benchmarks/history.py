"""What history costs a week: the same weeks with all documents, and with a fifth of the history.

    python benchmarks/history.py [--size 2m] [--file purchases.csv.gz] [--state FOLDER]

A second collection holds the last fifth of the weeks; both are computed in turns in one process
with Spark warm, so the ratio holds on a busy machine. Appends to benchmarks/results/history.jsonl.
"""

import sys
import time
from datetime import date
from typing import Any

import data
from measuring import keep, summary, tell
from rivals import ours

from txplatform.connectors import mongo
from txplatform.domains.spend import computation, measuring, planning, publishing, tables
from txplatform.domains.spend.transforms import pushdown
from txplatform.periods import mondays
from txplatform.platform import Platform

SHARE = 5
ROUNDS = 10
RECENT = "recent"


def recent_only(platform: Platform) -> Platform:
    """A platform over a database that holds the last fifth of the weeks."""
    settings = platform.settings
    database = f"{settings.mongo_database}_{RECENT}"
    name, mondays = tables.TRANSACTIONS, planning.all_weeks(platform)
    since = {"transaction_date": {"$gte": pushdown.at_midnight(mondays[-len(mondays) // SHARE])}}
    target = platform.database.client[database]
    if target[name].estimated_document_count() == 0:
        out = {"$out": {"db": database, "coll": name}}
        platform.database[name].aggregate([{"$match": since}, out])
    mongo.ensure_indexes(target, tables.INDEXES)
    return Platform(settings.model_copy(update={"mongo_database": database}))


def seconds(platform: Platform, session: Any, week: date) -> float:
    """How long one week takes from the question to MongoDB to the rows in PostgreSQL."""
    began = time.monotonic()
    computed = computation.compute(platform, lambda: session, [week])
    publishing.publish(platform.engine, computed, "benchmark")
    return time.monotonic() - began


def compare(platform: Platform) -> list[dict[str, Any]]:
    """The last weeks in turns, with and without their history."""
    session = ours.session(platform)
    recent = recent_only(platform)
    found: dict[str, list[float]] = {"all": [], RECENT: []}
    chosen = planning.all_weeks(platform)[-ROUNDS - 2 : -2]
    for number, week in enumerate(chosen):
        pair = [("all", platform), (RECENT, recent)]
        for name, one in pair[:: 1 if number % 2 else -1]:
            found[name].append(seconds(one, session, week))
        tell(f"{week} {found['all'][-1]:.2f} s, recent {found[RECENT][-1]:.2f} s")
    records = []
    for name, one in (("all", platform), (RECENT, recent)):
        size = data.sums(one.database)[0]
        span = measuring.span(one.database) or (date.min, date.min)
        covered = len(mondays(*span))
        head = {"name": name, "title": f"one week of {covered}, running process"}
        records.append({**head, "documents": size, "weeks": covered, **summary(found[name])})
    recent.close()
    return records


def main() -> None:
    """Measure, print, append."""
    arguments = data.options(__doc__).parse_args()
    with data.filled(arguments) as platform:
        records = compare(platform)
    keep("history", records)
    sys.stdout.write(f"all / recent: {records[0]['median'] / records[1]['median']:.2f}\n")


if __name__ == "__main__":
    main()
