"""Taking a collection back, or what it does not have any more."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.withdrawal import known_ingestions, withdraw
from txplatform_tests.domains.spend.sources.conftest import Ingest, purchase
from txplatform_tests.domains.spend.sources.stored import rejected, transactions

Document = dict[str, Any]


@pytest.fixture
def ingest(ingest_company: Ingest) -> Ingest:
    """`ingest(layout)`: the report of the company's collection."""
    return ingest_company


def test_what_a_collection_does_not_have_any_more_is_offered_and_taken_back(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    """Earlier versions do not stand again: the company has deleted the purchase itself."""
    company.insert_many([purchase(1), purchase(2), purchase(3, day="2026-07-01")])
    ingest()
    company.update_one({"_id": 3}, {"$set": {"amount": "7.00"}})
    ingest()
    company.delete_many({"_id": {"$in": [2, 3]}})
    assert ingest().vanished == 2
    name = f"{company.database.name}.{company.name}"
    offered = {one["_id"]: one["loaded"] for one in known_ingestions(mongo_database)}
    assert offered == {f"gone from {name}": 2, name: 0}

    done = withdraw(mongo_database, f"gone from {name}", "Ann", "deleted there")

    assert (done.removed, done.restored) == (2, 0)
    assert sorted(map(str, done.weeks)) == ["2026-06-01", "2026-06-29"]
    assert transactions(mongo_database, "_id") == [f'{name}:{{"$numberInt": "1"}}']
    assert [one["_id"] for one in known_ingestions(mongo_database)] == [name]
    assert (ingest().vanished, ingest().unchanged) == (0, 1)


def test_what_somebody_wrote_in_its_name_is_offered_too(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    name = f"{company.database.name}.{company.name}"
    by_hand: list[Document] = [{"_id": f"{name}:by hand"}, {"_id": ObjectId()}]
    company.insert_one(purchase(1))
    ingest()
    mongo_database[tables.TRANSACTIONS].insert_many({**one, "source_file": name} for one in by_hand)

    assert ingest().vanished == 1
    assert withdraw(mongo_database, f"gone from {name}", "Ann", "never there").removed == 1
    assert (ingest().vanished, ingest().unchanged) == (0, 1)


def test_a_collection_is_taken_back_with_all_its_runs(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_one(purchase(1))
    ingest()
    company.insert_many([purchase(2), purchase(3, day="no day")])
    ingest()

    done = withdraw(mongo_database, f"{company.database.name}.{company.name}", "Ann", "a trial")

    assert (done.removed, sorted(map(str, done.weeks))) == (2, ["2026-06-01"])
    assert transactions(mongo_database, "_id") == rejected(mongo_database, "rule") == []
    assert known_ingestions(mongo_database) == []
    assert ingest().loaded == 2
