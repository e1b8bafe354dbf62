"""Weeks (from Monday), days and hours as partitions: keys, ranges and the week before."""

from collections.abc import Iterable
from datetime import date, datetime

from dagster import (
    DagsterRun,
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    PartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)

from txplatform.errors import UsageError
from txplatform.periods import DAY, WEEK, every, monday_of

MONDAY = 1
KEY_FORMAT, HOUR_FORMAT = "%Y-%m-%d", "%Y-%m-%d-%H:%M"
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
ONLY_STALE = {"txplatform/only": "stale"}
"""Tags of a run whose range holds fresh periods too: these stay as they are."""
FIRST_WEEK = date(2010, 1, 4)


def weekly_partitions(
    first_week: date = FIRST_WEEK, time_zone: str = "UTC"
) -> WeeklyPartitionsDefinition:
    """One partition per week from `first_week` to the open week, which is a partition too."""
    return WeeklyPartitionsDefinition(
        start_date=first_week.isoformat(), day_offset=MONDAY, timezone=time_zone, end_offset=1
    )


def daily_partitions(
    first_day: date, time_zone: str = "UTC", open_days: int = 1
) -> DailyPartitionsDefinition:
    """One partition per day from `first_day` to today, which is a partition too.

    With 2 open days tomorrow is one as well: farther east it has begun.
    """
    return DailyPartitionsDefinition(
        start_date=first_day.isoformat(), timezone=time_zone, end_offset=open_days
    )


def hourly_partitions(first_day: date) -> HourlyPartitionsDefinition:
    """One partition per hour (UTC) from the first of a day to the hour that runs."""
    return HourlyPartitionsDefinition(
        start_date=f"{first_day.isoformat()}-00:00", timezone="UTC", end_offset=1
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
    day = _day(key, "week: write its Monday")
    if day.weekday():
        raise UsageError(f"{key} is a {day:%A}; its week starts on Monday {monday_of(day)}.")
    _require_inside(key, partitions, "week", "the open week")
    return day


def require_day(key: str, partitions: DailyPartitionsDefinition) -> date:
    """The day of one partition key.

    Raises:
        UsageError: the key is no day or outside the range.
    """
    day = _day(key, "day")
    _require_inside(key, partitions, "day", "today")
    return day


def _day(key: str, what: str) -> date:
    try:
        return datetime.strptime(key, KEY_FORMAT).date()
    except ValueError:
        raise UsageError(f"{key!r} is not a {what}, such as 2026-11-16.") from None


def _require_inside(
    key: str, partitions: TimeWindowPartitionsDefinition, noun: str, newest: str
) -> None:
    if not partitions.has_partition_key(key):
        first, last = partitions.get_first_partition_key(), partitions.get_last_partition_key()
        raise UsageError(f"The {noun} {key} lies outside {first} to {last} ({newest}).")


def closed_week(local_now: datetime) -> date:
    """The Monday of the last week that is over at a local time."""
    return monday_of(local_now.date()) - WEEK


def require_weeks_of_run(run: DagsterRun, partitions: PartitionsDefinition | None) -> list[date]:
    """Every Monday that a run was asked for.

    From its tags: Dagster rounds a Tuesday up to another week, so that the partition keys which
    it tells an asset always look right.

    Raises:
        UsageError: the run was asked for something that is no week, or lies outside the range.
    """
    first, last = require_weeks(keys_of_run(run), partitions)
    return every(first, last, WEEK)


def require_days_of_run(run: DagsterRun, partitions: PartitionsDefinition | None) -> list[date]:
    """Every day that a run was asked for, from its tags.

    Raises:
        UsageError: the run was asked for something that is no day, or lies outside the range.
    """
    if not isinstance(partitions, DailyPartitionsDefinition):
        raise TypeError("days are those of a DailyPartitionsDefinition")
    first, last = (require_day(key, partitions) for key in keys_of_run(run))
    return every(first, last, DAY)


def periods_of_run(run: DagsterRun) -> tuple[date, date]:
    """The first and the last period of a run, from its tags."""
    first, last = map(period_of, keys_of_run(run))
    return first, last


def keys_of_run(run: DagsterRun) -> tuple[str, str]:
    """The first and the last partition key that a run was asked for, as its tags have them.

    Raises:
        UsageError: it was asked for none.
    """
    only = run.tags.get(PARTITION)
    first, last = run.tags.get(RANGE_START, only), run.tags.get(RANGE_END, only)
    if first is None or last is None:
        raise UsageError("This run has no partition: launch it with partitions.")
    return first, last


def key_of(period: date | datetime) -> str:
    """The partition key of a period: of a day or a Monday its date, of an hour its start too."""
    return period.strftime(HOUR_FORMAT if isinstance(period, datetime) else KEY_FORMAT)


def period_of(key: str) -> date:
    """The period that a partition key names: of an hour the `datetime` of its start."""
    is_hour = ":" in key
    return datetime.strptime(key, HOUR_FORMAT) if is_hour else date.fromisoformat(key)


def is_only_stale(run: DagsterRun) -> bool:
    """Whether a run is to leave the fresh periods of its range alone."""
    return ONLY_STALE.items() <= run.tags.items()


def range_key(first: date | datetime, last: date | datetime) -> str:
    """A range of partitions in one word, as Dagster's UI writes it; of one alone, its key."""
    return key_of(first) if first == last else f"{key_of(first)}...{key_of(last)}"


def range_tags(first: date | datetime, last: date | datetime) -> dict[str, str]:
    """The tags of one run over the periods `first` to `last`."""
    return {RANGE_START: key_of(first), RANGE_END: key_of(last)}
