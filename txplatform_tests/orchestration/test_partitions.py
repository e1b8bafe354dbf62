"""Weeks as partition keys: Mondays only, within the range, the open week included."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster import DagsterInstance, TimeWindowPartitionsDefinition

from txplatform.errors import UsageError
from txplatform.orchestration.partitions import (
    RANGE_END,
    RANGE_START,
    WITH_PREVIOUS_WEEK,
    closed_week,
    daily_partitions,
    hourly_partitions,
    key_of,
    keys_of_run,
    period_of,
    periods_of_run,
    range_tags,
    require_day,
    require_days_of_run,
    require_week,
    require_weeks,
    require_weeks_of_run,
    weekly_partitions,
)

PARTITIONS = weekly_partitions(date(2024, 1, 1), "UTC")
NOW = datetime(2026, 11, 19, 12, tzinfo=ZoneInfo("UTC"))  # a Thursday


def keys(partitions: TimeWindowPartitionsDefinition, now: datetime = NOW) -> list[str]:
    with dg.partition_loading_context(effective_dt=now):
        return list(partitions.get_partition_keys())


def test_weeks_start_on_monday_and_the_first_is_the_settings() -> None:
    found = keys(weekly_partitions(date(2010, 1, 4), "UTC"))

    assert found[:2] == ["2010-01-04", "2010-01-11"]
    assert {date.fromisoformat(key).weekday() for key in found} == {0}


def test_the_open_week_is_a_partition_and_the_next_one_is_not() -> None:
    assert keys(PARTITIONS)[-2:] == ["2026-11-09", "2026-11-16"]


@pytest.mark.parametrize(
    ("zone", "open_week"),
    [("Pacific/Auckland", "2026-11-16"), ("America/Los_Angeles", "2026-11-09")],
)
def test_a_week_opens_at_local_midnight(zone: str, open_week: str) -> None:
    sunday_noon_utc = datetime(2026, 11, 15, 12, tzinfo=ZoneInfo("UTC"))

    assert keys(weekly_partitions(date(2024, 1, 1), zone), sunday_noon_utc)[-1] == open_week


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("2026-11-17", "2026-11-17 is a Tuesday; its week starts on Monday 2026-11-16."),
        ("2026-11-15", "2026-11-15 is a Sunday; its week starts on Monday 2026-11-09."),
        ("2023-12-25", "lies outside 2024-01-01 to"),
        ("2099-01-05", "lies outside 2024-01-01 to"),
        ("last week", "'last week' is not a week: write its Monday"),
        ("2026-W47", "'2026-W47' is not a week"),
        ("20261116", "'20261116' is not a week"),
        ("", "is not a week"),
    ],
)
def test_what_is_no_week_is_refused_in_a_sentence(key: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        require_week(key, PARTITIONS)


def test_the_weeks_of_keys_come_in_order() -> None:
    assert require_weeks(["2024-01-15", "2024-01-01"], PARTITIONS) == [
        date(2024, 1, 1),
        date(2024, 1, 15),
    ]


def test_one_bad_key_refuses_them_all() -> None:
    with pytest.raises(UsageError, match="2024-01-03"):
        require_weeks(["2024-01-01", "2024-01-03"], PARTITIONS)


def test_only_weeks_have_weeks() -> None:
    with pytest.raises(TypeError):
        require_weeks(["2024-01-01"], dg.StaticPartitionsDefinition(["2024-01-01"]))


@pytest.mark.parametrize(
    ("week", "needed"),
    [
        ("2024-01-08", ["2024-01-01", "2024-01-08"]),
        ("2025-01-06", ["2024-12-30", "2025-01-06"]),
        ("2024-01-01", ["2024-01-01"]),
    ],
)
def test_a_week_needs_itself_and_the_week_before(week: str, needed: list[str]) -> None:
    upstream = WITH_PREVIOUS_WEEK.get_upstream_mapped_partitions_result_for_partitions(
        PARTITIONS.subset_with_partition_keys([week]), PARTITIONS, PARTITIONS
    )

    assert sorted(upstream.partitions_subset.get_partition_keys()) == needed


@pytest.mark.parametrize(
    ("local", "week"),
    [
        ("2026-11-16T00:00", date(2026, 11, 9)),
        ("2026-11-22T23:59", date(2026, 11, 9)),
        ("2026-11-23T00:00", date(2026, 11, 16)),
        ("2021-01-03T12:00", date(2020, 12, 21)),
        ("2021-01-04T12:00", date(2020, 12, 28)),
    ],
)
def test_the_closed_week_is_the_last_that_is_over(local: str, week: date) -> None:
    assert closed_week(datetime.fromisoformat(local)) == week


@pytest.mark.parametrize(
    ("tags", "weeks"),
    [
        ({"dagster/partition": "2026-11-16"}, (date(2026, 11, 16), date(2026, 11, 16))),
        (
            range_tags(date(2026, 11, 2), date(2026, 11, 16)),
            (date(2026, 11, 2), date(2026, 11, 16)),
        ),
    ],
)
def test_a_run_knows_its_weeks_from_its_tags(
    tags: dict[str, str], weeks: tuple[date, date]
) -> None:
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(_job(), tags=tags)

    assert periods_of_run(run) == weeks


def test_a_run_covers_every_monday_from_its_first_to_its_last() -> None:
    with DagsterInstance.ephemeral() as instance:
        tags = range_tags(date(2024, 12, 23), date(2025, 1, 6))
        run = instance.create_run_for_job(_job(), tags=tags)

    assert require_weeks_of_run(run, PARTITIONS) == [
        date(2024, 12, 23),
        date(2024, 12, 30),
        date(2025, 1, 6),
    ]


@pytest.mark.parametrize(
    "tags",
    [
        {"dagster/partition": "2026-11-17"},
        range_tags(date(2026, 11, 10), date(2026, 11, 16)),
        range_tags(date(2026, 11, 9), date(2026, 11, 17)),
    ],
)
def test_a_run_of_a_tuesday_is_refused(tags: dict[str, str]) -> None:
    """Dagster would round it up to the week after and record that."""
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(_job(), tags=tags)

    with pytest.raises(UsageError, match="is a Tuesday"):
        require_weeks_of_run(run, PARTITIONS)


def test_a_run_without_a_partition_says_so() -> None:
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(_job())

    with pytest.raises(UsageError, match="no partition"):
        periods_of_run(run)


def _job() -> dg.JobDefinition:
    @dg.op
    def nothing() -> None:
        """An op that does nothing."""

    @dg.job
    def idle() -> None:
        nothing()

    return idle


DAYS = daily_partitions(date(2024, 1, 1))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("2023-12-31", "The day 2023-12-31 lies outside 2024-01-01 to"),
        ("2099-01-05", "lies outside 2024-01-01 to"),
        ("20240105", "'20240105' is not a day, such as 2026-11-16."),
        ("yesterday", "'yesterday' is not a day"),
    ],
)
def test_what_is_no_day_is_refused_in_a_sentence(key: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        require_day(key, DAYS)


def test_today_is_a_day_and_the_hour_that_runs_is_an_hour() -> None:
    assert keys(DAYS)[-1] == "2026-11-19"
    assert keys(hourly_partitions(date(2026, 11, 19)))[-1] == "2026-11-19-12:00"


def test_the_days_of_a_run_are_those_of_its_tags() -> None:
    first, last = date(2024, 2, 28), date(2024, 3, 1)
    run = dg.DagsterRun("job", tags=range_tags(first, last))

    assert require_days_of_run(run, DAYS) == [first, date(2024, 2, 29), last]
    with pytest.raises(TypeError, match="DailyPartitionsDefinition"):
        require_days_of_run(run, PARTITIONS)


def test_an_hour_has_the_key_that_dagster_gives_it() -> None:
    five, six = (datetime(2026, 11, 19, hour) for hour in (5, 6))

    assert key_of(five) in keys(hourly_partitions(date(2026, 11, 19)))
    assert [period_of(key_of(period)) for period in (five, five.date())] == [five, five.date()]
    assert range_tags(five, six) == {
        RANGE_START: "2026-11-19-05:00",
        RANGE_END: "2026-11-19-06:00",
    }
    assert keys_of_run(dg.DagsterRun("job", tags=range_tags(five, six))) == (
        "2026-11-19-05:00",
        "2026-11-19-06:00",
    )
