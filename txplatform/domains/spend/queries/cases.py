"""One alert as a case: evidence, history, what overlaps it, what resembles it, what was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, Select, and_, func, select, union
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries.inbox import LISTED
from txplatform.domains.spend.tables import alerts, decisions, weekly_transactions
from txplatform.periods import WEEK
from txplatform.serving import paging
from txplatform.serving.paging import Page

SIMILAR = 10
ENTRIES = 1_000
LOOK_BACK = 52 * WEEK
HISTORY = ("sequence", "kind", "state", "assignee", "reason", "decided_by", "decided_at")


@dataclass(frozen=True)
class AlertCase:
    """Everything that a controller looks at before deciding; tables as the inbox lists them."""

    alert: dict[str, Any]
    """All columns of `alerts` and where it stands."""
    history: pa.Table
    """The newest entries on it, oldest first: `HISTORY`. `decision_page` has them all."""
    overlapping: pa.Table
    """Alerts that share a purchase with it, or that one of the two points to."""
    similar: pa.Table
    """Newest other alerts of the same rule at the same merchant, or in the same division."""
    merchant_alerts: pa.Table
    """Newest other alerts at the merchant, of any rule and division."""
    division_weeks: pa.Table
    """Week, total and number of purchases of the division in the 52 weeks up to the alert's."""


def alert_case(engine: Engine, alert_id: str, entries: int = ENTRIES) -> AlertCase | None:
    """The case of an alert with its newest entries; None where there is no alert with this id."""
    statement = select(alerts)
    with engine.connect() as connection:
        row = connection.execute(statement.where(alerts.c.alert_id == alert_id)).mappings().first()
        if row is None:
            return None
        alert = dict(row)
        overlapping, similar, at_merchant = (
            postgres.read(connection, statement) for statement in _related(alert)
        )
        return AlertCase(
            alert=alert,
            history=postgres.read(connection, _history(alert_id, entries)),
            overlapping=overlapping,
            similar=similar,
            merchant_alerts=at_merchant,
            division_weeks=postgres.read(connection, _division_weeks(alert)),
        )


def decision_page(
    engine: Engine, alert_id: str, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page | None:
    """A page of the entries on an alert, oldest first; None where there is no such alert."""
    entries = _entries(alert_id)
    total = select(func.count()).select_from(entries.subquery())
    if cursor is not None:
        entries = entries.where(decisions.c.sequence > paging.key_of(cursor, paging.whole)[0])
    known = select(alerts.c.alert_id).where(alerts.c.alert_id == alert_id)
    with engine.connect() as connection:
        if connection.execute(known).first() is None:
            return None
        count = connection.execute(total).scalar_one()
        ordered = paging.limited(entries.order_by(decisions.c.sequence), size)
        return paging.page_of(postgres.read(connection, ordered), size, count, ["sequence"])


def _entries(alert_id: str) -> Select[Any]:
    return select(*(decisions.c[name] for name in HISTORY)).where(decisions.c.alert_id == alert_id)


def _history(alert_id: str, entries: int) -> Select[Any]:
    newest = _entries(alert_id).order_by(decisions.c.sequence.desc()).limit(entries)
    shown = newest.subquery("newest")
    return select(shown).order_by(shown.c.sequence)


def _related(alert: dict[str, Any]) -> list[Select[Any]]:
    shared = alerts.c.transaction_ids.overlap(alert["transaction_ids"])
    pointing = alerts.c.overlaps_alert_id == alert["alert_id"]
    pointed = alerts.c.alert_id == alert["overlaps_alert_id"]
    # SPIKE has no merchant, which is not a merchant in common.
    is_merchant = and_(alerts.c.merchant.is_not(None), alerts.c.merchant == alert["merchant"])
    return [
        _newest(shared | pointing | pointed, alert),
        _similar(is_merchant, alert),
        _newest(is_merchant, alert),
    ]


def _similar(is_merchant: ColumnElement[bool], alert: dict[str, Any]) -> Select[Any]:
    """Of the same rule, the newest at the merchant and in the division, by an index each.

    Together in one condition, all of a large merchant would be read for ten of them.
    """
    is_rule = alerts.c.rule == alert["rule"]
    is_place = (alerts.c.department == alert["department"]) & (
        alerts.c.division == alert["division"]
    )
    at_merchant = _newest(is_rule & is_merchant, alert).subquery("at_merchant")
    in_division = _newest(is_rule & is_place, alert, alerts.c.week_start).subquery("in_division")
    both = union(select(at_merchant), select(in_division)).subquery("both")
    return select(both).order_by(both.c.transaction_date.desc(), both.c.alert_id).limit(SIMILAR)


def _newest(
    condition: ColumnElement[bool], alert: dict[str, Any], *leading: ColumnElement[Any]
) -> Select[Any]:
    """The newest other alerts that fulfil a condition, in the order of an index that leads so."""
    order = [one.desc() for one in (*leading, alerts.c.transaction_date)]
    others = condition & (alerts.c.alert_id != alert["alert_id"])
    return select(*LISTED).where(others).order_by(*order, alerts.c.alert_id).limit(SIMILAR)


def _division_weeks(alert: dict[str, Any]) -> Select[Any]:
    """The division's weeks; those of the whole department for an alert without a division."""
    weekly = weekly_transactions.c
    last: date = alert["week_start"]
    statement = select(
        weekly.week_start, weekly.division, weekly.total_amount, weekly.transaction_count
    ).where(
        weekly.department == alert["department"],
        weekly.week_start > last - LOOK_BACK,
        weekly.week_start <= last,
    )
    if alert["division"] is not None:
        statement = statement.where(weekly.division == alert["division"])
    return statement.order_by(weekly.week_start, weekly.division.collate("C"))


def evidence_of(engine: Engine, alert_ids: Sequence[str]) -> dict[str, tuple[int, dict[str, str]]]:
    """Version of the rule and evidence, as text, of each of these alerts that is there."""
    names = (alerts.c.alert_id, alerts.c.rule_version, alerts.c.evidence)
    statement = select(*names).where(alerts.c.alert_id.in_(alert_ids))
    with engine.connect() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(statement)}
