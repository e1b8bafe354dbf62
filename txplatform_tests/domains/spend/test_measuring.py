"""Weeks of the collection: measure and fingerprint, and what changes them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.periods import monday_of, mondays
from txplatform_tests.domains.spend.purchases import documents_of

WEEK = date(2026, 11, 16)
PURCHASES = """
    date       | department | division | amount
    2026-11-16 | Roads      | Bridges  | 10.00
    2026-11-16 | Roads      | Bridges  | 10.00
    2026-11-22 | Parks      | Trees    | -2.50
    2026-11-30 | Parks      | Trees    | 4.00
    """


def _measure(database: Database[Any], week: date = WEEK) -> WeekMeasure:
    return measuring.measure(database, week, week, 2)[week]


@pytest.fixture
def purchases(mongo_database: Database[Any]) -> Database[Any]:
    """A database that holds `PURCHASES`."""
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    return mongo_database


def test_a_week_is_counted_and_summed(purchases: Database[Any]) -> None:
    found = measuring.measure(purchases, date(2026, 11, 9), date(2026, 11, 30), 2)

    assert [one[:3] for one in found.values()] == [
        (date(2026, 11, 9), 0, Decimal("0.00")),
        (date(2026, 11, 16), 3, Decimal("17.50")),
        (date(2026, 11, 23), 0, Decimal("0.00")),
        (date(2026, 11, 30), 1, Decimal("4.00")),
    ]
    assert [week for week, one in found.items() if one.fingerprint == NO_DOCUMENTS] == [
        date(2026, 11, 9),
        date(2026, 11, 23),
    ]


def test_measures_of_divisions_are_those_of_the_week(purchases: Database[Any]) -> None:
    sums = measuring.division_sums(purchases, date(2026, 11, 9), date(2026, 11, 30), 2)

    assert measuring.measures_of(sums, date(2026, 11, 9), date(2026, 11, 30)) == measuring.measure(
        purchases, date(2026, 11, 9), date(2026, 11, 30), 2
    )


def test_the_order_of_arrival_leaves_the_fingerprint_alone(purchases: Database[Any]) -> None:
    before = _measure(purchases)
    purchases[tables.TRANSACTIONS].drop()
    purchases[tables.TRANSACTIONS].insert_many(reversed(documents_of(PURCHASES)))

    assert _measure(purchases) == before


@pytest.mark.parametrize(
    "change",
    [
        {"department": "Parks", "fingerprint": 1},
        {"merchant": "Florist", "fingerprint": 1},
        {"amount": Decimal128("10.01")},
    ],
)
def test_a_correction_changes_the_fingerprint(
    purchases: Database[Any], change: dict[str, Any]
) -> None:
    """A moved department leaves count and sum of the week alone: its fingerprint tells."""
    before = _measure(purchases)

    purchases[tables.TRANSACTIONS].update_one({"department": "Roads"}, {"$set": change})

    assert _measure(purchases).fingerprint != before.fingerprint


def test_one_of_two_equal_purchases_counts_in_the_fingerprint(purchases: Database[Any]) -> None:
    before = _measure(purchases)

    purchases[tables.TRANSACTIONS].delete_one({"department": "Roads"})

    assert _measure(purchases).fingerprint != before.fingerprint


def test_another_week_leaves_the_fingerprint_alone(purchases: Database[Any]) -> None:
    before = _measure(purchases)

    purchases[tables.TRANSACTIONS].delete_many(documents_of(PURCHASES)[-1])

    assert _measure(purchases, date(2026, 11, 30)).document_count == 0
    assert _measure(purchases) == before


def test_the_span_reaches_from_the_first_purchase_to_the_last(purchases: Database[Any]) -> None:
    assert measuring.span(purchases) == (date(2026, 11, 16), date(2026, 11, 30))


def test_nothing_has_no_span(mongo_database: Database[Any]) -> None:
    assert measuring.span(mongo_database) is None
    assert _measure(mongo_database) == WeekMeasure(WEEK, 0, Decimal("0.00"), NO_DOCUMENTS)


@pytest.mark.parametrize("parallel", [1, 2, 7, 64])
def test_slices_neither_lose_nor_repeat_a_week(purchases: Database[Any], parallel: int) -> None:
    """Catches: a range that is split within a week or leaves its last weeks out."""
    found = measuring.division_sums(purchases, date(2026, 1, 5), date(2026, 12, 28), parallel)

    assert sum(found["transaction_count"].to_pylist()) == 4
    assert len(measuring.measure(purchases, date(2026, 1, 5), date(2026, 12, 28), parallel)) == 52


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-11-16", "2026-11-16"),
        ("2026-11-22", "2026-11-16"),
        ("2025-01-01", "2024-12-30"),
        ("2021-01-03", "2020-12-28"),
    ],
)
def test_the_monday_of_a_day(day: str, monday: str) -> None:
    assert monday_of(date.fromisoformat(day)) == date.fromisoformat(monday)


def test_mondays_include_both_ends() -> None:
    assert mondays(date(2024, 12, 23), date(2025, 1, 6)) == [
        date(2024, 12, 23),
        date(2024, 12, 30),
        date(2025, 1, 6),
    ]
    assert mondays(WEEK, WEEK) == [WEEK]
    assert mondays(WEEK, date(2026, 11, 9)) == []
