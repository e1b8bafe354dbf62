"""The inbox of alerts: what holds, where each alert stands, filtered, counted and in pages."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Select, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries import paging
from txplatform.domains.spend.queries.paging import Page
from txplatform.domains.spend.queries.standing import (
    LAST,
    STANDING,
    STATE,
    WITH_STANDING,
    Columns,
    newest_of,
    standing,
)
from txplatform.domains.spend.tables import alerts

NOBODY = ""
NOT_LISTED = ("transaction_ids", "evidence", "run_id")

FACTS: Columns = tuple(column for column in alerts.c if column.name not in NOT_LISTED)
LISTED: Columns = (*FACTS, *STANDING)
ORDER = ("risk", "amount_at_risk", "alert_id")


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts: what is left out does not matter, several values of one field mean any."""

    first_week: date | None = None
    last_week: date | None = None
    departments: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    assignee: str | None = None
    """Who looks into it; `NOBODY` (an empty text): nobody."""
    text: str | None = None
    """Part of department, division, merchant or sentence, in any case."""
    is_superseded: bool = False
    """The alerts whose facts are gone, instead of those that hold."""


@dataclass(frozen=True)
class AlertCounts:
    """How many alerts match; each breakdown leaves the filter on its own field aside."""

    total: int
    amount_at_risk: Decimal
    by_rule: dict[str, int] = field(default_factory=dict)
    by_severity: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)


def alert_page(
    engine: Engine, wanted: AlertFilter, cursor: str | None = None, size: int = paging.DEFAULT_PAGE
) -> Page:
    """A page of alerts, the riskiest first: risk, then amount at risk, then id.

    Returns:
        `LISTED`: the columns of `alerts` but purchases and evidence, then state, assignee,
        sequence, decided_by and decided_at of the newest entry.
    """
    is_joined = _asks_standing(wanted)
    columns: list[ColumnElement[Any]] = list(LISTED if is_joined else FACTS)
    source = WITH_STANDING if is_joined else alerts
    matching = select(*columns).select_from(source).where(*_conditions(wanted))
    ordered = matching.order_by(
        alerts.c.risk.desc(), alerts.c.amount_at_risk.desc(), alerts.c.alert_id
    )
    if cursor is not None:
        key = paging.key_of(cursor, paging.amount, paging.amount, str)
        parts = (alerts.c[name] for name in ORDER)
        falling = (True, True, False)
        ordered = ordered.where(paging.after(list(zip(parts, key, falling, strict=True))))
    with engine.connect() as connection:
        limited = paging.limited(ordered, size)
        rows = postgres.read(connection, limited if _asks_standing(wanted) else _stood(limited))
        total = connection.execute(_total(wanted)).scalar_one()
    return paging.page_of(rows, size, total, ORDER)


def _asks_standing(wanted: AlertFilter) -> bool:
    return bool(wanted.states) or wanted.assignee is not None


def _stood(limited: Select[Any]) -> Select[Any]:
    """The rows of a page with where they stand: decisions are looked up for these rows alone."""
    page = limited.subquery("page")
    newest = newest_of(page.c.alert_id)
    joined = page.outerjoin(newest, true())
    columns: list[ColumnElement[Any]] = [*page.c, *standing(newest)]
    order = (page.c.risk.desc(), page.c.amount_at_risk.desc(), page.c.alert_id)
    return select(*columns).select_from(joined).order_by(*order)


def _total(wanted: AlertFilter) -> Select[Any]:
    """Counts what matches; where they stand is asked only of those who ask for it."""
    source = WITH_STANDING if _asks_standing(wanted) else alerts
    return select(func.count()).select_from(source).where(*_conditions(wanted))


def alert_counts(engine: Engine, wanted: AlertFilter) -> AlertCounts:
    """How many alerts match, and how they spread over rules, severities and states."""
    fields = (alerts.c.rule, alerts.c.severity, STATE)
    sums = (func.count(), func.coalesce(func.sum(alerts.c.amount_at_risk), Decimal("0.00")))
    statement = select(*fields, *sums).select_from(WITH_STANDING)
    statement = statement.where(*_general_conditions(wanted)).group_by(*fields)
    with engine.connect() as connection:
        groups = connection.execute(statement).all()
    return _counted([tuple(group) for group in groups], wanted)


def _counted(groups: list[tuple[Any, ...]], wanted: AlertFilter) -> AlertCounts:
    chosen = (wanted.rules, wanted.severities, wanted.states)
    spreads: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    total, amount_at_risk = 0, Decimal("0.00")
    for *values, count, amount in groups:
        fits = [not some or value in some for value, some in zip(values, chosen, strict=True)]
        if all(fits):
            total, amount_at_risk = total + count, amount_at_risk + amount
        for position, spread in enumerate(spreads):
            if all(fits[:position] + fits[position + 1 :]):
                spread[values[position]] += count
    return AlertCounts(total, amount_at_risk, *(dict(spread.most_common()) for spread in spreads))


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    chosen = (
        (alerts.c.rule, wanted.rules),
        (alerts.c.severity, wanted.severities),
        (STATE, wanted.states),
    )
    return _general_conditions(wanted) + _any_of(chosen)


def _any_of(chosen: Any) -> list[ColumnElement[bool]]:
    return [column.in_(values) for column, values in chosen if values]


def _general_conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """All conditions but those on rule, severity and state."""
    gone = alerts.c.superseded_at
    found: list[ColumnElement[bool]] = [
        gone.is_not(None) if wanted.is_superseded else gone.is_(None)
    ]
    if wanted.first_week is not None:
        found.append(alerts.c.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        found.append(alerts.c.week_start <= wanted.last_week)
    if wanted.assignee is not None:
        found.append(func.coalesce(LAST.c.assignee, NOBODY) == wanted.assignee)
    if wanted.text:
        names = (alerts.c.department, alerts.c.division, alerts.c.merchant, alerts.c.sentence)
        found.append(or_(*(name.icontains(wanted.text, autoescape=True) for name in names)))
    places = ((alerts.c.department, wanted.departments), (alerts.c.division, wanted.divisions))
    return found + _any_of(places)
