"""Weeks and divisions that are not as they were in the twelve weeks before."""

from datetime import date
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from sqlalchemy import Date, Engine, cast, exists, func, select

from txplatform.domains.spend.tables import weekly_transactions
from txplatform.periods import WEEK

LOOK_BACK = 12 * WEEK
FEWEST_WEEKS = 8
UNUSUAL_SCORE = Decimal("3.5")
MAD_FACTOR = Decimal("0.6745")


class WeekTotal(NamedTuple):
    """Net total of a week, in the platform's currency."""

    week_start: date
    amount: Decimal


def unusual_weeks(
    engine: Engine, first: date, last: date
) -> list[tuple[WeekTotal, list[WeekTotal]]]:
    """Weeks from `first` to `last` whose total is far from the weeks before, with those weeks.

    Far is a robust score (Iglewicz and Hoaglin) over 3.5 against the twelve calendar weeks
    before, of which eight at least have purchases.
    """
    week, amount = weekly_transactions.c.week_start, weekly_transactions.c.total_amount
    statement = select(week, func.sum(amount)).where(week.between(first - LOOK_BACK, last))
    with engine.connect() as connection:
        rows = connection.execute(statement.group_by(week).order_by(week)).all()
    totals = [WeekTotal(*row) for row in rows]
    found = []
    for total in (total for total in totals if total.week_start >= first):
        since = total.week_start - LOOK_BACK
        before = [t for t in totals if since <= t.week_start < total.week_start]
        if len(before) >= FEWEST_WEEKS and _robust_score(total, before) > UNUSUAL_SCORE:
            found.append((total, before))
    return found


def _robust_score(week: WeekTotal, before: list[WeekTotal]) -> Decimal:
    middle = median(total.amount for total in before)
    deviation = median(abs(total.amount - middle) for total in before)
    return MAD_FACTOR * abs(week.amount - middle) / deviation if deviation else Decimal(0)


def vanished_divisions(engine: Engine, first: date, last: date) -> list[tuple[date, str, str]]:
    """Divisions that bought in each of the twelve weeks before a week, and not in it.

    Returns:
        (week, department, division), for weeks in which anybody bought at all.
    """
    weekly, before = weekly_transactions.c, weekly_transactions.alias("before").c
    weeks = select(weekly.week_start).where(weekly.week_start.between(first, last)).distinct()
    week = weeks.subquery("week").c.week_start
    is_there = exists().where(
        weekly.week_start == week,
        weekly.department == before.department,
        weekly.division == before.division,
    )
    statement = (
        select(week, before.department, before.division)
        .where(before.week_start < week, before.week_start >= cast(week - LOOK_BACK, Date))
        .where(~is_there)
        .group_by(week, before.department, before.division)
        .having(func.count() == LOOK_BACK // WEEK)
        .order_by(week, before.department, before.division)
    )
    with engine.connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(statement)]
