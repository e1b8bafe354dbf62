"""Which weeks to compute: all, the stale ones, those asked for with those that hang on them."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.measuring import WeekMeasure
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.queries.status import alert_status, week_status
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.platform import Platform

TO_COMPUTE = (PeriodState.STALE, PeriodState.MISSING)


def open_week(platform: Platform) -> date:
    """The Monday of the week that is not over, in the platform's time zone."""
    today = datetime.now(ZoneInfo(platform.settings.time_zone)).date()
    return monday_of(today)


def all_weeks(platform: Platform) -> list[date]:
    """Every week from that of the first purchase to that of the last, but not the open week."""
    ends = measuring.span(platform.database)
    if ends is None:
        return []
    return mondays(ends[0], min(ends[1], open_week(platform) - WEEK))


def stale_weeks(platform: Platform, states: Collection[PeriodState] = TO_COMPUTE) -> list[date]:
    """The closed weeks that are stale, or have documents and were never computed."""
    found = week_status(platform.engine, CODE_VERSION)
    return _closed(platform, (one.week_start for one in found if one.state in states))


def stale_alert_weeks(
    platform: Platform, states: Collection[PeriodState] = TO_COMPUTE
) -> list[date]:
    """The closed weeks whose alerts are stale, or that have documents and were never looked at."""
    found = alert_status(platform.engine, rulebook(platform).version)
    return _closed(platform, (one.week_start for one in found if one.state in states))


def computed_weeks(platform: Platform) -> dict[str, list[date]]:
    """The weeks of `weekly_transactions` and of `alerts` that were ever computed."""
    computed = (PeriodState.FRESH, PeriodState.STALE)
    rows = week_status(platform.engine, CODE_VERSION)
    alerts = alert_status(platform.engine, rulebook(platform).version)
    return {
        "weekly_transactions": [one.week_start for one in rows if one.state in computed],
        "alerts": [one.week_start for one in alerts if one.state in computed],
    }


def is_computed(platform: Platform, week: date) -> bool:
    """Whether a week of `weekly_transactions` was ever computed, a silent one too."""
    known = select(tables.computed_weeks).where(tables.computed_weeks.c.week_start == week)
    with platform.engine.connect() as connection:
        return connection.execute(known).first() is not None


def _closed(platform: Platform, found: Iterable[date]) -> list[date]:
    newest = open_week(platform)
    return [week for week in found if week < newest]


def with_followers(platform: Platform, wanted: Iterable[date]) -> list[date]:
    """The weeks, each with the week after it where that is stale because of it.

    A change to week W changes W+1 too, which shows the evolution from W.
    """
    chosen = set(wanted)
    stale = {
        status.week_start
        for status in week_status(platform.engine, CODE_VERSION)
        if status.state is PeriodState.STALE
    }
    return sorted(chosen | {week + WEEK for week in chosen if week + WEEK in stale})


def silent_before(platform: Platform, changed: Iterable[date]) -> dict[date, WeekMeasure]:
    """The weeks without purchases right before these.

    Dagster's conditions wait for the week before, and nobody ever ingests a silent one.
    """
    bought = tables.source_weeks.c.document_count > 0
    with platform.engine.connect() as connection:
        busy = set(
            connection.execute(select(tables.source_weeks.c.week_start).where(bought)).scalars()
        )
    first_week = platform.settings.of(SpendSettings).first_week
    before = {week - WEEK for week in changed} - busy
    return {
        week: WeekMeasure(week, 0, Decimal("0.00"), measuring.NO_DOCUMENTS)
        for week in sorted(before)
        if week >= first_week
    }
