"""Interrupted anywhere, even by kill -9: the next try completes, doubles nothing, counts all."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from pymongo import MongoClient, ReplaceOne
from pymongo.database import Database

from txplatform import embedded
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import load
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.records import Policy
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.errors import SourceError
from txplatform_tests.domains.spend.sources import ingesting_child
from txplatform_tests.domains.spend.sources.conftest import POLICY, WITH_IDS
from txplatform_tests.domains.spend.sources.layouts import small
from txplatform_tests.domains.spend.sources.stored import content

Mongo = Database[dict[str, Any]]
ROWS = 12_000  # three batches
TIMES = ("finished_at", "seconds")


class Uninterrupted(NamedTuple):
    """A file, and what an ingestion that nobody disturbs makes of it."""

    path: Path
    report: IngestionReport
    content: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def other_database(endpoints: embedded.Endpoints) -> Iterator[Mongo]:
    """A database for what is undisturbed."""
    with MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        database = client[f"test_{uuid4().hex}"]
        yield database
        client.drop_database(database)


@pytest.fixture(scope="module")
def sample(other_database: Mongo, tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    """A sample of three batches, refused rows and twins among them."""
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    write_sample(path, rows=ROWS)
    report = ingest_file(other_database, path, load_layout("delaware"))
    found = content(other_database)
    other_database.client.drop_database(other_database)
    return Uninterrupted(path, report, found)


@pytest.fixture(scope="module")
def versions(other_database: Mongo, tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    """A file whose ids come back, unchanged or corrected, within a batch and batches later."""
    path = tmp_path_factory.mktemp("versions") / "versions.csv"
    with path.open("w") as file:
        file.write("id,department,division,merchant,day,amount\n")
        for number in range(ROWS):
            known = number % 8 == 0
            row = number % 700 if known else number
            amount = 1 + number // 4_000 if known else 5
            file.write(f"{row},Roads,North,Shell,2026-{1 + row % 9:02}-15,{amount}.00\n")
    report = ingest_file(other_database, path, WITH_IDS, POLICY)
    found = content(other_database)
    other_database.client.drop_database(other_database)
    return Uninterrupted(path, report, found)


def counts(report: IngestionReport) -> dict[str, Any]:
    """A report without its times."""
    return {key: value for key, value in report.to_json().items() if key not in TIMES}


def documents(database: Mongo) -> int:
    """How many purchases there are."""
    return database[tables.TRANSACTIONS].count_documents({})


def test_the_files_are_worth_interrupting(sample: Uninterrupted, versions: Uninterrupted) -> None:
    assert 2 * load.BATCH < ROWS
    assert sample.report.refused > 50
    assert versions.report.corrected > 200
    assert versions.report.unchanged > 200


@pytest.mark.parametrize("killed_at", [1, 4_000, 8_000])
def test_kill_9(
    killed_at: int, sample: Uninterrupted, mongo_database: Mongo, endpoints: embedded.Endpoints
) -> None:
    where = (endpoints.mongo_uri, mongo_database.name, str(sample.path), "delaware")
    with subprocess.Popen([sys.executable, ingesting_child.__file__, *where]) as child:
        while documents(mongo_database) < killed_at:
            assert child.poll() is None
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
    assert documents(mongo_database) < ROWS

    report = ingest_file(mongo_database, sample.path, load_layout("delaware"))

    assert counts(report) == counts(sample.report)
    assert content(mongo_database) == sample.content
    (record,) = mongo_database[tables.INGESTIONS].find()
    assert (record["status"], record["attempts"]) == ("finished", 2)


class StoppedError(Exception):
    """Stands for whatever ends a process between two batches."""


def interrupt_after(batches: int) -> Callable[[str, float], None]:
    """Progress that raises once so many batches were handed on."""
    told = 0

    def on_progress(stage: str, _fraction: float) -> None:
        nonlocal told
        told += stage == "loading"
        if told == batches:
            raise StoppedError

    return on_progress


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_corrections_within_an_interrupted_file(
    batches: int, versions: Uninterrupted, mongo_database: Mongo
) -> None:
    with pytest.raises(StoppedError):
        ingest_file(mongo_database, versions.path, WITH_IDS, POLICY, interrupt_after(batches))

    report = ingest_file(mongo_database, versions.path, WITH_IDS, POLICY)

    assert counts(report) == counts(versions.report)
    assert content(mongo_database) == versions.content


def test_a_kill_between_the_history_and_the_document(
    versions: Uninterrupted, mongo_database: Mongo
) -> None:
    with pytest.raises(StoppedError):
        ingest_file(mongo_database, versions.path, WITH_IDS, POLICY, interrupt_after(3))
    undone = _undo_last_corrections(mongo_database, 200)

    report = ingest_file(mongo_database, versions.path, WITH_IDS, POLICY)

    assert undone > 50
    assert counts(report) == counts(versions.report)
    assert content(mongo_database) == versions.content


def _undo_last_corrections(database: Mongo, count: int) -> int:
    """Put earlier versions of documents back, but leave them in the history as well."""
    latest = database[tables.TRANSACTIONS_HISTORY].find(sort=[("replaced_by_line", 1)])
    last_of_each = list({version["transaction_id"]: version for version in latest}.values())
    replaced = {"transaction_id", "replaced_at", "replaced_by_file", "replaced_by_line"}
    writes = [
        ReplaceOne(
            {"_id": version["transaction_id"], "source_line": version["replaced_by_line"]},
            {key: version[key] for key in version.keys() - replaced - {"_id"}},
        )
        for version in last_of_each[-count:]
    ]
    return database[tables.TRANSACTIONS].bulk_write(writes).modified_count


def test_a_completed_file_does_not_undo_what_came_while_it_lay_interrupted(
    versions: Uninterrupted, mongo_database: Mongo, tmp_path: Path
) -> None:
    with pytest.raises(StoppedError):
        ingest_file(mongo_database, versions.path, WITH_IDS, POLICY, interrupt_after(1))
    later = tmp_path / "later.csv"
    later.write_text(
        "id,department,division,merchant,day,amount\n7,Parks,East,BP,2026-05-05,1.00\n"
    )
    ingest_file(mongo_database, later, WITH_IDS, POLICY)

    ingest_file(mongo_database, versions.path, WITH_IDS, POLICY)

    document = mongo_database[tables.TRANSACTIONS].find_one({"_id": "small:7"})
    assert document is not None
    assert document["department"] == "Parks"


def test_a_row_that_can_be_read_at_the_second_try_leaves_the_quarantine(
    mongo_database: Mongo, tmp_path: Path
) -> None:
    path = tmp_path / "june.csv"
    path.write_text("department,division,merchant,day,amount\nR,N,S,2026-11-24,5.00\n")
    first = ingest_file(mongo_database, path, small(), POLICY)
    mongo_database[tables.INGESTIONS].update_one({}, {"$set": {"status": "running"}})

    second = ingest_file(
        mongo_database, path, small(), Policy(last_day=POLICY.latest().replace(day=24))
    )

    assert (first.refused_by_rule, second.refused_by_rule) == ({"DATE_FUTURE": 1}, {})
    assert second.loaded == 1
    assert mongo_database[tables.TRANSACTIONS_REJECTED].count_documents({}) == 0


@pytest.mark.parametrize("is_file_the_same", [True, False])
def test_two_at_once(
    is_file_the_same: bool, sample: Uninterrupted, mongo_database: Mongo, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(sample.path.read_bytes() + (b"" if is_file_the_same else b"\n"))

    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(ingest_file, mongo_database, path, load_layout("delaware"))
            for path in (sample.path, other)
        ]
        reports = [run.result() for run in runs]

    assert documents(mongo_database) == ROWS
    loaded = [report.loaded for report in reports]
    assert loaded == [ROWS, ROWS] if is_file_the_same else sum(loaded) == ROWS


def test_a_file_that_changes_while_it_is_loaded(
    sample: Uninterrupted, mongo_database: Mongo, tmp_path: Path
) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(sample.path.read_bytes())

    def grow(stage: str, _fraction: float) -> None:
        if stage == "loading":
            with path.open("a") as file:
                file.write("2025,1,NEW,NEW,X,Y,11/25/2024,1.00\n")

    with pytest.raises(SourceError, match="changed while it was read"):
        ingest_file(mongo_database, path, load_layout("delaware"), Policy(), grow)
    (record,) = mongo_database[tables.INGESTIONS].find()
    assert record["status"] == "failed"
    assert 0 < documents(mongo_database) < ROWS

    report = ingest_file(mongo_database, path, load_layout("delaware"))

    assert (report.loaded + report.unchanged) == ROWS + 1
    assert documents(mongo_database) == ROWS + 1
