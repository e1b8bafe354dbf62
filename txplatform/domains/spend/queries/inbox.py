"""The inbox of alerts: what holds, where each alert stands, filtered, counted and in pages.

The words of a text are looked for in an index of words, and the alerts that have them are put in
order: read by risk until a page is full, rare words would take the whole table. Where very many
have them, some of these say how risky an alert of the page is at least; only such ones are read.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, func, select, text, tuple_, union_all
from sqlalchemy.sql.elements import ColumnElement

from txplatform.connectors import postgres
from txplatform.domains.spend.tables import STANDING, alerts
from txplatform.domains.spend.tables import alert_counts as counted
from txplatform.domains.spend.tables.alerts import SEARCHED
from txplatform.serving import paging
from txplatform.serving.paging import Page

NOBODY = ""
NOT_LISTED = ("transaction_ids", "evidence", "run_id", "concluded_at")

LISTED: tuple[ColumnElement[Any], ...] = (
    *(one for one in alerts.c if one.name not in (*NOT_LISTED, *STANDING)),
    *(alerts.c[name] for name in STANDING),
)
ORDER = ("risk", "amount_at_risk", "alert_id")
ROOM = "64MB"
COUNTED = 10_000
"""So many alerts with the words of a text are counted; of more it is said that they are more."""
WALKED = 500
"""Alerts whose words are looked at one by one where many have them; one takes 0.05 ms."""
ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"
"""So few rows are read sooner than other processes have started to help."""
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
    key = None
    if cursor is not None:
        key = paging.key_of(cursor, paging.amount, paging.amount, str)
    with engine.connect() as connection:
        if wanted.text:
            # Each of its statements relies on what those before it have found.
            connection.execution_options(isolation_level="REPEATABLE READ")
            rows, total = _found(connection, wanted, key, size)
        else:
            rows = postgres.read(connection, _riskiest(wanted, key, size))
            total = _totals(connection, wanted).total
    return paging.page_of(rows, size, total, ORDER, COUNTED if wanted.text else None)


def _make_room(connection: Connection) -> None:
    """For the places of all alerts with a common word: without it their texts are read again."""
    connection.execute(text(f"SET LOCAL work_mem = '{ROOM}'; SET LOCAL jit = off"))


def _found(
    connection: Connection, wanted: AlertFilter, key: Key, size: int
) -> tuple[pa.Table, int]:
    """A page of the alerts with the words of a text, and how many they are up to `COUNTED` + 1.

    Where they are more, those that were counted fill a page too, and what comes after its end in
    the order cannot be on the page of them all: it need not be read.
    """
    _make_room(connection)
    connection.execute(text(ALONE))
    matching = select(*(alerts.c[name] for name in ORDER)).where(*_conditions(wanted))
    rows, count = _page_and_count(connection, matching.limit(COUNTED + 1), key, size)
    if count <= COUNTED:
        return rows, count
    ends = [tuple(row.values()) for row in rows.select(ORDER).slice(size).to_pylist()]
    rows = postgres.read(connection, _common(wanted, key, size))
    if rows.num_rows <= size:
        stretch = _stretch(key, *ends)
        rows, _ = _page_and_count(connection, matching.where(*stretch), key, size)
    return rows, count


def _page_and_count(
    connection: Connection, matching: Select[Any], key: Key, size: int
) -> tuple[pa.Table, int]:
    """A page of the alerts that match, and the number of them all, in one pass."""
    found = matching.cte("found").prefix_with("MATERIALIZED")
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


def _common(wanted: AlertFilter, key: Key, size: int) -> Select[Any]:
    """A page from the next `WALKED` alerts alone: full if what is looked for is common in them."""
    following = [] if key is None else [_after(alerts, key), *_stretch(key)]
    walked = _ordered(select(*LISTED).where(*following), alerts).limit(WALKED).subquery("walked")
    matching = select(walked).where(*_conditions(wanted, walked.c))
    return paging.limited(_ordered(matching, walked), size)


def _stretch(first: Key = None, last: Key = None) -> list[ColumnElement[bool]]:
    """The alerts from one place in the order to another, in the form that an index is asked in."""
    place = tuple_(alerts.c.risk, alerts.c.amount_at_risk)
    upper = [] if first is None else [place <= tuple_(*first[:2])]
    return upper if last is None else [*upper, place >= tuple_(*last[:2])]


def _riskiest(wanted: AlertFilter, key: Key, size: int) -> Select[Any]:
    """The riskiest of each state, and of these the riskiest: an index gives each in its order."""
    following = [] if key is None else [_after(alerts, key)]
    matching = select(*LISTED).where(*_conditions(wanted), *following)
    states = sorted(set(wanted.states))
    if len(states) <= 1:
        return paging.limited(_ordered(matching, alerts), size)
    each = [
        paging.limited(_ordered(matching.where(alerts.c.state == state), alerts), size).subquery()
        for state in states
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


def _conditions(wanted: AlertFilter, columns: Any = alerts.c) -> list[ColumnElement[bool]]:
    chosen = (("rule", wanted.rules), ("severity", wanted.severities), ("state", wanted.states))
    kinds = _any_of((columns[name], some) for name, some in chosen)
    return _general_conditions(wanted, columns) + kinds


def _any_of(chosen: Any) -> list[ColumnElement[bool]]:
    return [column.in_(values) for column, values in chosen if values]


def _general_conditions(wanted: AlertFilter, columns: Any = alerts.c) -> list[ColumnElement[bool]]:
    """All conditions but those on rule, severity and state."""
    gone = columns.superseded_at
    found: list[ColumnElement[bool]] = [
        gone.is_not(None) if wanted.is_superseded else gone.is_(None)
    ]
    if wanted.assignee is not None:
        someone = columns.assignee == wanted.assignee
        found.append(someone if wanted.assignee != NOBODY else columns.assignee.is_(None))
    if wanted.text:
        words = func.alert_words(*(columns[name] for name in SEARCHED))
        found.append(words.bool_op("@@")(func.words_wanted(wanted.text.replace("\0", " "))))
    return found + _places(columns, wanted) + _any_of([(columns.division, wanted.divisions)])


def _places(columns: Any, wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """The conditions on weeks and departments."""
    found = _any_of([(columns.department, wanted.departments)])
    if wanted.first_week is not None:
        found.append(columns.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        found.append(columns.week_start <= wanted.last_week)
    return found
