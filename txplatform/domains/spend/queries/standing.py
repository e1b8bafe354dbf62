"""Where alerts stand: the newest entry, the newest change, the decision behind a final state."""

from typing import Any

from sqlalchemy import Subquery, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from txplatform.domains.spend.tables import alerts, decisions

Columns = tuple[ColumnElement[Any], ...]
CHANGES = ("decide", "undo", "second_look")
FINAL_STATES = ("justified", "abusive", "dismissed")


def _newest(name: str, *conditions: Any) -> Subquery:
    """The newest of the entries that fulfil conditions, one row per alert."""
    return (
        select(decisions)
        .where(*conditions)
        .ext(distinct_on(decisions.c.alert_id))
        .order_by(decisions.c.alert_id, decisions.c.sequence.desc())
    ).subquery(name)


LAST = _newest("last_entry")
"""The newest entry on each alert that has one."""

LAST_CHANGE = _newest("last_change", decisions.c.kind.in_(CHANGES))
"""The newest entry that could change the state."""

LAST_DECISION = _newest(
    "last_decision", decisions.c.kind == "decide", decisions.c.state.in_(FINAL_STATES)
)
"""The newest decision with a final state: who made it, when and why, whoever looked at it since."""


def standing(last: Any) -> Columns:
    """Where an alert stands, from its newest entry or none."""
    return (
        func.coalesce(last.c.state, literal("open")).label("state"),
        last.c.assignee,
        func.coalesce(last.c.sequence, 0).label("sequence"),
        last.c.decided_by,
        last.c.decided_at,
    )


def newest_of(alert_id: ColumnElement[str]) -> Any:
    """The newest entry on the alert of each row: of few rows, cheaper than `LAST` of all."""
    own = select(decisions).where(decisions.c.alert_id == alert_id)
    return own.order_by(decisions.c.sequence.desc()).limit(1).lateral("newest")


STANDING: Columns = standing(LAST)
STATE = STANDING[0]
"""Where an alert stands; `sequence` is what a decision on it has to name."""

WITH_STANDING = alerts.outerjoin(LAST, LAST.c.alert_id == alerts.c.alert_id)
DECIDED = alerts.join(LAST, LAST.c.alert_id == alerts.c.alert_id).join(
    LAST_DECISION, LAST_DECISION.c.alert_id == alerts.c.alert_id
)
"""Alerts with the decision behind them; add `LAST.c.state.in_(FINAL_STATES)`."""
