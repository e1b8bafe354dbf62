"""From a number down to its purchases in MongoDB, refused rows, and how long a refresh takes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from bson.decimal128 import Decimal128
from pymongo.database import Database
from sqlalchemy import Engine

from txplatform.connectors import mongo
from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.queries.purchases import (
    PurchaseFilter,
    merchant_purchases,
    purchase_page,
    purchases_of,
    refused_by_rule,
    refused_rows_of_week,
)
from txplatform.domains.spend.queries.refresh import percentile, refresh_time, refreshes
from txplatform.domains.spend.transforms.pushdown import at_midnight
from txplatform.errors import UsageError
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.purchases import documents_of
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

MONDAY = date(2026, 11, 9)
HOUR = timedelta(hours=1)
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
PURCHASES = """
_id | date       | department | division | amount | merchant
a   | 2026-11-08 | Roads      | Bridges  | 1.00   | Smith
b   | 2026-11-09 | Roads      | Bridges  | 2.00   | Smith
c   | 2026-11-09 | Roads      | Bridges  | 2.00   | Jones
d   | 2026-11-15 | Roads      | Bridges  | -3.00  | Smith
e   | 2026-11-15 | Roads      | Signs    | 4.00   | Smith
f   | 2026-11-10 | Parks      | Bridges  | 5.00   | Smith
g   | 2026-11-16 | Roads      | Bridges  | 6.00   | Smith
h   | 2025-11-16 | Roads      | Bridges  | 7.00   | Smith
i   | 2025-11-17 | Roads      | Bridges  | 8.00   | Smith
"""
Documents = Database[dict[str, Any]]


@pytest.fixture
def documents(mongo_database: Documents) -> Documents:
    """The purchases above."""
    mongo.ensure_indexes(mongo_database, tables.INDEXES)
    mongo_database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    return mongo_database


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (PurchaseFilter(MONDAY), "bcfde"),
        (PurchaseFilter(MONDAY, "Roads"), "bcde"),
        (PurchaseFilter(MONDAY, "Roads", "Bridges"), "bcd"),
        (PurchaseFilter(MONDAY, None, "Signs"), "e"),
        (PurchaseFilter(MONDAY, "'; DROP"), ""),
        (PurchaseFilter(MONDAY + 52 * WEEK), ""),
    ],
)
def test_a_cell_has_exactly_its_purchases(
    documents: Documents, wanted: PurchaseFilter, found: str
) -> None:
    page = purchase_page(documents, wanted)

    assert sorted(page.rows["transaction_id"].to_pylist()) == sorted(found)
    assert page.total == len(found)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6])
def test_pages_together_are_the_cell(documents: Documents, size: int) -> None:
    wanted, cursor, found = PurchaseFilter(MONDAY), None, list[str]()
    while True:
        page = purchase_page(documents, wanted, cursor, size)
        found += page.rows["transaction_id"].to_pylist()
        cursor = page.next_cursor
        assert page.total == 5
        if cursor is None:
            break

    assert found == purchase_page(documents, wanted).rows["transaction_id"].to_pylist()
    assert len(set(found)) == 5


def test_the_index_answers_a_cell(documents: Documents) -> None:
    """Catches: a page that reads the week, or sorts it, instead of entering the index."""
    many = [
        {**one, "_id": f"{n}", "fingerprint": n}
        for n, one in enumerate(documents_of(PURCHASES) * 50)
    ]
    documents[tables.TRANSACTIONS].insert_many(many)
    documents.command("profile", 2)

    purchase_page(documents, PurchaseFilter(MONDAY, "Roads", "Signs"), None, 10)

    documents.command("profile", 0)
    [read] = documents["system.profile"].find({"op": "query", "command.limit": {"$exists": True}})
    assert read.get("hasSortStage") is None
    assert read["docsExamined"] <= 11


NO_NUMBERS: list[Any] = ["12.50", None, [Decimal128("1"), 2], True, {}, BEFORE, ObjectId()]
ODD: list[dict[str, Any]] = [
    *({"amount": one} for one in (*NO_NUMBERS, 12.5, 0.1, 1e300, float("nan"))),
    *({"amount": Decimal128(one)} for one in ("NaN", "sNaN", "Infinity", "1E+6000", "0.003")),
    {"department": None, "division": 7, "merchant": ["Smith"], "category": 1.5, "card": {}},
    {"source_line": 2.5, "ingested_at": "yesterday", "source_file": 3, "fingerprint": "none"},
    {"transaction_date": datetime(2026, 11, 9, 13, 45)},
    {"_id": 12},
    {},
]
"""What no ingestion writes, each in place of what it would."""


@pytest.fixture
def odd(documents: Documents) -> Documents:
    """The purchases above and those that somebody wrote into the same cell, some without a key."""
    one = {"division": "Bridges", "department": "Roads", "transaction_date": at_midnight(MONDAY)}
    documents[tables.TRANSACTIONS].insert_many({**one, **odd} for odd in ODD)
    return documents


@pytest.mark.parametrize("size", [1, 3, len(ODD) + 5, 100])
@pytest.mark.parametrize("division", [None, "Bridges"])
def test_pages_have_what_no_ingestion_writes_too(
    odd: Documents, size: int, division: str | None
) -> None:
    wanted, cursor, found = PurchaseFilter(MONDAY, division=division), None, list[str]()
    while True:
        page = purchase_page(odd, wanted, cursor, size)
        found += page.rows["transaction_id"].to_pylist()
        cursor = page.next_cursor
        if cursor is None:
            break

    assert len(found) == len(set(found)) == page.total
    assert page.total == len(ODD) + (5 if division is None else 3)


def test_only_money_is_shown_as_an_amount(odd: Documents) -> None:
    ids = [one["_id"] for one in odd[tables.TRANSACTIONS].find({"merchant": {"$exists": False}})]

    shown = purchases_of(odd, ids)["amount"].to_pylist()

    assert sorted(amount for amount in shown if amount is not None) == [
        Decimal("0.10"),
        Decimal("12.50"),
    ]


def test_a_day_that_is_none_is_shown_without(documents: Documents) -> None:
    documents[tables.TRANSACTIONS].insert_one({"_id": "x", "transaction_date": "2026-11-09"})

    rows = purchases_of(documents, ["x", "a"]).to_pylist()

    assert [row["transaction_date"] for row in rows] == [date(2026, 11, 8), None]


@pytest.mark.parametrize("cursor", [".", ".x", ".WyJ4Il0", ".WyIxIiwgIjIiXQ"])
def test_a_cursor_among_them_that_nobody_gave_is_refused(documents: Documents, cursor: str) -> None:
    with pytest.raises(UsageError, match="The cursor is none that this list gave"):
        purchase_page(documents, PurchaseFilter(MONDAY), cursor)


def test_amounts_are_exact_and_days_are_days(documents: Documents) -> None:
    [row] = purchases_of(documents, ["d", "unknown"]).to_pylist()

    assert (row["amount"], row["transaction_date"]) == (Decimal("-3.00"), date(2026, 11, 15))
    assert purchases_of(documents, []).num_rows == 0


def test_a_merchants_history_is_the_divisions_year(documents: Documents) -> None:
    found = merchant_purchases(documents, "Roads", "Bridges", "Smith", MONDAY)

    assert found["transaction_id"].to_pylist() == ["i", "a", "b", "d"]


@pytest.fixture
def ingested(mongo_database: Documents) -> Documents:
    """An ingestion that changed the week, finished a minute after it began, with refused rows."""
    began = datetime(2026, 11, 16, 9)
    monday = datetime(2026, 11, 9)
    mongo_database[tables.INGESTIONS].insert_one(
        {
            "_id": "file",
            "status": "finished",
            "started_at": began,
            "finished_at": began + timedelta(minutes=1),
            "weeks": [monday],
        }
    )
    refused = [
        {
            "ingestion": one,
            "source_line": n,
            "rule": rule,
            "reason": "?",
            "raw": "x",
            "source_file": "f",
        }
        for n, (one, rule) in enumerate([("file", "DATE"), ("file", "DATE"), ("other", "AMOUNT")])
    ]
    mongo_database[tables.TRANSACTIONS_REJECTED].insert_many(refused)
    return mongo_database


def test_refused_rows_of_a_week_are_those_of_its_files(ingested: Documents) -> None:
    page = refused_rows_of_week(ingested, MONDAY, 1)

    assert (page.total, page.rows.num_rows) == (2, 1)
    assert refused_rows_of_week(ingested, MONDAY + WEEK).total == 0
    assert refused_by_rule(ingested) == {"DATE": 2, "AMOUNT": 1}


def computed_at(desk: Engine, at: datetime) -> None:
    """Let the week have been written then."""
    rows = f"week_start | department | division | total_amount\n{MONDAY} | Roads | Bridges | 1.00"
    publishing.publish(desk, computed_weeks(rows), "a run")
    with desk.begin() as connection:
        for table in (tables.weekly_transactions, tables.computed_weeks):
            connection.execute(table.update().values(computed_at=at))


def test_a_refresh_lasts_from_the_commit_to_the_table(desk: Engine, ingested: Documents) -> None:
    computed_at(desk, datetime(2026, 11, 16, 9, 1, 30, tzinfo=UTC))

    [one] = refreshes(desk, ingested)
    summed = refresh_time(desk, ingested)

    assert one.seconds == 30
    assert (summed.weeks, summed.waiting, summed.p50_seconds, summed.p95_seconds) == (1, 0, 30, 30)
    assert summed.last_published_at == one.published_at


def test_a_week_that_was_not_computed_since_waits(desk: Engine, ingested: Documents) -> None:
    computed_at(desk, BEFORE)

    assert refresh_time(desk, ingested) == (1, 1, None, None, None)


def test_a_change_that_waits_does_not_hide_the_last_refresh(
    desk: Engine, ingested: Documents
) -> None:
    """Catches: a page that says the table was refreshed in the morning, when it was at noon."""
    noon = datetime(2026, 11, 16, 12, tzinfo=UTC)
    computed_at(desk, noon)
    [first] = ingested[tables.INGESTIONS].find({"status": "finished"})
    later = {"_id": "later", "started_at": noon + HOUR, "finished_at": noon + HOUR}
    ingested[tables.INGESTIONS].insert_one({**first, **later})

    summed = refresh_time(desk, ingested)

    assert (summed.waiting, summed.last_published_at) == (1, noon)


def test_nothing_ingested_has_no_refresh_time(desk: Engine, mongo_database: Documents) -> None:
    assert refresh_time(desk, mongo_database) == (0, 0, None, None, None)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, None), ([1.0], 0.95, 1.0), ([1.0, 2.0], 0.5, 1.0), (list(range(1, 101)), 0.95, 95)],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], share: float, found: float | None
) -> None:
    assert percentile(values, share) == found
