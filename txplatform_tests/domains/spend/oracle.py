"""The contract in plain Python, integers and fractions: what Spark's rows are held against.

Nothing here is taken from the transforms: the week comes from `date.weekday()`, quotients are
exact fractions, and every total is added up anew for each row.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple


class Purchase(NamedTuple):
    """A purchase; refunds have negative cents."""

    day: date
    department: str
    division: str
    cents: int

    @property
    def week_start(self) -> date:
        """The Monday of its week."""
        return self.day - timedelta(days=self.day.weekday())


def weekly_rows(purchases: Iterable[Purchase]) -> list[dict[str, Any]]:
    """The rows of `weekly_transactions`, sorted by key."""
    purchases = list(purchases)
    keys = sorted({(one.week_start, one.department, one.division) for one in purchases})
    of_week: dict[date, list[Purchase]] = {}
    for one in purchases:
        of_week.setdefault(one.week_start, []).append(one)
    return [_row(*key, of_week) for key in keys]


def _row(
    week: date, department: str, division: str, of_week: dict[date, list[Purchase]]
) -> dict[str, Any]:
    in_week = of_week[week]
    in_department = _of_department(in_week, department)
    own = [one.cents for one in in_department if one.division == division]
    before = _of_department(of_week.get(week - timedelta(days=7), []), department)
    total, of_department, of_all = sum(own), _sum(in_department), _sum(in_week)
    previous = _sum(before) if before else None
    return {
        "week_start": week,
        "department": department,
        "division": division,
        "total_amount": _money(total),
        "refund_amount": _money(sum(cents for cents in own if cents < 0)),
        "transaction_count": len(own),
        "department_amount": _money(of_department),
        "week_amount": _money(of_all),
        "department_share": _quotient(of_department, of_all, 6),
        "division_share_of_department": _quotient(total, of_department, 6),
        "division_share_of_week": _quotient(total, of_all, 6),
        "department_previous_amount": None if previous is None else _money(previous),
        "department_change_pct": _change(of_department, previous),
    }


def _of_department(purchases: list[Purchase], department: str) -> list[Purchase]:
    return [one for one in purchases if one.department == department]


def _sum(purchases: list[Purchase]) -> int:
    return sum(one.cents for one in purchases)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _change(now: int, previous: int | None) -> Decimal | None:
    return None if previous is None else _quotient(100 * (now - previous), previous, 4)


def _quotient(numerator: int, denominator: int, digits: int) -> Decimal | None:
    """Half up means away from zero: a refund is rounded as the same purchase would be."""
    if denominator <= 0:
        return None
    size = floor(Fraction(abs(numerator), denominator) * 10**digits + Fraction(1, 2))
    return Decimal(size if numerator >= 0 else -size).scaleb(-digits)
