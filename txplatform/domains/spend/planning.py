"""Which weeks to compute: all, the stale ones, those asked for with those that hang on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from txplatform.domains.spend import measuring, publishing, tables
from txplatform.domains.spend.measuring import WeekMeasure
from txplatform.domains.spend.queries.quality import rule_evidence
from txplatform.domains.spend.queries.status import alert_status, week_status
from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.ranking import Kind, Weight, weight_of
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources.ingestions import UNNOTED
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.platform import Platform

TO_COMPUTE = (PeriodState.STALE, PeriodState.MISSING)


def rulebook(platform: Platform) -> Rulebook:
    """The alert rules with the parameters and limits of the settings.

    Raises:
        UsageError: the rules file cannot be used.
    """
    settings = platform.settings.of(SpendSettings)
    return load_rules(settings.rules, settings.limit, settings.limits)


def weights(platform: Platform) -> dict[Kind, Weight]:
    """What each kind of alert weighs in the list, with what controllers found of it."""
    is_frozen = not platform.settings.of(SpendSettings).learning
    found = rule_evidence(platform.engine)
    return {kind: weight_of(kind, one, is_frozen) for kind, one in found.items()}


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


def note_changes(platform: Platform) -> dict[str, WeekMeasure]:
    """Measure the weeks that finished ingestions changed and that nobody has measured since.

    Returns:
        By partition key the weeks whose measure is news: these, and the week after each, are
        now stale where they were computed before. Whoever dies in between leaves the rest to
        the next call.
    """
    ingestions = platform.database[tables.INGESTIONS]
    found = list(ingestions.find(UNNOTED, {"weeks": 1, "is_shown": 1}))
    changed = sorted({week.date() for one in found for week in one["weeks"]})
    measured, noted = _measured_and_noted(platform, changed)
    shown = {week.date() for one in found if one.get("is_shown") for week in one["weeks"]}
    news = {week.isoformat(): measured[week] for week in sorted(shown.union(noted))}
    ingestions.update_many(
        {"_id": {"$in": [one["_id"] for one in found]}}, {"$set": {"is_noted": True}}
    )
    return news


def show_changes(platform: Platform, changed: Iterable[date]) -> None:
    """Let people see at once which weeks a withdrawal made stale, where Dagster is not loaded.

    The next `note_changes` tells them to Dagster too.
    """
    weeks_changed = sorted(changed)
    _measured_and_noted(platform, weeks_changed)
    days = [datetime(week.year, week.month, week.day) for week in weeks_changed]
    platform.database[tables.INGESTIONS].update_many(
        {"weeks": {"$in": days}, "is_noted": {"$ne": True}}, {"$set": {"is_shown": True}}
    )


def _measured_and_noted(
    platform: Platform, changed: Sequence[date]
) -> tuple[Mapping[date, WeekMeasure], list[date]]:
    """The measures of weeks, and the weeks of which they are news in PostgreSQL."""
    if not changed:
        return {}, []
    parallel = platform.settings.mongo_parallel_reads
    measured = measuring.measure(platform.database, changed[0], changed[-1], parallel)
    noted = publishing.record_measures(platform.engine, (measured[week] for week in changed))
    return measured, noted


def silent_before(platform: Platform, changed: Iterable[date]) -> dict[str, WeekMeasure]:
    """The weeks without purchases right before these, by partition key.

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
        week.isoformat(): WeekMeasure(week, 0, Decimal("0.00"), measuring.NO_DOCUMENTS)
        for week in sorted(before)
        if week >= first_week
    }
