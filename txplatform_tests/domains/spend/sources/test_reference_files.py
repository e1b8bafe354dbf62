"""The published files: exact counts and sums, at a speed, and faster the second time."""

import gzip
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout

Mongo = Database[dict[str, Any]]

BIRMINGHAM = "birmingham_2014_2018_delaware_columns.csv.gz"
DELAWARE = "delaware_education_2014_2019.csv.gz"
TORONTO = "toronto_pcard_2011_2015.csv.gz"


@pytest.fixture(autouse=True)
def indexed(mongo_database: Mongo) -> None:
    """The platform's collections with their indexes, as `up` makes them."""
    mongo.ensure_indexes(mongo_database, tables.INDEXES)


def stored(database: Mongo) -> tuple[int, Decimal]:
    """Number and sum of the purchases, as MongoDB adds them."""
    group = {"_id": None, "count": {"$sum": 1}, "amount": {"$sum": "$amount"}}
    (found,) = database[tables.TRANSACTIONS].aggregate([{"$group": group}])
    return found["count"], found["amount"].to_decimal()


@pytest.fixture
def work(mongo_database: Mongo) -> Callable[[], float]:
    """CPU seconds since the last look, ours and mongod's: a busy machine does not change them."""
    before = 0.0

    def lap() -> float:
        nonlocal before
        server = mongo_database.command("serverStatus")["extra_info"]
        microseconds = int(server["user_time_us"]) + int(server["system_time_us"])
        last, before = before, time.process_time() + microseconds / 1e6
        return before - last

    return lap


@pytest.mark.long
def test_birmingham_at_a_price(
    shared_data: Path, mongo_database: Mongo, tmp_path: Path, work: Callable[[], float]
) -> None:
    path = shared_data / "spend" / BIRMINGHAM
    renamed = tmp_path / "again.csv"
    renamed.write_bytes(gzip.decompress(path.read_bytes()) + b"\n")
    documents = mongo_database[tables.TRANSACTIONS]

    work()
    report = ingest_file(mongo_database, path, load_layout("delaware"))
    first = work()
    again = ingest_file(mongo_database, renamed, load_layout("delaware"))
    second = work()
    skipped = ingest_file(mongo_database, path, load_layout("delaware"))
    third = work()
    ready = list(documents.find())
    documents.delete_many({})
    work()
    mongo.durable(mongo_database)[tables.TRANSACTIONS].insert_many(ready, ordered=False)
    bare = work()

    assert (report.loaded, report.loaded_amount) == (185_908, Decimal("32832795.56"))
    assert (report.refused, len(report.weeks)) == (0, 199)
    assert (again.loaded, again.unchanged, again.refused) == (0, 185_908, 1)
    assert skipped.is_skipped
    assert stored(mongo_database) == (185_908, Decimal("32832795.56"))
    figures = f"{first:.1f}, {second:.1f} and {third:.2f} s, bare insertion {bare:.1f} s"
    assert first < 4 * bare, figures
    assert second < first, figures
    assert third < 0.5, figures


def test_delaware(shared_data: Path, mongo_database: Mongo) -> None:
    report = ingest_file(mongo_database, shared_data / "spend" / DELAWARE, load_layout("delaware"))

    assert (report.loaded, report.loaded_amount) == (15_156, Decimal("4780934.00"))
    assert len(report.weeks) == 288
    assert stored(mongo_database) == (15_156, Decimal("4780934.00"))


def test_toronto(shared_data: Path, mongo_database: Mongo) -> None:
    report = ingest_file(mongo_database, shared_data / "spend" / TORONTO, load_layout("toronto"))

    assert report.rows_read == 255_214
    assert (report.loaded, report.loaded_amount) == (213_042, Decimal("43449275.79"))
    assert (report.unchanged, report.corrected) == (891, 0)
    assert report.loaded_amount + report.unchanged_amount == Decimal("43601451.39")
    assert report.refused_by_rule == {"PRINTED_TOTAL": 41_281}
    assert stored(mongo_database) == (213_042, Decimal("43449275.79"))


def test_the_raw_sample_of_ten_rows(shared_data: Path, mongo_database: Mongo) -> None:
    report = ingest_file(
        mongo_database,
        shared_data / "spend" / "delaware_raw_sample_10_rows.csv",
        load_layout("delaware"),
    )

    assert (report.loaded, report.refused) == (10, 0)
    assert report.loaded_amount == Decimal("3089.51")
