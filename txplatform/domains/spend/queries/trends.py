"""Sums of `weekly_transactions` as the dashboard draws them: per week, department and division.

The table is small (a row per week and division), and every statement is bounded by weeks.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, func, select

from txplatform.domains.spend.tables import weekly_transactions
from txplatform.periods import WEEK

WEEKLY = weekly_transactions.c
YEAR = 52 * WEEK
"""The same week a year before: the one 52 weeks earlier, so that Mondays meet Mondays."""


class Scope(NamedTuple):
    """What a reader looks at: the weeks `first` to `last`, one department or all of them."""

    first: date
    last: date
    department: str | None = None
    division: str | None = None

    def shifted(self, by: timedelta) -> "Scope":
        """The same so much earlier."""
        return self._replace(first=self.first - by, last=self.last - by)

    def before(self) -> "Scope":
        """As many weeks right before."""
        return self.shifted(self.last - self.first + WEEK)


class Sums(NamedTuple):
    """Net total, refunds (<= 0), both in the platform's currency, and number of purchases."""

    total_amount: Decimal
    refund_amount: Decimal
    transaction_count: int


class Movement(NamedTuple):
    """A division's sums in the weeks looked at, and in as many weeks right before."""

    department: str
    division: str
    now: Sums
    before: Sums

    @property
    def amount(self) -> Decimal:
        """By how much the net total moved, signed."""
        return self.now.total_amount - self.before.total_amount


NOTHING = Sums(Decimal("0.00"), Decimal("0.00"), 0)


def covered_weeks(engine: Engine) -> tuple[date, date] | None:
    """The first and the last week with rows, or None while the table is empty."""
    with engine.connect() as connection:
        week = WEEKLY.week_start
        first, last = connection.execute(select(func.min(week), func.max(week))).one()
    return None if first is None else (first, last)


def division_names(engine: Engine, department: str | None = None) -> list[str]:
    """The departments, or the divisions of one, in code point order."""
    name = WEEKLY.department if department is None else WEEKLY.division
    statement = select(name.collate("C")).distinct().order_by(name.collate("C"))
    if department is not None:
        statement = statement.where(WEEKLY.department == department)
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def divisions_containing(engine: Engine, scope: Scope, part: str) -> list[str]:
    """The divisions of a scope that have `part` in their name, in any case."""
    found = select(WEEKLY.division).distinct().where(*inside(scope))
    found = found.where(WEEKLY.division.icontains(part, autoescape=True))
    with engine.connect() as connection:
        return list(connection.execute(found.order_by(WEEKLY.division)).scalars())


def sums(engine: Engine, scope: Scope) -> Sums:
    """The sums of a scope; zeros where it has no rows."""
    with engine.connect() as connection:
        found = connection.execute(select(*_summed()).where(*inside(scope))).one()
    return NOTHING if found[0] is None else Sums(found[0], found[1], int(found[2]))


def sums_by_week(engine: Engine, scope: Scope) -> dict[date, Sums]:
    """The sums of each week of a scope that has rows."""
    return {row[0]: _sums(row[1:]) for row in _grouped(engine, scope, [WEEKLY.week_start])}


def sums_by_department(engine: Engine, scope: Scope) -> dict[str, Sums]:
    """The sums of each department of a scope, or of each division of its department."""
    name = WEEKLY.department if scope.department is None else WEEKLY.division
    found = {row[0]: _sums(row[1:]) for row in _grouped(engine, scope, [name])}
    return dict(sorted(found.items(), key=lambda one: (-one[1].total_amount, one[0])))


def sums_by_week_and_department(engine: Engine, scope: Scope) -> dict[tuple[date, str], Sums]:
    """The same, week by week."""
    name = WEEKLY.department if scope.department is None else WEEKLY.division
    rows = _grouped(engine, scope, [WEEKLY.week_start, name])
    return {(row[0], row[1]): _sums(row[2:]) for row in rows}


def largest_movements(engine: Engine, scope: Scope, limit: int = 10) -> list[Movement]:
    """The divisions whose net total differs most from that of as many weeks right before."""
    now, before = (_by_division(one).subquery() for one in (scope, scope.before()))
    same = (now.c.department == before.c.department) & (now.c.division == before.c.division)
    names = [func.coalesce(now.c[name], before.c[name]) for name in ("department", "division")]
    sums = [func.coalesce(one.c[name], 0) for one in (now, before) for name in Sums._fields]
    moved = sums[0] - sums[len(Sums._fields)]
    statement = (
        select(*names, *sums)
        .select_from(now.outerjoin(before, same, full=True))
        .where(moved != 0)
        .order_by(func.abs(moved).desc(), *(name.collate("C") for name in names))
        .limit(limit)
    )
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return [Movement(row[0], row[1], _sums(row[2:5]), _sums(row[5:])) for row in rows]


def _by_division(scope: Scope) -> Select[Any]:
    key = (WEEKLY.department, WEEKLY.division)
    sums = (column.label(name) for column, name in zip(_summed(), Sums._fields, strict=True))
    return select(*key, *sums).where(*inside(scope)).group_by(*key)


def inside(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions that keep `weekly_transactions` to a scope."""
    conditions: list[ColumnElement[bool]] = [WEEKLY.week_start.between(scope.first, scope.last)]
    if scope.department is not None:
        conditions.append(WEEKLY.department == scope.department)
    if scope.division is not None:
        conditions.append(WEEKLY.division == scope.division)
    return conditions


def _grouped(engine: Engine, scope: Scope, key: list[Any]) -> list[tuple[Any, ...]]:
    statement: Select[Any] = select(*key, *_summed()).where(*inside(scope)).group_by(*key)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def _summed() -> list[Any]:
    columns = (WEEKLY.total_amount, WEEKLY.refund_amount, WEEKLY.transaction_count)
    return [func.sum(column) for column in columns]


def _sums(row: tuple[Any, ...]) -> Sums:
    return Sums(row[0], row[1], int(row[2]))
