"""The inbox of alerts: what holds, where each alert stands, filtered, counted and in pages.

The words of a text are looked for in an index of words, and all alerts that have them are put in
order: read by risk until a page is full, rare words would take the whole table.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, func, select, text, union_all
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.queries import paging
from txplatform.domains.spend.queries.paging import Page
from txplatform.domains.spend.tables import STANDING, alerts
from txplatform.domains.spend.tables import alert_counts as counted
from txplatform.domains.spend.tables.alerts import SEARCHED

NOBODY = ""
NOT_LISTED = ("transaction_ids", "evidence", "run_id", "concluded_at")

LISTED: tuple[ColumnElement[Any], ...] = (
    *(one for one in alerts.c if one.name not in (*NOT_LISTED, *STANDING)),
    *(alerts.c[name] for name in STANDING),
)
ORDER = ("risk", "amount_at_risk", "alert_id")
ROOM = "64MB"
Key = Sequence[Any] | None


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
    """Words, all of them or their beginnings, in department, division, merchant and sentence."""
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
    conditions, key = _conditions(wanted), None
    if cursor is not None:
        key = paging.key_of(cursor, paging.amount, paging.amount, str)
    with engine.connect() as connection:
        if wanted.text:
            rows, total = _found(connection, conditions, key, size)
        else:
            rows = postgres.read(connection, _riskiest(conditions, wanted.states, key, size))
            total = _totals(connection, wanted).total
    return paging.page_of(rows, size, total, ORDER)


def _make_room(connection: Connection) -> None:
    """For the places of all alerts with a common word: without it their texts are read again."""
    connection.execute(text(f"SET LOCAL work_mem = '{ROOM}'; SET LOCAL jit = off"))


def _found(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], key: Key, size: int
) -> tuple[pa.Table, int]:
    """A page of the alerts with the words of a text, and the number of them all, in one pass."""
    _make_room(connection)
    names = (alerts.c[name] for name in ORDER)
    found = select(*names).where(*conditions).cte("found").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(found)
    following = [] if key is None else [_after(found, key)]
    first = _ordered(select(found).where(*following), found)
    shown = paging.limited(first, size).subquery("shown")
    page = select(*LISTED, total.scalar_subquery().label("total")).join(
        shown, shown.c.alert_id == alerts.c.alert_id
    )
    rows = postgres.read(connection, _ordered(page, alerts))
    count = rows["total"][0].as_py() if rows.num_rows else connection.execute(total).scalar_one()
    return rows.drop_columns("total"), int(count)


def _riskiest(
    conditions: Sequence[ColumnElement[bool]], states: Sequence[str], key: Key, size: int
) -> Select[Any]:
    """The riskiest of each state, and of these the riskiest: an index gives each in its order."""
    following = [] if key is None else [_after(alerts, key)]
    matching = select(*LISTED).where(*conditions, *following)
    if len(set(states)) <= 1:
        return paging.limited(_ordered(matching, alerts), size)
    each = [
        paging.limited(_ordered(matching.where(alerts.c.state == state), alerts), size).subquery()
        for state in sorted(set(states))
    ]
    together = union_all(*(select(one) for one in each)).subquery("together")
    return paging.limited(_ordered(select(together), together), size)


def _after(source: Any, key: Sequence[Any]) -> ColumnElement[bool]:
    parts = (source.c[name] for name in ORDER)
    return paging.after(list(zip(parts, key, (True, True, False), strict=True)))


def _ordered(statement: Select[Any], source: Any) -> Select[Any]:
    risk, amount, alert_id = (source.c[name] for name in ORDER)
    return statement.order_by(risk.desc(), amount.desc(), alert_id)


def alert_counts(engine: Engine, wanted: AlertFilter) -> AlertCounts:
    """How many alerts match, and how they spread over rules, severities and states."""
    with engine.connect() as connection:
        return _totals(connection, wanted)


def _totals(connection: Connection, wanted: AlertFilter) -> AlertCounts:
    """From `alert_counts`, which has what most filters ask for; else counted one by one."""
    is_detailed = bool(wanted.divisions or wanted.text) or wanted.assignee is not None
    if wanted.text:
        _make_room(connection)
    statement = _counted_one_by_one(wanted) if is_detailed else _counted_before(wanted)
    groups = connection.execute(statement).all()
    return _spread([tuple(group) for group in groups], wanted)


def _counted_before(wanted: AlertFilter) -> Select[Any]:
    known = counted.c
    fields = (known.rule, known.severity, known.state)
    sums = (func.sum(known.alert_count), func.sum(known.amount_at_risk))
    is_gone = known.is_superseded.is_(wanted.is_superseded)
    statement = select(*fields, *sums).where(is_gone, *_places(known, wanted)).group_by(*fields)
    return statement.having(func.sum(known.alert_count) > 0)


def _counted_one_by_one(wanted: AlertFilter) -> Select[Any]:
    fields = (alerts.c.rule, alerts.c.severity, alerts.c.state)
    sums = (func.count(), func.sum(alerts.c.amount_at_risk))
    return select(*fields, *sums).where(*_general_conditions(wanted)).group_by(*fields)


def _spread(groups: list[tuple[Any, ...]], wanted: AlertFilter) -> AlertCounts:
    chosen = (wanted.rules, wanted.severities, wanted.states)
    spreads: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    total, amount_at_risk = 0, Decimal("0.00")
    for *values, count, amount in groups:
        fits = [not some or value in some for value, some in zip(values, chosen, strict=True)]
        if all(fits):
            total, amount_at_risk = total + int(count), amount_at_risk + amount
        for position, spread in enumerate(spreads):
            if all(fits[:position] + fits[position + 1 :]):
                spread[values[position]] += int(count)
    by_rule, by_severity, by_state = (dict(spread.most_common()) for spread in spreads)
    return AlertCounts(total, amount_at_risk, by_rule, by_severity, by_state)


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    chosen = (("rule", wanted.rules), ("severity", wanted.severities), ("state", wanted.states))
    return _general_conditions(wanted) + _any_of((alerts.c[name], some) for name, some in chosen)


def _any_of(chosen: Any) -> list[ColumnElement[bool]]:
    return [column.in_(values) for column, values in chosen if values]


def _general_conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """All conditions but those on rule, severity and state."""
    gone = alerts.c.superseded_at
    found: list[ColumnElement[bool]] = [
        gone.is_not(None) if wanted.is_superseded else gone.is_(None)
    ]
    if wanted.assignee is not None:
        someone = alerts.c.assignee == wanted.assignee
        found.append(someone if wanted.assignee != NOBODY else alerts.c.assignee.is_(None))
    if wanted.text:
        words = func.alert_words(*(alerts.c[name] for name in SEARCHED))
        found.append(words.bool_op("@@")(func.words_wanted(wanted.text.replace("\0", " "))))
    return found + _places(alerts.c, wanted) + _any_of([(alerts.c.division, wanted.divisions)])


def _places(columns: Any, wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """The conditions on weeks and departments."""
    found = _any_of([(columns.department, wanted.departments)])
    if wanted.first_week is not None:
        found.append(columns.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        found.append(columns.week_start <= wanted.last_week)
    return found
