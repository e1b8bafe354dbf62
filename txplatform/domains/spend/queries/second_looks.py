"""Which dismissed alerts another person looks at again: a random 1 %, at least one a week.

The draw is the hash of the alert's id: the same for everybody, and nobody who dismisses an alert
can know it beforehand without looking it up.
"""

from typing import Any

from sqlalchemy import BigInteger, Engine, Select, case, cast, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries import paging
from txplatform.domains.spend.queries.paging import Page
from txplatform.domains.spend.tables import alerts, decisions

SEED = "second look"
ONE_IN = 100
DISMISSED = "dismissed"
CHANGES = ("decide", "undo", "second_look")
"""Entries that could change the state."""
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
    week = func.date_trunc("week", func.timezone("UTC", alerts.c.concluded_at))
    dismissals = (
        select(alerts.c.alert_id, _draw(alerts.c.alert_id).label("draw"), week.label("week")).where(
            alerts.c.state == DISMISSED
        )
    ).subquery("dismissals")
    rank = func.row_number().over(
        partition_by=dismissals.c.week, order_by=(dismissals.c.draw, dismissals.c.alert_id)
    )
    ranked = select(dismissals, rank.label("rank")).subquery("ranked")
    drawn = select(ranked.c.alert_id).where((ranked.c.draw % ONE_IN == 0) | (ranked.c.rank == 1))
    ids = drawn.cte("drawn_ids")
    change = _newest(decisions.c.kind.in_(CHANGES)).lateral("last_change")
    dismissal = _newest(decisions.c.kind == "decide", decisions.c.state == DISMISSED).lateral(
        "dismissal"
    )
    return (
        select(
            *(alerts.c[name] for name in COLUMNS),
            change.c.kind,
            dismissal.c.decided_by.label("dismissed_by"),
            dismissal.c.decided_at.label("dismissed_at"),
            dismissal.c.reason.label("reason"),
            alerts.c.sequence,
        )
        .select_from(ids)
        .join(alerts, alerts.c.alert_id == ids.c.alert_id)
        .join(change, true())
        .join(dismissal, true())
    )


def _newest(*conditions: Any) -> Select[Any]:
    """The newest of an alert's entries that fulfil conditions."""
    own = select(decisions).where(decisions.c.alert_id == alerts.c.alert_id, *conditions)
    return own.correlate(alerts).order_by(decisions.c.sequence.desc()).limit(1)


def _draw(alert_id: ColumnElement[str]) -> ColumnElement[int]:
    """A number from 0 to 2^63 - 1 that is as good as random."""
    drawn = cast(func.hashtextextended(SEED + alert_id, 0), BigInteger)
    return case((drawn < 0, -(drawn + 1)), else_=drawn)
