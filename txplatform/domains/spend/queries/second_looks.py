"""Which dismissed alerts another person looks at again: a random 1 %, at least one a week.

The draw is the hash of the alert's id: the same for everybody, and nobody who dismisses an alert
can know it beforehand without looking it up.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    Engine,
    Select,
    Subquery,
    func,
    literal_column,
    select,
    text,
    true,
    union,
)

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import alerts, decisions
from txplatform.domains.spend.tables.alerts import DRAW, ONE_IN, WEEK_CONCLUDED
from txplatform.periods import WEEK
from txplatform.serving import paging
from txplatform.serving.paging import Page

DISMISSED = "dismissed"
IS_DISMISSED = text("state = 'dismissed'")
"""Written out, as the indexes of dismissed alerts say it."""
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
    waiting = _waiting(unwanted).cte("waiting").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(waiting)
    first = select(waiting).order_by(waiting.c.dismissed_at, waiting.c.alert_id)
    if cursor is not None:
        at, alert_id = paging.key_of(cursor, paging.moment, str)
        key = [(waiting.c.dismissed_at, at, False), (waiting.c.alert_id, alert_id, False)]
        first = first.where(paging.after(key))
    page = _listed(paging.limited(first, size).subquery("first"), total)
    with engine.connect() as connection:
        rows = postgres.read(connection, page)
        count = rows["total"][0].as_py() if rows.num_rows else connection.execute(total).scalar()
    key_names = ("dismissed_at", "alert_id")
    return paging.page_of(rows.drop_columns("total"), size, int(count or 0), key_names)


def _listed(first: Subquery, total: Select[Any]) -> Select[Any]:
    """What is shown of a page, and beside it the number of all: found in one statement."""
    names = [first.c[name] for name in ("dismissed_by", "dismissed_at", "reason")]
    return (
        select(
            *(alerts.c[name] for name in COLUMNS),
            *names,
            alerts.c.sequence,
            total.scalar_subquery().label("total"),
        )
        .join(first, first.c.alert_id == alerts.c.alert_id)
        .order_by(first.c.dismissed_at, first.c.alert_id)
    )


def _waiting(unwanted: str) -> Select[Any]:
    """Of the drawn ones, those that nobody looked at again and that others dismissed."""
    ids = union(_one_in_so_many(), _first_of_each_week()).cte("drawn_ids")
    change = _newest(ids, decisions.c.kind.in_(CHANGES)).lateral("last_change")
    dismissal = _newest(ids, decisions.c.kind == "decide", decisions.c.state == DISMISSED).lateral(
        "dismissal"
    )
    return (
        select(
            ids.c.alert_id,
            dismissal.c.decided_by.label("dismissed_by"),
            dismissal.c.decided_at.label("dismissed_at"),
            dismissal.c.reason.label("reason"),
        )
        .select_from(ids)
        .join(change, true())
        .join(dismissal, true())
        .where(change.c.kind != "second_look", dismissal.c.decided_by != unwanted)
    )


def _one_in_so_many() -> Select[Any]:
    return select(alerts.c.alert_id).where(IS_DISMISSED, text(f"{DRAW} % {ONE_IN} = 0"))


def _first_of_each_week() -> Select[Any]:
    """The lowest draw of each week of dismissal: a look into the index per week, not per alert."""
    at = alerts.c.concluded_at
    monday = [
        func.date_trunc("week", func.timezone("UTC", end)) for end in (func.min(at), func.max(at))
    ]
    span = select(func.generate_series(*monday, WEEK).label("week")).where(IS_DISMISSED)
    weeks = span.subquery("weeks")
    lowest = (
        select(alerts.c.alert_id)
        .where(IS_DISMISSED, literal_column(WEEK_CONCLUDED) == weeks.c.week)
        .order_by(text(DRAW), alerts.c.alert_id)
        .limit(1)
        .lateral("lowest")
    )
    return select(lowest.c.alert_id).select_from(weeks.join(lowest, true()))


def _newest(ids: CTE, *conditions: Any) -> Select[Any]:
    """The newest of an alert's entries that fulfil conditions."""
    own = select(decisions).where(decisions.c.alert_id == ids.c.alert_id, *conditions)
    return own.correlate(ids).order_by(decisions.c.sequence.desc()).limit(1)
