"""Weeks that were signed off, and what changed in them since."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, Select, Subquery, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from txplatform.columns import arrow_schema
from txplatform.domains.spend.tables import computed_weeks, sign_offs, weekly_transactions
from txplatform.domains.spend.tables.base import MONEY


@dataclass(frozen=True)
class SignedWeek:
    """The newest sign-off of a week beside what the table says now; amounts in the currency."""

    week_start: date
    signed_by: str
    signed_at: datetime
    note: str | None
    signed_amount: Decimal
    signed_count: int
    amount: Decimal
    transaction_count: int
    is_changed: bool
    """Whether amount, purchases, rows or the documents behind them differ from then."""

    @property
    def difference(self) -> Decimal:
        """What the week says now, less what was signed off."""
        return self.amount - self.signed_amount

    @property
    def sentence(self) -> str:
        """The difference in words."""
        signed = (
            f"{self.week_start} was signed off by {self.signed_by} on {self.signed_at:%Y-%m-%d}"
        )
        if not self.is_changed:
            return f"{signed} and stands."
        return (
            f"{signed} with {self.signed_amount:,} in {self.signed_count:,} purchases and now has "
            f"{self.amount:,} in {self.transaction_count:,}: {self.difference:+,}."
        )


def signed_weeks(
    engine: Engine, first: date | None = None, last: date | None = None
) -> list[SignedWeek]:
    """The signed weeks from `first` to `last` (None: no bound), oldest first."""
    newest, now = _newest_sign_offs(first, last), _weeks_now(first, last)
    amount = func.coalesce(now.c.amount, Decimal("0.00"))
    count = func.coalesce(now.c.transaction_count, 0)
    signed = (newest.c.week_amount, newest.c.transaction_count, newest.c.row_count)
    current = (amount, count, func.coalesce(now.c.row_count, 0))
    is_changed = func.row(*signed, newest.c.fingerprint).is_distinct_from(
        func.row(*current, computed_weeks.c.fingerprint)
    )
    names = ("week_start", "signed_by", "signed_at", "note", "week_amount", "transaction_count")
    statement = (
        select(*(newest.c[name] for name in names), amount, count, is_changed)
        .select_from(newest)
        .outerjoin(now, now.c.week_start == newest.c.week_start)
        .outerjoin(computed_weeks, computed_weeks.c.week_start == newest.c.week_start)
        .order_by(newest.c.week_start)
    )
    with engine.connect() as connection:
        return [SignedWeek(*tuple(row)) for row in connection.execute(statement)]


def _newest_sign_offs(first: date | None, last: date | None) -> Subquery:
    week = sign_offs.c.week_start
    statement = (
        select(sign_offs).ext(distinct_on(week)).order_by(week, sign_offs.c.sign_off_id.desc())
    )
    return _between(statement, week, first, last).subquery("signed")


def _weeks_now(first: date | None, last: date | None) -> Subquery:
    weekly = weekly_transactions.c
    statement = select(
        weekly.week_start,
        func.sum(weekly.total_amount).label("amount"),
        func.sum(weekly.transaction_count).label("transaction_count"),
        func.count().label("row_count"),
    ).group_by(weekly.week_start)
    signed = statement.where(weekly.week_start.in_(select(sign_offs.c.week_start)))
    return _between(signed, weekly.week_start, first, last).subquery("now")


def _between(
    statement: Select[Any], week: Any, first: date | None, last: date | None
) -> Select[Any]:
    if first is not None:
        statement = statement.where(week >= first)
    return statement if last is None else statement.where(week <= last)


_CHANGES = """
    SELECT coalesce(t.department, n.department) AS department,
           coalesce(t.division, n.division) AS division,
           t.total_amount AS signed_amount, n.total_amount AS amount,
           coalesce(n.total_amount, 0) - coalesce(t.total_amount, 0) AS difference
    FROM (SELECT * FROM weekly_transactions_as_of(:signed_at) WHERE week_start = :week) t
    FULL JOIN (SELECT * FROM weekly_transactions WHERE week_start = :week) n
        USING (department, division)
    WHERE (t.total_amount, t.transaction_count) IS DISTINCT FROM
          (n.total_amount, n.transaction_count)
    ORDER BY coalesce(t.department, n.department) COLLATE "C",
             coalesce(t.division, n.division) COLLATE "C"
"""


def changes_since_signed(engine: Engine, week: date) -> pa.Table:
    """The divisions of a week that say something else than when it was signed off.

    Returns:
        `department`, `division`, `signed_amount` (empty: was not there), `amount` (empty: is gone)
        and `difference`; nothing for a week that was never signed off.
    """
    names = [weekly_transactions.c.department, weekly_transactions.c.division]
    amounts = [func.max(None, type_=MONEY).label(name) for name in AMOUNTS]
    schema = arrow_schema([*names, *amounts])
    newest = select(func.max(sign_offs.c.signed_at)).where(sign_offs.c.week_start == week)
    with engine.connect() as connection:
        signed_at = connection.execute(newest).scalar()
        values = {"week": week, "signed_at": signed_at}
        found = connection.execute(text(_CHANGES), values).mappings() if signed_at else ()
        return pa.Table.from_pylist(list(map(dict, found)), schema)


AMOUNTS = ("signed_amount", "amount", "difference")
