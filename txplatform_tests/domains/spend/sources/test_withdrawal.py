"""Withdrawals: what was brought leaves, what was corrected stands again, all in the history."""

import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.domains.spend.sources.withdrawal import known_ingestions, withdraw
from txplatform.domains.spend.tables import TRANSACTIONS_HISTORY as HISTORY
from txplatform.embedded import Endpoints
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.sources import ingesting_child, withdrawing_child
from txplatform_tests.domains.spend.sources.conftest import WITH_IDS, Ingest
from txplatform_tests.domains.spend.sources.layouts import small
from txplatform_tests.domains.spend.sources.stored import content, rejected, transactions
from txplatform_tests.domains.spend.sources.test_corrections import JUNE, MAY

Mongo = Database[dict[str, Any]]
US = """day, department, division, merchant, amount
02/01/2024, Roads, North, A, 100.00
03/04/2024, Roads, North, B, 200.00
99/99/2024, Roads, North, C, 300.00
"""
BRITISH, AMERICAN = (
    small().model_copy(update={"date_format": f"{one}/yyyy"}) for one in ("dd/MM", "MM/dd")
)


def newest(database: Mongo) -> str:
    """The id of the ingestion that was begun last."""
    return str(known_ingestions(database)[0]["_id"])


def test_a_file_is_read_again_with_another_layout(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(US, layout=BRITISH)
    assert ingest(US, layout=AMERICAN).is_skipped

    done = withdraw(mongo_database, newest(mongo_database)[:12], "Ann", "the wrong layout")
    assert (done.removed, done.restored) == (2, 0)
    assert [f"{week}" for week in sorted(done.weeks)] == ["2024-01-01", "2024-04-01"]
    assert transactions(mongo_database, "_id") == rejected(mongo_database, "rule") == []
    assert known_ingestions(mongo_database) == []
    kept = list(mongo_database[tables.TRANSACTIONS_HISTORY].find())
    assert {(one["withdrawn_by"], one["withdrawn_because"]) for one in kept} == {
        ("Ann", "the wrong layout")
    }

    again = ingest(US, layout=AMERICAN)

    assert (again.loaded, again.refused) == (2, 1)
    assert transactions(mongo_database, "transaction_date") == ["2024-02-01", "2024-03-04"]


@pytest.mark.parametrize("is_finished", [True, False])
def test_what_was_corrected_stands_again(
    is_finished: bool, ingest: Ingest, mongo_database: Mongo
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    before = content(mongo_database)[tables.TRANSACTIONS]
    ingest(JUNE, "june.csv", WITH_IDS)
    if not is_finished:  # what an ingestion leaves that stopped at its end
        left = {"$set": {"status": "failed"}, "$unset": {"weeks": ""}}
        mongo_database[tables.INGESTIONS].update_one({"file": "june.csv"}, left)

    done = withdraw(mongo_database, newest(mongo_database), "Ann", "a draft")

    assert (done.removed, done.restored) == (1, 1)
    assert [f"{week}" for week in sorted(done.weeks)] == [
        *("2026-05-11", "2026-05-18", "2026-06-01")
    ]
    assert content(mongo_database)[tables.TRANSACTIONS] == before


@pytest.mark.parametrize(
    "odd",
    [
        {"amount": "12.50"},
        {"amount": None},
        {"amount": []},
        {"amount": datetime(2026, 5, 12), "department": 7, "merchant": {}},
        {"transaction_date": "2026-05-12"},
        {"transaction_date": None},
        {"transaction_date": DatetimeMS(1 << 60)},
    ],
)
def test_what_somebody_wrote_over_leaves_and_what_was_before_stands_again(
    odd: dict[str, Any], ingest: Ingest, mongo_database: Mongo
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    before = content(mongo_database)[tables.TRANSACTIONS]
    ingest(JUNE, "june.csv", WITH_IDS)
    june = newest(mongo_database)
    mongo_database[tables.TRANSACTIONS].update_many({"source_file": "june.csv"}, {"$set": odd})
    ingest(JUNE + " ", "again.csv", WITH_IDS)

    for name in (newest(mongo_database), june):
        withdraw(mongo_database, name, "Ann", "not these")

    assert content(mongo_database)[tables.TRANSACTIONS] == before


def test_a_later_correction_stays(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    may = newest(mongo_database)
    ingest(JUNE, "june.csv", WITH_IDS)

    withdraw(mongo_database, may, "Ann", "a draft")
    withdraw(mongo_database, newest(mongo_database), "Ann", "another")

    assert transactions(mongo_database, "_id") == []


def test_the_same_command_again_finishes_what_was_done(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    """Catches: a command killed after its last write, whose repetition finds nothing and fails."""
    ingest(MAY, "may.csv", WITH_IDS)
    may = newest(mongo_database)

    first, again = (withdraw(mongo_database, may, "Ann", "a draft") for _ in range(2))

    assert (first.removed, again.removed, again.weeks) == (3, 0, first.weeks)
    assert ingest(MAY, "may.csv", WITH_IDS).loaded == 3
    assert withdraw(mongo_database, may, "Ann", "another").removed == 3


def test_an_ingestion_that_is_not_there_is_one_sentence(mongo_database: Mongo) -> None:
    with pytest.raises(UsageError, match="No ingestion of a file begins with 'abc'"):
        withdraw(mongo_database, "abc", "Ann", "why not")


def test_the_record_and_its_history_stay(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(MAY, "may.csv", WITH_IDS)

    withdraw(mongo_database, newest(mongo_database), "Ann", "a draft")

    [record] = mongo_database[tables.INGESTIONS].find()
    assert (record["status"], record["withdrawn_by"], record["file"]) == (
        "withdrawn",
        "Ann",
        "may.csv",
    )
    kept = mongo_database[tables.TRANSACTIONS_HISTORY].find(sort=[("transaction_id", 1)])
    assert [one["transaction_id"] for one in kept] == ["small:A-1", "small:A-2", "small:A-3"]


def test_what_another_file_brought_is_left_alone(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(MAY, "may.csv")
    before = transactions(mongo_database, "_id", "source_file")
    ingest(US, "us.csv", layout=AMERICAN)

    withdraw(mongo_database, newest(mongo_database), "Ann", "a draft")

    assert transactions(mongo_database, "_id", "source_file") == before


def test_rows_that_two_files_share_come_back_with_the_other_one(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    """Catches: a row of June that left with May, and June "nothing to do" for ever."""
    ingest(MAY, "may.csv", WITH_IDS)
    ingest(JUNE, "june.csv", WITH_IDS)
    may = next(one for one in known_ingestions(mongo_database) if one["file"] == "may.csv")

    done = withdraw(mongo_database, may["_id"], "Ann", "a draft")
    left = transactions(mongo_database, "_id", "amount")
    again = ingest(JUNE, "june.csv", WITH_IDS)

    assert done.to_read_again == ("june.csv",)
    assert "ingest these again: june.csv" in done.sentence
    assert left == ["small:A-3 | 7.50", "small:A-4 | 8.00"]
    assert (again.is_skipped, again.loaded, again.corrected) == (False, 2, 1)
    assert transactions(mongo_database, "_id") == ["small:A-2", "small:A-3", "small:A-4"]
    assert ingest(JUNE, "june.csv", WITH_IDS).is_skipped


def test_a_file_that_comes_again_undoes_no_correction(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    """May was withdrawn for its layout; what June corrected meanwhile is still the newer one."""
    ingest(MAY, "may.csv", WITH_IDS)
    may = newest(mongo_database)
    ingest(JUNE, "june.csv", WITH_IDS)
    withdraw(mongo_database, may, "Ann", "the wrong layout")

    again = ingest(MAY, "may.csv", WITH_IDS.model_copy(update={"description": "another"}))

    assert (again.loaded, again.unchanged, again.corrected) == (2, 1, 0)
    assert transactions(mongo_database, "_id", "amount") == [
        "small:A-3 | 7.50",
        "small:A-4 | 8.00",
        "small:A-1 | 5.00",
        "small:A-2 | 6.00",
    ]


def test_an_ingestion_that_was_killed_is_taken_back_and_read_with_another_layout(
    mongo_database: Mongo, tmp_path: Path, endpoints: Endpoints
) -> None:
    """Catches: one that is in progress for ever, with a layout that nobody has any more."""
    path = tmp_path / "sample.csv"
    write_sample(path, rows=12_000)
    purchases = mongo_database[tables.TRANSACTIONS]
    command = [sys.executable, ingesting_child.__file__, endpoints.mongo_uri]
    with subprocess.Popen([*command, mongo_database.name, str(path), "delaware"]) as child:
        while not purchases.count_documents({}):
            assert child.poll() is None
            time.sleep(0.002)
        with pytest.raises(UsageError, match="is being ingested: withdraw it when that is over"):
            withdraw(mongo_database, newest(mongo_database), "Ann", "the wrong layout")
        child.send_signal(signal.SIGKILL)
    time.sleep(1)  # MongoDB finishes what it was sent
    other = load_layout("delaware").model_copy(update={"thousands_sign": ""})
    with pytest.raises(UsageError, match=r"or take back what it brought: `txplatform spend with"):
        ingest_file(mongo_database, path, other)

    done = withdraw(mongo_database, newest(mongo_database), "Ann", "the wrong layout")

    assert done.removed > 0 == purchases.count_documents({})
    assert ingest_file(mongo_database, path, other).loaded > done.removed


@pytest.mark.parametrize("killed_at", [1, 2_000])
def test_kill_9_and_the_same_command_again(
    killed_at: int, mongo_database: Mongo, tmp_path: Path, endpoints: Endpoints
) -> None:
    path = tmp_path / "sample.csv"
    write_sample(path, rows=6_000)
    ingest_file(mongo_database, path, load_layout("delaware"))
    before = content(mongo_database)[tables.TRANSACTIONS]
    purchases, history = (mongo_database[name] for name in (tables.TRANSACTIONS, HISTORY))

    command = [sys.executable, withdrawing_child.__file__, endpoints.mongo_uri]
    with subprocess.Popen([*command, mongo_database.name, newest(mongo_database)]) as child:
        while history.count_documents({}) < killed_at:
            assert child.poll() is None
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
    assert purchases.count_documents({}) > 0, "killed too late to be worth it"
    withdraw(mongo_database, newest(mongo_database), "Ann", "a draft")

    assert purchases.count_documents({}) == 0
    kept = sorted(one["transaction_id"] for one in history.find({}, {"transaction_id": 1}))
    assert kept == [one["_id"] for one in before]
    again = ingest_file(mongo_database, path, load_layout("delaware"))
    assert again.loaded == len(before)
    assert content(mongo_database)[tables.TRANSACTIONS] == before
