"""Departments with what they spent in some weeks, in pages."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, Numeric, cast, func, select

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.domains.spend.tables.base import MONEY, SHARE
from txplatform.serving import paging
from txplatform.serving.paging import Page

WEEKLY = weekly_transactions.c


def department_page(
    engine: Engine,
    first: date | None = None,
    last: date | None = None,
    cursor: str | None = None,
    size: int = paging.DEFAULT_PAGE,
) -> Page:
    """Departments with a purchase in the weeks `first` to `last` (None: no bound), by name.

    Returns:
        `department`, `total_amount`, `refund_amount`, `transaction_count`, `division_count` and
        `share`: total_amount / that of all departments in these weeks; empty where that is <= 0.
    """
    sums = _sums(first, last).subquery("sums")
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


def _sums(first: date | None, last: date | None) -> Any:
    statement = select(
        WEEKLY.department,
        cast(func.sum(WEEKLY.total_amount), MONEY).label("total_amount"),
        cast(func.sum(WEEKLY.refund_amount), MONEY).label("refund_amount"),
        func.sum(WEEKLY.transaction_count).label("transaction_count"),
        func.count(WEEKLY.division.distinct()).label("division_count"),
    ).group_by(WEEKLY.department)
    if first is not None:
        statement = statement.where(WEEKLY.week_start >= first)
    return statement if last is None else statement.where(WEEKLY.week_start <= last)
