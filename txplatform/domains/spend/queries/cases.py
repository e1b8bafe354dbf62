"""A case, and one alert alone: evidence, history, what overlaps, resembles, and came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, and_, func, select, union
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries.alert_filter import ALERTS
from txplatform.domains.spend.tables import alerts, cases, decisions, weekly_transactions
from txplatform.periods import WEEK
from txplatform.serving import paging
from txplatform.serving.paging import Page

SIMILAR = 10
ENTRIES = 1_000
LOOK_BACK = 52 * WEEK
HISTORY = ("sequence", "kind", "state", "assignee", "reason", "decided_by", "decided_at")


@dataclass(frozen=True)
class Surroundings:
    """What a controller looks at beside an alert or a case; tables as `ALERTS` lists them."""

    overlapping: pa.Table
    """Other alerts that share a purchase, or that one of the two points to."""
    similar: pa.Table
    """Newest other alerts of the same rule at the same merchant, or in the same division."""
    merchant_alerts: pa.Table
    """Newest other alerts at the merchant, of any rule and division."""
    division_weeks: pa.Table
    """Week, total and number of purchases of the division in the 52 weeks up to the alert's."""


@dataclass(frozen=True)
class AlertCase(Surroundings):
    """One alert alone."""

    alert: dict[str, Any]
    """All columns of `alerts` and where it stands."""
    history: pa.Table
    """The newest entries on it, oldest first: `HISTORY`. `decision_page` has them all."""


@dataclass(frozen=True)
class Case(Surroundings):
    """Everything that a controller looks at before deciding; beside it that of its gravest."""

    case: dict[str, Any]
    """All columns of `cases`."""
    alerts: list[dict[str, Any]]
    """All columns of its alerts, the gravest first."""
    history: pa.Table
    """The newest entries on its alerts, oldest first: `alert_id`, then `HISTORY`."""

    @property
    def gravest(self) -> dict[str, Any]:
        """The alert that speaks for the case."""
        return self.alerts[0]

    @property
    def transaction_ids(self) -> list[str]:
        """Its purchases, each once, sorted."""
        return sorted({one for alert in self.alerts for one in alert["transaction_ids"]})


def case_of(engine: Engine, name: str, entries: int = ENTRIES) -> Case | None:
    """A case by its own id, or by that of one of its alerts; None where there is neither."""
    of_alert = select(alerts.c.case_id).where(alerts.c.alert_id == name)
    with engine.connect() as connection:
        case_id = connection.execute(of_alert).scalar() or name
        row = connection.execute(select(cases).where(cases.c.case_id == case_id)).mappings().first()
        if row is None:
            return None
        members = _members(connection, case_id, row["alert_id"])
        ids = [alert["alert_id"] for alert in members]
        newest = _entries(ids, decisions.c.alert_id)
        return Case(
            case=dict(row),
            alerts=members,
            history=postgres.read(connection, _oldest_first(newest, entries)),
            **_surroundings(connection, members),
        )


def _members(connection: Connection, case_id: str, gravest: str) -> list[dict[str, Any]]:
    own = select(alerts).where(alerts.c.case_id == case_id)
    rows = connection.execute(own.order_by(alerts.c.amount_at_risk.desc(), alerts.c.alert_id))
    found = [dict(row) for row in rows.mappings()]
    return sorted(found, key=lambda alert: alert["alert_id"] != gravest)


def alerts_of_cases(engine: Engine, case_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Where each alert of these cases stands: `alert_id`, `sequence`, `state`, by case."""
    names = ("case_id", "alert_id", "sequence", "state")
    statement = select(*(alerts.c[name] for name in names)).where(alerts.c.case_id.in_(case_ids))
    found: dict[str, list[dict[str, Any]]] = {one: [] for one in case_ids}
    with engine.connect() as connection:
        for row in connection.execute(statement.order_by(alerts.c.alert_id)).mappings():
            found[row["case_id"]].append(dict(row))
    return found


def alert_case(engine: Engine, alert_id: str, entries: int = ENTRIES) -> AlertCase | None:
    """The case of an alert with its newest entries; None where there is no alert with this id."""
    statement = select(alerts)
    with engine.connect() as connection:
        row = connection.execute(statement.where(alerts.c.alert_id == alert_id)).mappings().first()
        if row is None:
            return None
        return AlertCase(
            alert=dict(row),
            history=postgres.read(connection, _oldest_first(_entries([alert_id]), entries)),
            **_surroundings(connection, [dict(row)]),
        )


def decision_page(
    engine: Engine, alert_id: str, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page | None:
    """A page of the entries on an alert, oldest first; None where there is no such alert."""
    entries = _entries([alert_id])
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


def _entries(alert_ids: Sequence[str], *more: ColumnElement[Any]) -> Select[Any]:
    columns = (*more, *(decisions.c[name] for name in HISTORY))
    return select(*columns).where(decisions.c.alert_id.in_(alert_ids))


def _oldest_first(entries: Select[Any], number: int) -> Select[Any]:
    newest = entries.add_columns(decisions.c.decision_id)
    shown = newest.order_by(decisions.c.decision_id.desc()).limit(number).subquery("newest")
    columns = [one for one in shown.c if one.name != "decision_id"]
    return select(*columns).order_by(shown.c.decision_id)


def _surroundings(connection: Connection, members: Sequence[dict[str, Any]]) -> dict[str, pa.Table]:
    """What is around alerts that belong together; what resembles them is asked of the first."""
    names = ("overlapping", "similar", "merchant_alerts", "division_weeks")
    statements = (*_related(members), _division_weeks(members[0]))
    return {
        name: postgres.read(connection, statement)
        for name, statement in zip(names, statements, strict=True)
    }


def _related(members: Sequence[dict[str, Any]]) -> list[Select[Any]]:
    alert, ids = members[0], [one["alert_id"] for one in members]
    purchases = {one for member in members for one in member["transaction_ids"]}
    shared = alerts.c.transaction_ids.overlap(sorted(purchases))
    pointing = alerts.c.overlaps_alert_id.in_(ids)
    pointed = alerts.c.alert_id.in_([one["overlaps_alert_id"] for one in members])
    # SPIKE has no merchant, which is not a merchant in common.
    is_merchant = and_(alerts.c.merchant.is_not(None), alerts.c.merchant == alert["merchant"])
    return [
        _newest(shared | pointing | pointed, ids),
        _similar(is_merchant, alert, ids),
        _newest(is_merchant, ids),
    ]


def _similar(
    is_merchant: ColumnElement[bool], alert: dict[str, Any], ids: Sequence[str]
) -> Select[Any]:
    """Of the same rule, the newest at the merchant and in the division, by an index each.

    Together in one condition, all of a large merchant would be read for ten of them.
    """
    is_rule = alerts.c.rule == alert["rule"]
    is_place = (alerts.c.department == alert["department"]) & (
        alerts.c.division == alert["division"]
    )
    at_merchant = _newest(is_rule & is_merchant, ids).subquery("at_merchant")
    in_division = _newest(is_rule & is_place, ids, alerts.c.week_start).subquery("in_division")
    both = union(select(at_merchant), select(in_division)).subquery("both")
    return select(both).order_by(both.c.transaction_date.desc(), both.c.alert_id).limit(SIMILAR)


def _newest(
    condition: ColumnElement[bool], ids: Sequence[str], *leading: ColumnElement[Any]
) -> Select[Any]:
    """The newest alerts but these with a condition, in the order of an index that leads so."""
    order = [one.desc() for one in (*leading, alerts.c.transaction_date)]
    others = condition & alerts.c.alert_id.not_in(ids)
    return select(*ALERTS.listed).where(others).order_by(*order, alerts.c.alert_id).limit(SIMILAR)


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
