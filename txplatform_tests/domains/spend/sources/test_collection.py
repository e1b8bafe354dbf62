"""A company's collection: read and never written, its own ids, and what is new, changed or gone."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from txplatform import embedded
from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.collection import ingest_collection
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.errors import SourceError, UsageError
from txplatform_tests.domains.spend.sources.conftest import POLICY, Ingest, address, purchase, write
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small
from txplatform_tests.domains.spend.sources.stored import history, rejected, transactions

Document = dict[str, Any]


@pytest.fixture
def ingest(ingest_company: Ingest) -> Ingest:
    """`ingest(layout)`: the report of the company's collection."""
    return ingest_company


def test_ids_are_the_collections_own(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    ids = [7, "x y", ObjectId("5f0000000000000000000001"), {"a": 1}]
    company.insert_many([purchase(number) for number in ids])

    report = ingest()

    name = f"{company.database.name}.purchases.2026"
    assert (report.file, report.loaded) == (name, 4)
    assert set(transactions(mongo_database, "_id")) == {
        f'{name}:{{"$numberInt": "7"}}',
        f'{name}:"x y"',
        f'{name}:{{"$oid": "5f0000000000000000000001"}}',
        f'{name}:{{"a": {{"$numberInt": "1"}}}}',
    }
    assert set(transactions(mongo_database, "source_file", "source_line")) == {f"{name} | None"}


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        ("2026-06-01", "5.28"),
        ("2026-06-01", "$5.28"),
        ("2026-06-01", 5.28),
        (datetime(2026, 6, 1), Decimal128("5.28")),
        (datetime(2026, 6, 1, 23, 59), Decimal128("5.280")),
    ],
)
def test_strings_and_doubles_of_an_import(
    day: object,
    amount: object,
    company: Collection[Document],
    ingest: Ingest,
    mongo_database: Database[Document],
) -> None:
    company.insert_one(purchase(1, day, amount))

    ingest()

    assert transactions(mongo_database, "transaction_date", "amount") == ["2026-06-01 | 5.28"]


def test_integers_and_embedded_documents(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_one(purchase(1, amount=Int64(5)) | {"merchant": {"name": "Shell", "code": 5541}})

    ingest(small(columns=COLUMNS.replace('"merchant"', '"merchant.name"')))

    assert transactions(mongo_database, "merchant", "amount") == ["Shell | 5.00"]


def test_an_instant_is_the_day_of_the_layouts_zone(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_one(purchase(1, datetime(2026, 5, 31, 22)))  # midnight in Paris

    ingest(small('time_zone = "Europe/Paris"'))

    assert transactions(mongo_database, "transaction_date") == ["2026-06-01"]


def test_a_repeated_run_takes_what_is_new_or_changed_and_reports_what_has_vanished(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_many([purchase(number) for number in range(5)])
    ingest()
    company.insert_one(purchase(5, "2026-07-01"))
    company.update_one({"_id": 1}, {"$set": {"amount": "6.00"}})
    company.delete_many({"_id": {"$in": [2, 3]}})

    report = ingest()

    assert (report.rows_read, report.loaded, report.unchanged) == (4, 1, 2)
    assert (report.corrected, report.vanished) == (1, 2)
    assert report.weeks == {date(2026, 6, 1), date(2026, 6, 29)}
    assert history(mongo_database, "amount") == ["5.28"]
    assert mongo_database[tables.TRANSACTIONS].count_documents({}) == 6
    assert report.sentence.endswith("; 2 have vanished from the source.")


def test_a_run_without_changes_changes_nothing(
    company: Collection[Document], ingest: Ingest
) -> None:
    company.insert_many([purchase(number) for number in range(5)])
    ingest()

    report = ingest()

    assert (report.loaded, report.unchanged, report.weeks) == (0, 5, frozenset())
    assert not report.is_skipped


def test_the_collection_is_never_written_to(company: Collection[Document], ingest: Ingest) -> None:
    company.insert_many([purchase(1), purchase(2, day="never")])
    before = everything(company)

    ingest()

    assert everything(company) == before


def everything(collection: Collection[Document]) -> tuple[object, ...]:
    """Documents, indexes and neighbours of a collection."""
    database = collection.database
    return list(collection.find()), collection.index_information(), database.list_collection_names()


@pytest.mark.parametrize("late", [{"Shop": {"Trade  NAME": "Late"}}, {"shop.trade name": "Late"}])
def test_a_field_that_comes_late_is_used(
    late: Document,
    company: Collection[Document],
    ingest: Ingest,
    mongo_database: Database[Document],
) -> None:
    """Catches: fields made of the first 10,000 documents alone; however the late one is written."""
    company.insert_many({**purchase(number), "shop": 1} for number in range(10_000))
    company.insert_one({**purchase("late"), **late})

    report = ingest(small(columns=COLUMNS.replace('"merchant"', '"shop.trade name"')))

    assert report.loaded == 10_001
    assert "Late" in transactions(mongo_database, "merchant")


def test_refused_documents_are_those_of_the_latest_run(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_many([purchase(1, day="never"), purchase(2, amount="free"), purchase(3)])
    ingest()
    company.update_one({"_id": 1}, {"$set": {"day": "2026-06-01"}})

    report = ingest()

    assert report.refused_by_rule == {"AMOUNT_TEXT": 1}
    assert rejected(mongo_database, "rule", "source_line") == ["AMOUNT_TEXT | 2"]
    (row,) = mongo_database[tables.TRANSACTIONS_REJECTED].find()
    assert '"merchant": "Shell"' in row["raw"]
    assert '"_id": "{\\"$numberInt\\": \\"2\\"}"' in row["raw"]


def test_an_interrupted_run_is_followed_by_one_that_reports_its_weeks_too(
    company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_many([purchase(1), purchase(2, "2026-07-01"), purchase(3, "2026-08-03")])
    ingest()
    company.update_one({"_id": 1}, {"$set": {"day": "2026-09-01"}})
    ingest()
    last = {"kind": "collection", "corrected": 1}
    mongo_database[tables.INGESTIONS].update_one(last, {"$set": {"status": "running"}})
    # In the meantime the collection has moved on.
    company.update_one({"_id": 2}, {"$set": {"amount": "6.00"}})
    company.delete_one({"_id": 3})

    report = ingest()

    assert (report.unchanged, report.corrected, report.vanished) == (1, 1, 1)
    assert report.weeks == {date(2026, 6, 1), date(2026, 8, 31), date(2026, 6, 29)}
    assert ingest().weeks == frozenset()
    states = [
        run["status"] for run in mongo_database[tables.INGESTIONS].find(sort=[("started_at", 1)])
    ]
    assert states == ["finished", "superseded", "finished", "finished"]


def test_a_file_and_a_collection_live_side_by_side(
    company: Collection[Document],
    ingest: Ingest,
    mongo_database: Database[Document],
    tmp_path: Any,
) -> None:
    company.insert_one(purchase(1))
    csv = "department, division, merchant, day, amount\nRoads, North, Shell, 2026-06-01, 5.28\n"
    ingest_file(mongo_database, write(tmp_path / "x.csv", csv), small(), POLICY)

    report = ingest()

    assert (report.loaded, report.vanished) == (1, 0)
    assert report.loaded_amount == Decimal("5.28")


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("mongodb://127.0.0.1:1", "Write the source as mongodb://host/database.collection."),
        ("mongodb://127.0.0.1:1/db", "Write the source as mongodb://host/database.collection."),
        ("mongodb://127.0.0.1:x/db.c", "The source is not a MongoDB address: "),
    ],
)
def test_addresses_that_name_no_collection(
    uri: str, sentence: str, mongo_database: Database[Document]
) -> None:
    with pytest.raises(UsageError) as error:
        ingest_collection(mongo_database, uri, small(), POLICY)

    assert str(error.value).startswith(sentence)


def test_a_server_that_does_not_answer(mongo_database: Database[Document]) -> None:
    uri = "mongodb://user:secret@127.0.0.1:1/db.c?serverSelectionTimeoutMS=50"

    with pytest.raises(SourceError, match=r"The collection db\.c cannot be read: ") as error:
        ingest_collection(mongo_database, uri, small(), POLICY)

    assert "secret" not in str(error.value)


def test_a_collection_without_documents(ingest: Ingest) -> None:
    with pytest.raises(SourceError, match=r"purchases\.2026 has no documents: check its name"):
        ingest()


def test_a_collection_that_lacks_a_field(company: Collection[Document], ingest: Ingest) -> None:
    company.insert_one({"department": "Roads"})

    with pytest.raises(SourceError, match="has no column 'division', which the layout small needs"):
        ingest()


def test_the_platforms_own_collections_are_no_source(
    mongo_database: Database[Document], endpoints: embedded.Endpoints
) -> None:
    uri = address(endpoints, f"{mongo_database.name}.{tables.TRANSACTIONS}")

    with pytest.raises(UsageError, match="is the platform's own"):
        ingest_collection(mongo_database, uri, small(), POLICY)


def test_the_address_of_the_test_server_is_understood(endpoints: embedded.Endpoints) -> None:
    with MongoClient[Document](address(endpoints, "a.b")) as client:
        assert client.get_default_database().name == "a"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_an_instant_that_no_calendar_has_is_refused_alone(
    zone: str, company: Collection[Document], ingest: Ingest, mongo_database: Database[Document]
) -> None:
    company.insert_many(
        [purchase(1), purchase(2, DatetimeMS(1 << 60)), purchase(3, DatetimeMS(-(1 << 60)))]
    )

    report = ingest(small(f'time_zone = "{zone}"', COLUMNS))

    assert (report.loaded, report.refused) == (1, 2)
    assert sorted(rejected(mongo_database, "rule")) == ["DATE_BEFORE_FIRST_WEEK", "DATE_FUTURE"]
