"""Which dismissed alerts another person looks at again: a random 1 %, at least one a week.

The draw is the hash of the alert's id: the same for everybody, and nobody who dismisses an alert
can know it beforehand without looking it up.
"""

from typing import Any

from sqlalchemy import BigInteger, Engine, Select, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries import paging
from txplatform.domains.spend.queries.paging import Page
from txplatform.domains.spend.queries.standing import DECIDED, LAST, LAST_CHANGE, LAST_DECISION
from txplatform.domains.spend.tables import alerts

SEED = "second look"
ONE_IN = 100
COLUMNS = (
    "alert_id",
    "rule",
    "severity",
    "week_start",
    "department",
    "division",
    "merchant",
    "amount_at_risk",
    "sentence",
)


def second_looks(
    engine: Engine, unwanted: str = "", cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page:
    """Dismissed alerts that wait for a second look, those dismissed first first.

    Drawn are the alerts whose hash is in the first of a hundred parts, and of each week of
    dismissal the one with the lowest hash.

    Args:
        engine: PostgreSQL.
        unwanted: who may not look, being who dismissed: their dismissals are left out.
        cursor: where the page begins; None: at the first.
        size: rows of a page.

    Returns:
        `COLUMNS`, then `dismissed_by`, `dismissed_at`, `reason` and `sequence`.
    """
    drawn = _drawn().subquery("drawn")
    waiting = drawn.c.kind != "second_look"
    names = [drawn.c[name] for name in (*COLUMNS, "dismissed_by", "dismissed_at", "reason")]
    statement = select(*names, drawn.c.sequence).where(waiting, drawn.c.dismissed_by != unwanted)
    total = select(func.count()).select_from(statement.subquery())
    ordered = statement.order_by(drawn.c.dismissed_at, drawn.c.alert_id)
    if cursor is not None:
        at, alert_id = paging.key_of(cursor, paging.moment, str)
        ordered = ordered.where(
            paging.after([(drawn.c.dismissed_at, at, False), (drawn.c.alert_id, alert_id, False)])
        )
    with engine.connect() as connection:
        count = connection.execute(total).scalar_one()
        rows = postgres.read(connection, paging.limited(ordered, size))
    return paging.page_of(rows, size, count, ("dismissed_at", "alert_id"))


def _drawn() -> Select[Any]:
    """The drawn ones of all alerts that are dismissed, looked at or not."""
    week = func.date_trunc("week", func.timezone("UTC", LAST_DECISION.c.decided_at))
    dismissals = (
        select(
            *(alerts.c[name] for name in COLUMNS),
            LAST_CHANGE.c.kind,
            LAST_DECISION.c.decided_by.label("dismissed_by"),
            LAST_DECISION.c.decided_at.label("dismissed_at"),
            LAST_DECISION.c.reason.label("reason"),
            LAST.c.sequence,
            _draw(alerts.c.alert_id).label("draw"),
            week.label("week"),
        )
        .select_from(DECIDED.join(LAST_CHANGE, LAST_CHANGE.c.alert_id == alerts.c.alert_id))
        .where(LAST.c.state == "dismissed")
    ).subquery("dismissals")
    rank = func.row_number().over(
        partition_by=dismissals.c.week, order_by=(dismissals.c.draw, dismissals.c.alert_id)
    )
    ranked = select(dismissals, rank.label("rank")).subquery("ranked")
    is_drawn = (ranked.c.draw % ONE_IN == 0) | (ranked.c.rank == 1)
    return select(ranked).where(is_drawn)


def _draw(alert_id: ColumnElement[str]) -> ColumnElement[int]:
    """A number from 0 to 2^63 - 1 that is as good as random."""
    drawn = cast(func.hashtextextended(SEED + alert_id, 0), BigInteger)
    return case((drawn < 0, -(drawn + 1)), else_=drawn)
