"""Withdrawals: what was brought leaves, what was corrected stands again, all in the history."""

from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.withdrawal import known_ingestions, withdraw
from txplatform.errors import UsageError
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


def test_what_was_corrected_stands_again(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    before = content(mongo_database)[tables.TRANSACTIONS]
    ingest(JUNE, "june.csv", WITH_IDS)

    done = withdraw(mongo_database, newest(mongo_database), "Ann", "a draft")

    assert (done.removed, done.restored) == (1, 1)
    assert [f"{week}" for week in sorted(done.weeks)] == [
        *("2026-05-11", "2026-05-18", "2026-06-01")
    ]
    assert content(mongo_database)[tables.TRANSACTIONS] == before


def test_a_later_correction_stays(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    may = newest(mongo_database)
    ingest(JUNE, "june.csv", WITH_IDS)

    withdraw(mongo_database, may, "Ann", "a draft")
    withdraw(mongo_database, newest(mongo_database), "Ann", "another")

    assert transactions(mongo_database, "_id") == []


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
