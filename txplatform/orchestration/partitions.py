"""Weekly partitions, Monday start: keys, ranges and the week before."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from dagster import (
    DagsterRun,
    PartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
)

from txplatform.errors import UsageError

MONDAY = 1
KEY_FORMAT = "%Y-%m-%d"
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
FIRST_WEEK = date(2010, 1, 4)


def weekly_partitions(
    first_week: date = FIRST_WEEK, time_zone: str = "UTC"
) -> WeeklyPartitionsDefinition:
    """One partition per week from `first_week` to the open week, which is a partition too."""
    return WeeklyPartitionsDefinition(
        start_date=first_week.isoformat(), day_offset=MONDAY, timezone=time_zone, end_offset=1
    )


WEEKLY = weekly_partitions()
"""The partitions of every weekly asset as declared; `build()` replaces them by those of the
settings, because nothing reads the environment at import."""

WITH_PREVIOUS_WEEK = TimeWindowPartitionMapping(start_offset=-1, end_offset=0)
"""Week W reads W-1 and W; the first week reads itself only."""


def require_weeks(keys: Iterable[str], partitions: PartitionsDefinition | None) -> list[date]:
    """The Mondays of partition keys, sorted.

    Raises:
        UsageError: a key is no Monday or outside the range.
    """
    if not isinstance(partitions, WeeklyPartitionsDefinition):
        raise TypeError("weeks are those of a WeeklyPartitionsDefinition")
    return sorted(require_week(key, partitions) for key in keys)


def require_week(key: str, partitions: WeeklyPartitionsDefinition) -> date:
    """The Monday of one partition key; see `require_weeks`."""
    try:
        day = datetime.strptime(key, KEY_FORMAT).date()
    except ValueError:
        raise UsageError(f"{key!r} is not a week: write its Monday, such as 2026-11-16.") from None
    if day.weekday():
        monday = day - timedelta(days=day.weekday())
        raise UsageError(f"{key} is a {day:%A}; its week starts on Monday {monday}.")
    if not partitions.has_partition_key(key):
        first, last = partitions.get_first_partition_key(), partitions.get_last_partition_key()
        raise UsageError(f"The week {key} lies outside {first} to {last} (the open week).")
    return day


def closed_week(local_now: datetime) -> date:
    """The Monday of the last week that is over at a local time."""
    today = local_now.date()
    return today - timedelta(days=today.weekday(), weeks=1)


def require_weeks_of_run(run: DagsterRun, partitions: PartitionsDefinition | None) -> list[date]:
    """Every Monday that a run was asked for.

    From its tags: Dagster rounds a Tuesday up to another week, so that the partition keys which
    it tells an asset always look right.

    Raises:
        UsageError: the run was asked for something that is no week, or lies outside the range.
    """
    first, last = require_weeks(_ends_of_run(run), partitions)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def weeks_of_run(run: DagsterRun) -> tuple[date, date]:
    """The Mondays of the first and the last week of a run, from its tags."""
    first, last = map(date.fromisoformat, _ends_of_run(run))
    return first, last


def _ends_of_run(run: DagsterRun) -> tuple[str, str]:
    only = run.tags.get(PARTITION)
    first, last = run.tags.get(RANGE_START, only), run.tags.get(RANGE_END, only)
    if first is None or last is None:
        raise UsageError("This run has no week: launch it with partitions.")
    return first, last


def range_tags(first: date, last: date) -> dict[str, str]:
    """The tags of one run over the weeks `first` to `last`."""
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}
