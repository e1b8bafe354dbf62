"""What the alert rules read of MongoDB, and in which parts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from bson.decimal128 import Decimal128
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.alerting import documents
from txplatform.domains.spend.rules.purchases import TRANSACTION_COLUMNS
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.purchases import documents_of

FIRST, LAST = date(2026, 10, 19), date(2026, 10, 26)
PURCHASES = """
    _id | date       | department | division | amount            | merchant
    a   | 2026-10-18 | Roads      | Bridges  | 5.00              | Ironmonger
    b   | 2026-10-19 | Roads      | Bridges  | 9999999999999.99  | Ironmonger
    c   | 2026-10-25 | Roads      | Bridges  | -0.10             | Garden Shop
    d   | 2026-10-26 | Roads      | Bridges  | 0.00              | Café ☕
    e   | 2026-11-01 | Parks      | Trees    | 0.01              | Garden Shop
    f   | 2026-11-02 | Parks      | Trees    | 7.00              | Ironmonger
    """


@pytest.fixture
def collection(mongo_database: Database[Any]) -> Database[Any]:
    """A database with the purchases; one of them by card."""
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    mongo_database[tables.TRANSACTIONS].update_one({"_id": "c"}, {"$set": {"card": "1a2b"}})
    return mongo_database


def test_purchases_are_those_of_the_weeks_to_the_cent(collection: Database[Any]) -> None:
    read = documents.purchases(collection, FIRST, LAST, 2)

    rows = {row["transaction_id"]: row for row in read.to_pylist()}
    assert {one: (row["amount"], row["card"]) for one, row in rows.items()} == {
        "b": (Decimal("9999999999999.99"), None),
        "c": (Decimal("-0.10"), "1a2b"),
        "d": (Decimal("0.00"), None),
        "e": (Decimal("0.01"), None),
    }
    assert (rows["e"]["transaction_date"], rows["e"]["week_start"]) == (date(2026, 11, 1), LAST)
    assert rows["d"]["merchant"] == "Café ☕"
    assert set(TRANSACTION_COLUMNS) <= set(read.column_names)
    assert read.schema.field("amount").type == pa.decimal128(18, 2)


def test_what_was_read_has_the_measure_of_its_weeks(collection: Database[Any]) -> None:
    """Catches: a fingerprint of other documents than those that the alerts come from."""
    before = FIRST - timedelta(weeks=1)
    read = documents.purchases(collection, before, LAST + timedelta(weeks=1), 2)

    measured = documents.measures(read, FIRST, LAST)

    assert measured == measuring.measure(collection, FIRST, LAST, 2)
    silent = date(2026, 11, 9)
    assert documents.measures(read, silent, silent) == measuring.measure(
        collection, silent, silent, 2
    )


@pytest.mark.parametrize("written", ["b", None, 7.0, [7]], ids=str)
def test_a_fingerprint_that_somebody_wrote_is_measured_alike(
    collection: Database[Any], written: object
) -> None:
    """Catches: a type that Arrow does not take, which ended every run over the week."""
    one = {"$set": {"fingerprint": written, "merchant": 5}}
    collection[tables.TRANSACTIONS].update_one({"_id": "b"}, one)

    read = documents.purchases(collection, FIRST, LAST, 2)

    assert documents.measures(read, FIRST, LAST) == measuring.measure(collection, FIRST, LAST, 2)


def test_a_merchants_first_day_is_that_of_its_first_purchase(collection: Database[Any]) -> None:
    """Refunds and zeros are none."""
    first_days = documents.merchants(collection).select(["merchant", "first_day"])

    assert sorted(first_days.to_pylist(), key=str) == [
        {"merchant": "Garden Shop", "first_day": date(2026, 11, 1)},
        {"merchant": "Ironmonger", "first_day": date(2026, 10, 18)},
    ]


def test_digits_are_counted_where_the_amounts_are(mongo_database: Database[Any]) -> None:
    """Catches: refunds, amounts below 10, an exponent for a digit, what is no money."""
    text = """
        _id | date       | department | division | amount  | merchant
        a   | 2026-10-19 | Roads      | Bridges  | 12.00   | ACME
        b   | 2026-10-25 | Roads      | Bridges  | 1299.99 | ACME
        c   | 2026-10-26 | Roads      | Bridges  | 12.00   | ACME
        d   | 2026-10-26 | Parks      | Trees    | 10.00   | ACME
        e   | 2026-10-26 | Parks      | Trees    | 9.99    | ACME
        f   | 2026-10-26 | Parks      | Trees    | -12.00  | ACME
        """
    odd = ["3E+3", "NaN", "Infinity", "-Infinity", "10000000000000000000"]
    others = [*map(Decimal128, odd), 57.7, 42, "12.00", None, [12]]
    (one, *_), transactions = documents_of(text), mongo_database[tables.TRANSACTIONS]
    written = [{**one, "_id": f"o{n}", "amount": other} for n, other in enumerate(others)]
    nameless = {**one, "_id": "n", "department": 5}
    transactions.insert_many([*documents_of(text), *written, nameless])

    found = documents.digit_counts(mongo_database, FIRST, LAST, 2)

    assert sorted(tuple(row.values()) for row in found.to_pylist()) == [
        (FIRST, "Roads", 12, 2),
        (FIRST, "Roads", 30, 1),
        (FIRST, "Roads", 42, 1),
        (FIRST, "Roads", 57, 1),
        (LAST, "Parks", 10, 1),
        (LAST, "Roads", 12, 1),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.decimals(Decimal(10), Decimal("9999999999999.99"), places=2))
def test_first_digits_are_those_that_an_amount_is_written_with(
    mongo_database: Database[Any], amount: Decimal
) -> None:
    one = {**documents_of(PURCHASES)[1], "amount": Decimal128(amount.normalize())}
    mongo_database[tables.TRANSACTIONS].replace_one({"_id": "b"}, one, upsert=True)

    (found,) = documents.digit_counts(mongo_database, FIRST, LAST, 1)["two_digits"].to_pylist()

    assert found == int(f"{amount:.2f}"[:2])


@pytest.mark.parametrize(
    ("fewest", "week"), [(1, date(2026, 10, 12)), (2, FIRST), (3, None)], ids=str
)
def test_data_begin_with_the_first_busy_week(
    collection: Database[Any], fewest: int, week: date | None
) -> None:
    assert documents.first_busy_week(collection, fewest) == week


def test_a_busy_week_years_after_the_first_is_found(collection: Database[Any]) -> None:
    far = {"_id": "old", "transaction_date": documents_of(PURCHASES)[0]["transaction_date"]}
    far["transaction_date"] -= timedelta(weeks=200)
    amount = Decimal128("1.00")
    collection[tables.TRANSACTIONS].insert_one({**far, "amount": amount, "fingerprint": 1})

    assert documents.first_busy_week(collection, 2) == FIRST
    assert documents.first_day(collection) == date(2022, 12, 18)


def test_an_empty_collection_has_no_beginning(mongo_database: Database[Any]) -> None:
    assert documents.first_day(mongo_database) is None
    assert documents.first_busy_week(mongo_database, 1) is None
    assert documents.merchants(mongo_database).num_rows == 0


@given(st.lists(st.integers(0, 160), max_size=40))
def test_parts_cover_the_weeks_and_stay_small(numbers: list[int]) -> None:
    """Each of 100 documents at most, or of one week that has more; and as few parts as can be."""
    counts = {FIRST + WEEK * n: number for n, number in enumerate(numbers)}

    parts = list(measuring.split(counts, list(counts), 100))

    assert [week for part in parts for week in part] == list(counts)
    sizes = [sum(counts[week] for week in part) for part in parts]
    assert all(len(p) == 1 or size <= 100 for p, size in zip(parts, sizes, strict=True))
    first_of_next = [counts[part[0]] for part in parts[1:]]
    assert all(size + later > 100 for size, later in zip(sizes, first_of_next, strict=False))
