"""One alert as a case: evidence, history, what overlaps it, what resembles it, what was before."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, Select, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries import paging
from txplatform.domains.spend.queries.inbox import LISTED
from txplatform.domains.spend.queries.paging import Page
from txplatform.domains.spend.tables import alerts, decisions, weekly_transactions
from txplatform.domains.spend.weeks import WEEK

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
            postgres.read(connection, _listed(condition, alert)) for condition in _related(alert)
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


def _related(alert: dict[str, Any]) -> list[ColumnElement[bool]]:
    shared = alerts.c.transaction_ids.overlap(alert["transaction_ids"])
    pointing = alerts.c.overlaps_alert_id == alert["alert_id"]
    pointed = alerts.c.alert_id == alert["overlaps_alert_id"]
    is_place = (alerts.c.department == alert["department"]) & (
        alerts.c.division == alert["division"]
    )
    # SPIKE has no merchant, which is not a merchant in common.
    is_merchant = and_(alerts.c.merchant.is_not(None), alerts.c.merchant == alert["merchant"])
    is_rule = alerts.c.rule == alert["rule"]
    return [shared | pointing | pointed, is_rule & (is_merchant | is_place), is_merchant]


def _listed(condition: ColumnElement[bool], alert: dict[str, Any]) -> Select[Any]:
    columns: list[ColumnElement[Any]] = list(LISTED)
    others = condition & (alerts.c.alert_id != alert["alert_id"])
    return (
        select(*columns)
        .where(others)
        .order_by(alerts.c.transaction_date.desc(), alerts.c.alert_id)
        .limit(SIMILAR)
    )


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
