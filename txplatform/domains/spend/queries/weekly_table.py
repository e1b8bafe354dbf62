"""`weekly_transactions`, whole or in pages, as it stands now or as it stood at an instant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from pyarrow import compute as pc
from sqlalchemy import DateTime, Engine, Select, TableValuedAlias, bindparam, func, literal, select
from sqlalchemy.sql.elements import ColumnClause, ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import (
    WEEKLY_KEY,
    weekly_transactions,
    weekly_transactions_history,
)
from txplatform.serving import paging
from txplatform.serving.paging import Page


@dataclass(frozen=True)
class WeeklyFilter:
    """Which rows: what is left out does not matter, several values of one field mean any."""

    first_week: date | None = None
    last_week: date | None = None
    departments: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    as_of: datetime | None = None
    """The table as it stood then; None: now."""


def weekly_page(
    engine: Engine, wanted: WeeklyFilter, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page:
    """A page of `weekly_transactions`, all columns, sorted by its key (names by code point)."""
    source = _source(wanted.as_of)
    statement = select(*_columns(source)).where(*_conditions(source, wanted))
    week, *names = (source.c[name] for name in WEEKLY_KEY)
    key: list[ColumnElement[Any]] = [week, *(name.collate("C") for name in names)]
    ordered = statement.order_by(*key)
    if cursor is not None:
        values = paging.key_of(cursor, date.fromisoformat, str, str)
        ordered = ordered.where(
            paging.after(
                [(column, value, False) for column, value in zip(key, values, strict=True)]
            )
        )
    with engine.connect() as connection:
        total = select(func.count()).select_from(statement.subquery())
        count = connection.execute(total).scalar_one()
        rows = postgres.read(connection, paging.limited(ordered, size))
    return paging.page_of(rows, size, count, WEEKLY_KEY)


def _columns(source: Any) -> list[ColumnElement[Any]]:
    return [source.c[column.name] for column in weekly_transactions.c]


def _source(as_of: datetime | None) -> Any:
    if as_of is None:
        return weekly_transactions
    instant = bindparam("as_of", as_of, DateTime(timezone=True))
    columns = [ColumnClause(column.name, column.type) for column in weekly_transactions.c]
    found: TableValuedAlias = func.weekly_transactions_as_of(instant).table_valued(*columns)
    return found


def _conditions(source: Any, wanted: WeeklyFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.first_week is not None:
        found.append(source.c.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        found.append(source.c.week_start <= wanted.last_week)
    if wanted.departments:
        found.append(source.c.department.in_(wanted.departments))
    if wanted.divisions:
        found.append(source.c.division.in_(wanted.divisions))
    return found


def telling_open(rows: pa.Table, open_week: date) -> pa.Table:
    """The rows for people: with `is_open`, whether their week is not over at `open_week`."""
    is_open = pc.greater_equal(rows["week_start"], pa.scalar(open_week))
    return rows.append_column("is_open", is_open)


def cell_versions(engine: Engine, week: date, department: str, division: str) -> pa.Table:
    """What the table said of one division in one week over time, oldest first.

    Returns:
        The columns of `weekly_transactions_history`; `valid_to` is empty for what it says now.
    """
    history, now = weekly_transactions_history, weekly_transactions
    names = [column.name for column in now.c]
    key = (week, department, division)
    earlier = _version(history, names, key, (history.c.valid_from, history.c.valid_to))
    latest = _version(now, names, key, (now.c.computed_at, literal(None, DateTime(timezone=True))))
    versions = earlier.union_all(latest).subquery()
    with engine.connect() as connection:
        return postgres.read(connection, select(versions).order_by(versions.c.valid_from))


def _version(
    table: Any, names: list[str], key: tuple[Any, ...], validity: tuple[Any, Any]
) -> Select[Any]:
    since, until = validity
    columns = [table.c[name] for name in names]
    same = [table.c[name] == value for name, value in zip(WEEKLY_KEY, key, strict=True)]
    return select(*columns, since.label("valid_from"), until.label("valid_to")).where(*same)


def weekly_rows(engine: Engine, first: date | None, last: date | None) -> pa.Table:
    """Rows of `weekly_transactions` from week `first` to `last` (None: no bound), sorted by key.

    Sorted by code point, so that every server gives the same order.
    """
    week = weekly_transactions.c.week_start
    key = [week, *(weekly_transactions.c[name].collate("C") for name in WEEKLY_KEY[1:])]
    statement = select(weekly_transactions).order_by(*key)
    if first is not None:
        statement = statement.where(week >= first)
    if last is not None:
        statement = statement.where(week <= last)
    with engine.connect() as connection:
        return postgres.read(connection, statement)
