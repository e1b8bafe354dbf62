"""The merchants kept per week: what all documents say, read only where they changed."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from txplatform.domains.spend import measuring, publishing, tables
from txplatform.domains.spend.alerting import documents, merchants
from txplatform.domains.spend.publishing import record_measures
from txplatform.periods import WEEK
from txplatform.platform import Platform
from txplatform_tests.domains.spend.purchases import documents_of

FIRST = date(2026, 10, 19)
PURCHASES = """
    _id | date       | department | division | amount            | merchant
    a   | 2026-10-19 | Roads      | Bridges  | 5.00              | Ironmonger
    b   | 2026-10-20 | Roads      | Bridges  | 9999999999999.99  | Ironmonger
    c   | 2026-10-25 | Roads      | Bridges  | -0.10             | Garden Shop
    d   | 2026-11-09 | Roads      | Bridges  | 0.00              | Café ☕
    e   | 2026-11-10 | Parks      | Trees    | 0.01              | Garden Shop
    f   | 2026-11-16 | Parks      | Trees    | 7.00              | Ironmonger
    """
LATE = """
    _id | date       | department | division | amount | merchant
    g   | 2026-10-26 | Roads      | Bridges  | 1.00   | Garden Shop
    h   | 2026-10-05 | Roads      | Bridges  | 2.00   | "quoted", Ltd
    """


@pytest.fixture
def books(platform: Platform) -> Platform:
    """The purchases above, measured as an ingestion leaves them."""
    buy(platform, PURCHASES)
    return platform


def buy(platform: Platform, purchases: str, is_noted: bool = True) -> None:
    """Put purchases into MongoDB, and note them or leave them to the ingestion's record."""
    collection = platform.database[tables.TRANSACTIONS]
    found = documents_of(purchases)
    collection.insert_many(found)
    if is_noted:
        note(platform)
    else:
        changed = [week_of(one["transaction_date"]) for one in found]
        record = {"_id": "late", "status": "finished", "weeks": changed}
        platform.database[tables.INGESTIONS].insert_one(record)


def week_of(moment: Any) -> Any:
    return moment.replace(day=moment.day - moment.weekday())


def note(platform: Platform) -> None:
    ends = measuring.span(platform.database)
    assert ends is not None
    record_measures(platform.engine, measuring.measure(platform.database, *ends, 2).values())


def by_name(found: pa.Table) -> list[dict[str, Any]]:
    return sorted(found.to_pylist(), key=lambda row: (row["merchant"], row["first_day"]))


def assert_exact(platform: Platform) -> None:
    """What is kept is what all documents say."""
    assert by_name(merchants.merchants(platform)) == by_name(documents.merchants(platform.reading))


def test_they_are_those_of_all_documents(books: Platform) -> None:
    """Refunds and zeros are no purchases."""
    found = by_name(merchants.merchants(books))

    assert found == by_name(documents.merchants(books.reading))
    assert [one["merchant"] for one in found] == ["Garden Shop", "Ironmonger"]
    assert merchants.changed_weeks(books) == []


def test_only_weeks_that_changed_are_read(books: Platform) -> None:
    merchants.merchants(books)
    buy(books, LATE)

    assert merchants.changed_weeks(books) == [FIRST - 2 * WEEK, FIRST + WEEK]
    assert_exact(books)


def test_what_nobody_noted_yet_counts_too(books: Platform) -> None:
    """Catches: a first day that an ingestion brought forward a moment ago."""
    merchants.merchants(books)
    buy(books, LATE, is_noted=False)

    assert_exact(books)
    publishing.note_changes(books)
    assert merchants.changed_weeks(books) == []


def test_many_weeks_are_read_in_one_pass(books: Platform) -> None:
    """And only those that changed, though others lie between them."""
    merchants.merchants(books)
    buy(books, LATE)
    wanted = merchants.changed_weeks(books)

    one_by_one, in_one_pass = (
        merchants.merchants_of_weeks(books.reading, wanted, 2, many) for many in (26, 1)
    )

    assert sorted(set(in_one_pass["week_start"].to_pylist())) == wanted
    assert by_name(in_one_pass) == by_name(one_by_one)


def test_purchases_that_are_gone_are_gone(books: Platform) -> None:
    merchants.merchants(books)
    books.database[tables.TRANSACTIONS].delete_many({"_id": {"$in": ["f", "a"]}})
    measured = measuring.measure(books.database, FIRST, FIRST + 4 * WEEK, 2)
    record_measures(books.engine, measured.values())

    assert_exact(books)


def test_many_weeks_are_asked_for_in_runs_of_neighbours() -> None:
    wanted = [FIRST + WEEK * n for n in (*range(10), 40, 42, 43)]

    found = list(merchants._neighbours(wanted))

    assert [len(part) for part in found] == [8, 2, 1, 2]
    assert [week for part in found for week in part] == wanted


def test_no_documents_have_no_merchants(platform: Platform) -> None:
    assert merchants.merchants(platform).num_rows == 0
