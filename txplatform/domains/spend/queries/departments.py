"""Departments with what they spent in some weeks, in pages."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Engine, Numeric, cast, func, select

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.domains.spend.tables.base import MONEY, SHARE
from txplatform.serving import paging
from txplatform.serving.paging import Page

WEEKLY = weekly_transactions.c


class Weeks(NamedTuple):
    """From one week to another (None: no bound), of which `open_week` is not over."""

    open_week: date
    first: date | None = None
    last: date | None = None


def department_page(
    engine: Engine,
    weeks: Weeks,
    cursor: str | None = None,
    size: int = paging.DEFAULT_PAGE,
) -> Page:
    """Departments with a purchase in these weeks, by name.

    Returns:
        `department`, `total_amount`, `refund_amount`, `transaction_count`, `division_count`,
        `has_open_week` (whether purchases of a week that is not over are among them) and
        `share`: total_amount / that of all departments in these weeks; empty where that is <= 0.
    """
    sums = _sums(weeks).subquery("sums")
    total = cast(func.sum(sums.c.total_amount).over(), MONEY)
    positive = func.nullif(func.greatest(total, 0), 0)
    share = func.round(cast(sums.c.total_amount, Numeric(38, 12)) / positive, 6)
    shared = select(sums, cast(share, SHARE).label("share")).subquery("shared")
    name = shared.c.department.collate("C")
    statement = select(shared).order_by(name)
    if cursor is not None:
        statement = statement.where(name > paging.key_of(cursor, str)[0])
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(sums)).scalar_one()
        rows = postgres.read(connection, paging.limited(statement, size))
    return paging.page_of(rows, size, count, ["department"])


def _sums(weeks: Weeks) -> Any:
    statement = select(
        WEEKLY.department,
        cast(func.sum(WEEKLY.total_amount), MONEY).label("total_amount"),
        cast(func.sum(WEEKLY.refund_amount), MONEY).label("refund_amount"),
        func.sum(WEEKLY.transaction_count).label("transaction_count"),
        func.count(WEEKLY.division.distinct()).label("division_count"),
        cast(func.bool_or(WEEKLY.week_start >= weeks.open_week), Boolean).label("has_open_week"),
    ).group_by(WEEKLY.department)
    if weeks.first is not None:
        statement = statement.where(WEEKLY.week_start >= weeks.first)
    return statement if weeks.last is None else statement.where(WEEKLY.week_start <= weeks.last)
