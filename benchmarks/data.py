"""Purchases for the benchmarks: as many documents as wanted, in the shape of a real city's.

The base is a published file or the seeded sample, ingested by the platform itself; it is copied
inside the client as raw BSON, each copy with ids of its own, until the size is reached. Weeks,
departments, divisions, repeats and refunds keep their shares, so every rival gets the same answer
multiplied.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from bson import encode
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument
from pymongo import MongoClient
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.platform import Platform, opened

BATCH = 20_000
WRITERS = 2


def options(description: str | None) -> argparse.ArgumentParser:
    """A parser of what every benchmark over documents is asked: how many, of which file, where."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--size", type=documents, default=2_000_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--state", help="A folder that keeps the documents for the next time.")
    return parser


@contextmanager
def filled(arguments: argparse.Namespace) -> Iterator[Platform]:
    """A platform with the documents that the options of a benchmark ask for."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(state_dir=arguments.state or folder) as platform,
    ):
        fill(platform, arguments.size, arguments.file)
        yield platform


def fill(platform: Platform, size: int, file: Path | None = None, layout: str = "delaware") -> int:
    """Bring `transactions` to about `size` documents; returns how many there are."""
    database = platform.database
    collection = database[tables.TRANSACTIONS]
    if collection.estimated_document_count() == 0:
        if file is None:
            file = platform.settings.state / "sample.csv"
            write_sample(file)
        arrival.take(platform, str(file), layout)
    if collection.estimated_document_count() > size * 0.9:
        return collection.estimated_document_count()
    base = list(collection.with_options(codec_options=DEFAULT_RAW_BSON_OPTIONS).find({}))
    copies = round(size / len(base)) - 1
    if copies > 0:
        collection.drop_indexes()
        _insert(platform.endpoints.mongo_uri, database.name, base, copies)
        mongo.ensure_indexes(database, tables.INDEXES)
    return collection.estimated_document_count()


def _insert(uri: str, name: str, base: list[RawBSONDocument], copies: int) -> None:
    done = 0
    with MongoClient[Any](uri) as client, ThreadPoolExecutor(WRITERS) as pool:
        collection = client[name][tables.TRANSACTIONS].with_options(
            codec_options=DEFAULT_RAW_BSON_OPTIONS
        )
        documents = _copies(base, copies)
        while some := [part for _ in range(WRITERS) if (part := list(islice(documents, BATCH)))]:
            list(pool.map(lambda one: collection.insert_many(one, ordered=False), some))
            done += sum(map(len, some))
            sys.stderr.write(f"\r{done:,} documents copied")
    sys.stderr.write("\n")


def _copies(base: list[RawBSONDocument], copies: int) -> Iterator[RawBSONDocument]:
    """The base again and again; the first characters of each id become the copy's number."""
    for number in range(1, copies + 1):
        prefix = f"x{number:03x}"
        for document in base:
            old = encode({"_id": document["_id"]})[4:-1]
            new = encode({"_id": prefix + document["_id"][4:]})[4:-1]
            yield RawBSONDocument(bytes(document.raw).replace(old, new, 1))


def documents(size: str) -> int:
    """A number of documents as people write it: 200000, 200k, 2m, 10m.

    Raises:
        ValueError: it is none.
    """
    factor = {"k": 10**3, "m": 10**6}.get(size[-1:].lower(), 1)
    return round(float(size.rstrip("kKmM")) * factor)


def sums(database: Database[Any]) -> tuple[int, Any]:
    """Number and sum of all documents, as mongod adds them up."""
    group = {"_id": None, "count": {"$sum": 1}, "amount": {"$sum": "$amount"}}
    (found,) = database[tables.TRANSACTIONS].aggregate([{"$group": group}])
    return found["count"], found["amount"].to_decimal()
