"""Tables replaced period by period: what stays, what changes, what is kept in the history."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from sqlalchemy import Column, Engine, MetaData, Table, text

from txplatform.connectors import postgres
from txplatform.connectors.period_tables import Grain, PeriodTable, Replacement
from txplatform.domains.spend import tables
from txplatform_tests.connectors.weekly_rows import KEY, VALUES, rows

WEEK = date(2026, 11, 16)
NEXT_WEEK = date(2026, 11, 23)


@pytest.fixture
def table() -> PeriodTable:
    """A smaller weekly table: a key, an amount, and a share that may be empty."""
    return PeriodTable(
        tables.weekly_transactions,
        tables.weekly_transactions_history,
        Grain("week_start", KEY, VALUES, within="department"),
    )


@pytest.fixture
def small(empty_postgres_url: str) -> Engine:
    """A database with only the columns that the smaller table has."""
    engine = postgres.connect(empty_postgres_url)
    metadata = MetaData()
    for table in (tables.weekly_transactions, tables.weekly_transactions_history):
        stamps = ("computed_at", "run_id", "valid_from", "valid_to")
        kept = [table.c[name] for name in (*KEY, *VALUES, *stamps) if name in table.c]
        Table(table.name, metadata, *(Column(column.name, column.type) for column in kept))
    metadata.create_all(engine)
    return engine


def replace(
    engine: Engine,
    table: PeriodTable,
    new: pa.Table,
    run: str = "run",
    only: list[str] | None = None,
) -> Replacement:
    with engine.connect() as connection:
        table.stage(connection, new)
        connection.commit()
        with connection.begin():
            postgres.lock_weeks(connection, "test", WEEK)
            return table.replace(connection, [WEEK], run, only)[WEEK]


def standing(engine: Engine, name: str = "weekly_transactions") -> list[tuple[object, ...]]:
    statement = text(
        f"SELECT week_start, department, total_amount, department_share, run_id FROM {name} "  # noqa: S608
        "ORDER BY 1, 2, 3"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_the_first_rows_of_a_week_are_inserted(small: Engine, table: PeriodTable) -> None:
    done = replace(small, table, rows((WEEK, "Roads", "10.00", "1.000000")))

    assert done == Replacement(inserted=1, removed=0, unchanged=0)
    assert standing(small) == [(WEEK, "Roads", Decimal("10.00"), Decimal("1.000000"), "run")]


def test_rows_that_stay_the_same_are_not_touched(small: Engine, table: PeriodTable) -> None:
    same = rows((WEEK, "Roads", "10.00", None))
    replace(small, table, same, "first")

    done = replace(small, table, same, "second")

    assert done == Replacement(inserted=0, removed=0, unchanged=1)
    assert standing(small) == [(WEEK, "Roads", Decimal("10.00"), None, "first")]
    assert standing(small, "weekly_transactions_history") == []


def test_rows_that_change_are_kept_in_the_history(small: Engine, table: PeriodTable) -> None:
    replace(small, table, rows((WEEK, "Parks", "1.00", None), (WEEK, "Roads", "2.00", None)), "a")

    done = replace(
        small, table, rows((WEEK, "Parks", "1.00", None), (WEEK, "Roads", "2.01", None)), "b"
    )

    assert done == Replacement(inserted=1, removed=1, unchanged=1)
    assert [row[1:3] + row[4:] for row in standing(small)] == [
        ("Parks", Decimal("1.00"), "a"),
        ("Roads", Decimal("2.01"), "b"),
    ]
    assert [row[1:3] for row in standing(small, "weekly_transactions_history")] == [
        ("Roads", Decimal("2.00"))
    ]


def test_a_value_that_becomes_empty_is_a_change(small: Engine, table: PeriodTable) -> None:
    replace(small, table, rows((WEEK, "Roads", "1.00", "0.500000")))

    done = replace(small, table, rows((WEEK, "Roads", "1.00", None)))

    assert done == Replacement(inserted=1, removed=1, unchanged=0)


def test_a_row_that_is_gone_is_removed_and_kept_in_the_history(
    small: Engine, table: PeriodTable
) -> None:
    replace(small, table, rows((WEEK, "Roads", "1.00", None)))

    done = replace(small, table, rows())

    assert done == Replacement(inserted=0, removed=1, unchanged=0)
    assert standing(small) == []
    assert len(standing(small, "weekly_transactions_history")) == 1


def test_only_the_week_that_is_replaced_changes(small: Engine, table: PeriodTable) -> None:
    both = rows((WEEK, "Roads", "1.00", None), (NEXT_WEEK, "Roads", "2.00", None))

    replace(small, table, both)

    assert [row[0] for row in standing(small)] == [WEEK]


def test_history_says_from_when_until_when(small: Engine, table: PeriodTable) -> None:
    before = datetime.now(UTC)
    replace(small, table, rows((WEEK, "Roads", "1.00", None)))
    replace(small, table, rows((WEEK, "Roads", "2.00", None)))
    after = datetime.now(UTC)

    with small.connect() as connection:
        valid_from, valid_to = connection.execute(
            text("SELECT valid_from, valid_to FROM weekly_transactions_history")
        ).one()
        now_since = connection.execute(text("SELECT computed_at FROM weekly_transactions")).scalar()

    assert before < valid_from < valid_to < after
    assert now_since == valid_to


def test_a_replacement_may_be_limited_to_some_values(small: Engine, table: PeriodTable) -> None:
    replace(small, table, rows((WEEK, "Parks", "1.00", None), (WEEK, "Roads", "2.00", None)), "a")

    done = replace(small, table, rows((WEEK, "Roads", "3.00", None)), "b", only=["Roads"])

    assert done == Replacement(inserted=1, removed=1, unchanged=0)
    assert [row[1:3] + row[4:] for row in standing(small)] == [
        ("Parks", Decimal("1.00"), "a"),
        ("Roads", Decimal("3.00"), "b"),
    ]


def put(engine: Engine, table: PeriodTable, new: pa.Table, run: str, *only: str) -> Replacement:
    with engine.begin() as connection:
        return table.put(connection, new, [WEEK], run, only)[WEEK]


def test_what_has_nothing_to_be_compared_with_is_copied(small: Engine, table: PeriodTable) -> None:
    """The rows of a week that is not asked for stay out, as they do where there are some."""
    new = rows((WEEK, "Roads", "1.00", None), (NEXT_WEEK, "Roads", "5.00", None))

    first = put(small, table, new, "a", "Roads")
    again = put(small, table, new, "b", "Roads")
    changed = put(small, table, rows((WEEK, "Roads", "2.00", None)), "c", "Roads")

    assert first == Replacement(inserted=1, removed=0, unchanged=0)
    assert again == Replacement(inserted=0, removed=0, unchanged=1)
    assert changed == Replacement(inserted=1, removed=1, unchanged=0)
    assert [row[1:] for row in standing(small)] == [("Roads", Decimal("2.00"), None, "c")]


def test_other_values_of_the_week_are_no_hindrance(small: Engine, table: PeriodTable) -> None:
    put(small, table, rows((WEEK, "Parks", "1.00", "0.250000")), "a", "Parks")

    done = put(small, table, rows((WEEK, "Roads", "3.00", None)), "b", "Roads")
    nothing = put(small, table, rows(), "c", "Fire")

    assert (done.inserted, nothing.inserted) == (1, 0)
    assert [row[1:] for row in standing(small)] == [
        ("Parks", Decimal("1.00"), Decimal("0.250000"), "a"),
        ("Roads", Decimal("3.00"), None, "b"),
    ]
