"""Ingestion against what MongoDB does at best: `insert_many` of documents that are ready.

    python benchmarks/ingestion.py [--file purchases.csv.gz] [--layout delaware] [--rounds 3]

In turns: the bare insert into a collection with the same indexes; the file with parsing, identity,
quarantine and reconciliation; a file of which half is known; and the finished file again. Without
a file, 186,000 rows of the sample. Appends to benchmarks/results/ingestion.jsonl.
"""

import argparse
import gzip
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring import keep, summary, tell
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.platform import Platform, opened

ROWS = 186_000
BATCH = 5_000
TITLES = {
    "insert_many": "bare `insert_many` of ready documents",
    "first": "the file, with identity, quarantine and reconciliation",
    "half_known": "a file of which half is known",
    "again": "the finished file again",
}


def halved(file: Path, folder: Path) -> Path:
    """A file with the header and the first half of the lines."""
    open_text = gzip.open if file.suffix == ".gz" else open
    with open_text(file, "rt", encoding="utf-8", newline="") as source:
        lines = source.readlines()
    half = folder / "half.csv"
    half.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8", newline="")
    return half


def emptied(platform: Platform) -> Database[Any]:
    """The platform's database without any document, its indexes new."""
    database = platform.database
    for name in database.list_collection_names():
        database.drop_collection(name)
    mongo.ensure_indexes(database, tables.INDEXES)
    return database


def insert(database: Database[Any], ready: list[Any]) -> None:
    """The bare insert, in batches as the platform's own."""
    for start in range(0, len(ready), BATCH):
        database[tables.TRANSACTIONS].insert_many(ready[start : start + BATCH], ordered=False)


def timed(work: Callable[[], object]) -> float:
    """Seconds of a piece of work."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def one_round(platform: Platform, file: Path, half: Path, layout: str) -> dict[str, float]:
    """Each way once, over the same rows."""
    database = emptied(platform)
    first = timed(lambda: arrival.take(platform, str(file), layout))
    again = timed(lambda: arrival.take(platform, str(file), layout))
    ready = list(database[tables.TRANSACTIONS].find({}))
    database = emptied(platform)
    bare = timed(lambda: insert(database, ready))
    emptied(platform)
    arrival.take(platform, str(half), layout)
    known = timed(lambda: arrival.take(platform, str(file), layout))
    return {"insert_many": bare, "first": first, "half_known": known, "again": again}


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--layout", default="delaware")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in TITLES}
    with tempfile.TemporaryDirectory() as folder, opened(state_dir=folder) as platform:
        file = arguments.file or Path(folder) / "sample.csv"
        if arguments.file is None:
            write_sample(file, ROWS)
        half = halved(file, Path(folder))
        for number in range(arguments.rounds):
            for name, seconds in one_round(platform, file, half, arguments.layout).items():
                found[name].append(seconds)
            tell(f"{number + 1} " + ", ".join(f"{n} {s[-1]:.2f} s" for n, s in found.items()))
        rows = platform.database[tables.TRANSACTIONS].estimated_document_count()
    keep(
        "ingestion",
        (
            {"name": name, "title": TITLES[name], "documents": rows, **summary(seconds)}
            for name, seconds in found.items()
        ),
    )


if __name__ == "__main__":
    main()
