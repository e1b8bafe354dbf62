"""What MongoDB's other users feel of a backfill: how long one of them waits for a document.

    python benchmarks/load.py [--size 2m] [--file purchases.csv.gz] [--state FOLDER]

A point read by `_id` twenty times a second while nobody computes, and while all weeks are computed
with one and with two sums side by side (`TXPLATFORM_MONGO_PARALLEL_READS`). Appends to
benchmarks/results/load.jsonl.
"""

import statistics
import threading
import time
from typing import Any

import data
from measuring import keep, tell
from pymongo import MongoClient
from rivals import ours

from txplatform.domains.spend import tables
from txplatform.platform import Platform

PAUSE_SECONDS = 0.05
IDLE_SECONDS = 15
SIDE_BY_SIDE = (1, 2)


class Reader:
    """Reads one document after the other, in a thread, and notes how long each took."""

    def __init__(self, platform: Platform) -> None:
        self.client: MongoClient[Any] = MongoClient(platform.endpoints.mongo_uri)
        self.collection = self.client[platform.database.name][tables.TRANSACTIONS]
        sample = self.collection.aggregate([{"$sample": {"size": 500}}, {"$project": {"_id": 1}}])
        self.ids = [one["_id"] for one in sample]
        self.over = threading.Event()
        self.milliseconds: list[float] = []

    def __enter__(self) -> "Reader":
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        self.client.close()

    def _read(self) -> None:
        while not self.over.wait(PAUSE_SECONDS):
            one = self.ids[len(self.milliseconds) % len(self.ids)]
            began = time.monotonic()
            self.collection.find_one({"_id": one})
            self.milliseconds.append((time.monotonic() - began) * 1000)

    def figures(self) -> dict[str, float]:
        """Percentiles, and how many reads they are of."""
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "reads": len(cuts) + 1}


def idle(platform: Platform) -> dict[str, Any]:
    """The reads alone."""
    with Reader(platform) as reader:
        time.sleep(IDLE_SECONDS)
    return {"name": "idle", **reader.figures(), "reads": len(reader.milliseconds)}


def during(platform: Platform, session: Any, parallel: int) -> dict[str, Any]:
    """The reads while all weeks are computed."""
    settings = platform.settings
    one = Platform(settings.model_copy(update={"mongo_parallel_reads": parallel}))
    began = time.monotonic()
    with Reader(platform) as reader:
        ours.run(one, session)
    seconds = time.monotonic() - began
    one.close()
    head = {"name": f"backfill, {parallel} side by side", "backfill_seconds": seconds}
    return {**head, **reader.figures(), "reads": len(reader.milliseconds)}


def main() -> None:
    """Measure, print, append."""
    arguments = data.options(__doc__).parse_args()
    with data.filled(arguments) as platform:
        session = ours.session(platform)
        records = [idle(platform)]
        for parallel in SIDE_BY_SIDE:
            records.append(during(platform, session, parallel))
            tell(str(records[-1]))
        size = data.sums(platform.database)[0]
    keep("load", ({"documents": size, **one} for one in records))


if __name__ == "__main__":
    main()
