"""Signing weeks off: who, when, and the totals at that moment.

A later change stays possible; `queries.signed` shows it as a difference.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select

from txplatform.connectors import postgres
from txplatform.domains.spend import publishing
from txplatform.domains.spend.decisions.entries import (
    LONGEST_NAME,
    ConflictError,
    RefusalError,
    optional,
    required,
)
from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.tables import computed_weeks, sign_offs, weekly_transactions
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState


class SignOff(NamedTuple):
    """A week that was signed off; amounts in the platform's currency."""

    week_start: date
    week_amount: Decimal
    transaction_count: int
    row_count: int
    fingerprint: str
    note: str | None
    signed_by: str
    signed_at: datetime


class SignedAlreadyError(ConflictError):
    """A week is signed off already, with the same totals: by whom and when."""

    def __init__(self, week: date, signed_by: str, signed_at: datetime) -> None:
        super().__init__(
            f"{signed_by} signed the week {week} off on {signed_at:%Y-%m-%d %H:%M:%S} UTC, "
            "with the same totals: nothing is left to do."
        )
        self.week, self.signed_by, self.signed_at = week, signed_by, signed_at


TOTALS = ("week_amount", "transaction_count", "row_count", "fingerprint")


def sign_off(engine: Engine, week: date, by: str, open_week: date, note: str | None) -> SignOff:
    """Sign a week off with what the table says of it now.

    Args:
        engine: PostgreSQL.
        week: its Monday.
        by: who signs.
        open_week: the Monday of the week that is not over.
        note: what the signer adds, or None.

    Raises:
        UsageError: the week is open, missing or stale.
        ConflictError: it is signed off already, with these totals.
    """
    who = required(by, "The name of whoever signs", LONGEST_NAME)
    said = optional(note, "The note")
    with engine.begin() as connection:
        postgres.lock_weeks(connection, publishing.LOCK, week)
        _require_fresh(engine, week, open_week)
        totals = _totals(connection, week)
        _require_news(connection, week, totals)
        values = {**dict(zip(TOTALS, totals, strict=True)), "note": said, "signed_by": who}
        statement = insert(sign_offs).values(
            week_start=week, signed_at=func.clock_timestamp(), **values
        )
        names = (sign_offs.c[name] for name in SignOff._fields)
        return SignOff(*connection.execute(statement.returning(*names)).one())


def _require_fresh(engine: Engine, week: date, open_week: date) -> None:
    if week >= open_week:
        sentence = f"The week {week} is not over: sign it off after its Sunday."
        raise RefusalError(sentence, "week_open", week=week)
    found = [one for one in week_status(engine, CODE_VERSION) if one.week_start == week]
    state = found[0].state if found else PeriodState.MISSING
    if state is not PeriodState.FRESH:
        reason = "its purchases changed since it" if state is PeriodState.STALE else "it never"
        raise RefusalError(
            f"The week {week} is {state}: {reason} was computed. "
            f"Compute it (`txplatform spend run --week {week}`), look at it, then sign it off.",
            f"week_{state}",
            week=week,
        )


def _totals(connection: Connection, week: date) -> tuple[Decimal, int, int, str]:
    weekly = weekly_transactions.c
    of_rows = select(
        func.coalesce(func.sum(weekly.total_amount), Decimal("0.00")),
        func.coalesce(func.sum(weekly.transaction_count), 0),
        func.count(),
    ).where(weekly.week_start == week)
    own = select(computed_weeks.c.fingerprint).where(computed_weeks.c.week_start == week)
    amount, count, rows = connection.execute(of_rows).one()
    return amount, int(count), rows, connection.execute(own).scalar_one()


def _require_news(connection: Connection, week: date, totals: tuple[object, ...]) -> None:
    columns = (
        *(sign_offs.c[name] for name in TOTALS),
        sign_offs.c.signed_by,
        sign_offs.c.signed_at,
    )
    newest = select(*columns).where(sign_offs.c.week_start == week)
    found = connection.execute(newest.order_by(sign_offs.c.sign_off_id.desc()).limit(1)).first()
    if found and tuple(found[: len(TOTALS)]) == totals:
        raise SignedAlreadyError(week, found.signed_by, found.signed_at)
