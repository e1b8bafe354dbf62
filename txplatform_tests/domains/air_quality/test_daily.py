"""Local days: the 75 % rule, days of 23 and 25 hours, exact comparisons."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.rules import load_rules
from txplatform.domains.air_quality.transforms.daily import DailyFigures, figures_of_days
from txplatform.domains.air_quality.transforms.exact import ABSENT
from txplatform.domains.air_quality.transforms.hours import local_days
from txplatform_tests.domains.air_quality import plain
from txplatform_tests.domains.air_quality.series import Values, hours_of, numbers

RULES = load_rules()
ROME = "Europe/Rome"
SPRING, AUTUMN = datetime(2023, 3, 25, 23), datetime(2023, 10, 28, 22)
"""Midnight in Rome, in UTC, of the days on which clocks change."""


def days_of(values: Values, name: str = "pm25", **where: Any) -> DailyFigures:
    hours = hours_of(**where, values={name: values})
    return figures_of_days(hours, name, hours.values[name] != ABSENT, RULES)


def written(column: Any, places: int) -> list[Decimal | None]:
    return [None if each == ABSENT else Decimal(int(each)).scaleb(-places) for each in column]


@pytest.mark.parametrize(
    ("start", "zone", "expected", "needed"),
    [
        (datetime(2023, 3, 1), "UTC", 24, 18),
        (SPRING, ROME, 23, 18),
        (AUTUMN, ROME, 25, 19),
    ],
)
def test_three_quarters_of_the_hours_of_a_day(
    start: datetime, zone: str, expected: int, needed: int
) -> None:
    for n, is_enough in ((needed, True), (needed - 1, False)):
        values = [1.0] * n + [None] * (expected - n)
        found = days_of(values, start=start, zone=zone)

        assert (list(found.expected), list(found.n_hours)) == ([expected], [n])
        assert list(found.is_complete) == [is_enough]
        assert (written(found.means(), 4) == [Decimal(1)]) == is_enough


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_day_of_changed_clocks_is_one_day(start: datetime, hours: int) -> None:
    found = days_of([1.0] * (hours + 1), start=start, zone=ROME)

    assert list(found.n_hours) == [hours, 1]
    assert [str(day) for day in found.dates] == [
        str(date(2023, 3, 26) if hours == 23 else date(2023, 10, 29)),
        str(date(2023, 3, 27) if hours == 23 else date(2023, 10, 30)),
    ]


def test_both_two_o_clocks_are_hours_of_their_own() -> None:
    axis = np.datetime64(AUTUMN, "h") + np.arange(25)

    days = local_days(axis, ROME)

    assert list(days.hour_of_day[:5]) == [0, 1, 2, 2, 3]
    assert set(days.day_of_hour) == {0}


@pytest.mark.parametrize(
    "zone", ["Africa/Abidjan", ROME, "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]
)
def test_local_days_against_the_calendar(zone: str) -> None:
    axis = np.datetime64("2023-03-20T00", "h") + np.arange(24 * 30)
    days = local_days(axis, zone)

    for at, hour in enumerate(axis):
        local = hour.astype(datetime).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert days.dates[days.day_of_hour[at]].astype(object) == local.date()
        assert days.hour_of_day[at] == local.hour
    # Catches: 25 hours of 24, on a day that half an hour makes longer.
    assert list(days.expected[1:-1]) == list(np.bincount(days.day_of_hour)[1:-1])


@pytest.mark.parametrize(
    ("start", "zone", "expected", "first_hours"),
    [
        (datetime(2023, 10, 29, 1), ROME, [25, 24], [2, 3, 4]),
        (datetime(2023, 3, 26, 1), ROME, [23, 24], [3, 4, 5]),
        (datetime(2023, 10, 26, 20), "Africa/Cairo", [25, 24], [23, 23, 0]),
        (datetime(2023, 4, 27, 21), "Africa/Cairo", [24, 23, 24], [23, 1, 2]),
        (datetime(2023, 11, 5, 4), "America/Havana", [25, 24], [0, 0, 1]),
    ],
)
def test_a_station_may_begin_in_the_hour_that_clocks_change(
    start: datetime, zone: str, expected: list[int], first_hours: list[int]
) -> None:
    days = local_days(np.datetime64(start, "h") + np.arange(30), zone)

    assert list(days.expected)[: len(expected)] == expected
    assert list(days.hour_of_day[:3]) == first_hours


def test_a_day_that_a_zone_left_out_is_not_there() -> None:
    axis = np.datetime64("2011-12-29T00", "h") + np.arange(72)

    days = local_days(axis, "Pacific/Apia")

    assert np.datetime64("2011-12-30") not in days.dates


@given(st.lists(st.none() | numbers, min_size=24, max_size=24))
def test_a_day_against_fractions(values: list[Decimal | None]) -> None:
    found = days_of(values)
    known = [value for value in values if value is not None]
    exact = plain.mean(values)

    assert list(found.n_hours) == [len(known)]
    if len(known) >= 18:
        assert exact is not None
        assert written(found.means(), 4) == [plain.half_up(exact, 4)]
        assert found.exact_means() == {0: exact}
    else:
        assert written(found.means(), 4) == [None]
    assert written(found.minimum, 13) == [min(known) if known else None]
    assert written(found.maximum, 13) == [max(known) if known else None]


@given(st.lists(st.none() | numbers, min_size=48, max_size=48))
def test_the_largest_eight_hour_mean_against_fractions(values: list[Decimal | None]) -> None:
    found = days_of(values, "o3")

    for day in (0, 1):
        means = [plain.mean_8h(values, hour) for hour in range(24 * day, 24 * day + 24)]
        known = [mean for mean in means if mean is not None]
        expected = plain.half_up(max(known), 4) if len(known) >= 18 else None
        assert (found.n_8h[day], written(found.max_8h_means(), 4)[day]) == (len(known), expected)


def test_a_mean_is_compared_before_it_is_rounded() -> None:
    """Catches: 15.00004 rounded to the level first, and thus not above it."""
    found = days_of([Decimal("15.00004")] * 24)

    assert written(found.means(), 4) == [Decimal("15.0000")]
    assert list(found.are_above(Decimal(15))) == [True]
    assert list(days_of([Decimal(15)] * 24).are_above(Decimal(15))) == [False]


def test_an_eight_hour_mean_is_compared_before_it_is_rounded() -> None:
    assert list(days_of([Decimal("100.00000000001")] * 24, "o3").are_above_8h(Decimal(100))) == [
        True
    ]
    assert list(days_of([Decimal(100)] * 24, "o3").are_above_8h(Decimal(100))) == [False]


def test_an_incomplete_day_is_above_nothing() -> None:
    assert not days_of([500.0] * 17 + [None] * 7).are_above(Decimal(15)).any()


def test_eight_hours_reach_back_into_the_day_before() -> None:
    found = days_of([*[10.0] * 24, *[80.0] * 24], "o3")

    assert list(found.n_8h) == [19, 24]
    assert written(found.max_8h_means(), 4) == [Decimal(10), Decimal(80)]


def test_capture_is_a_percentage() -> None:
    assert written(days_of([1.0] * 17 + [None] * 7).capture(), 2) == [Decimal("70.83")]


def test_days_of_gases_have_no_index() -> None:
    assert days_of([1.0] * 24, "co").aqi("co") is None
    index = days_of([9.05] * 24).aqi("pm25")
    assert index is not None
    assert list(index) == [50]


def test_largest_values_do_not_overflow() -> None:
    found = days_of([1000.0] * 24, "no2")

    assert written(found.means(), 4) == written(found.max_8h_means(), 4) == [Decimal(1000)]
    assert found.exact_means()[0] == Fraction(1000)
