"""Hours, days and weeks: which there are, which lie side by side, and between which instants."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.periods import HOUR, WEEK, every, monday_of, ranges, spans

FIRST = date(2026, 1, 5)
WEEKS = [FIRST + timedelta(weeks=n) for n in range(60)]
ZONES = ("UTC", "Africa/Abidjan", "Europe/Rome", "America/St_Johns", "Australia/Lord_Howe")


def week(number: int) -> date:
    return WEEKS[number]


@pytest.mark.parametrize(
    ("numbers", "at_most", "grouped"),
    [
        ([], 3, []),
        ([4], 3, [(4, 4)]),
        ([0, 1, 2], 3, [(0, 2)]),
        ([0, 1, 2, 3], 3, [(0, 2), (3, 3)]),
        ([0, 2, 3], 3, [(0, 0), (2, 3)]),
        ([3, 2, 0, 2], 3, [(0, 0), (2, 3)]),
        ([0, 1, 2], 1, [(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_neighbouring_periods_share_a_range(
    numbers: list[int], at_most: int, grouped: list[tuple[int, int]]
) -> None:
    found = list(ranges(map(week, numbers), WEEK, at_most))

    assert found == [(week(first), week(last)) for first, last in grouped]


@given(st.sets(st.sampled_from(WEEKS)), st.integers(1, 20))
def test_every_period_is_in_exactly_one_range(weeks: set[date], at_most: int) -> None:
    covered = [
        first + timedelta(weeks=n)
        for first, last in ranges(weeks, WEEK, at_most)
        for n in range((last - first).days // 7 + 1)
    ]

    assert covered == sorted(weeks)
    assert all((last - first).days // 7 < at_most for first, last in ranges(weeks, WEEK, at_most))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_week_starts_on_the_monday_before_or_on_the_day(day: date) -> None:
    monday = monday_of(day)

    assert monday.weekday() == 0
    assert timedelta(0) <= day - monday < WEEK


def test_every_hour_between_two_is_there_once() -> None:
    noon = datetime(2026, 11, 16, 12, tzinfo=UTC)

    assert [one.hour for one in every(noon, noon + 3 * HOUR, HOUR)] == [12, 13, 14, 15]
    assert every(noon, noon - HOUR, HOUR) == []


@given(st.sets(st.integers(0, 59)), st.integers(1, 20))
def test_spans_hold_every_period_and_are_few(numbers: set[int], at_most: int) -> None:
    """No stretch is longer than it may be, and none could take the first period of the next."""
    found = list(spans(map(week, numbers), WEEK, at_most))

    held = [{n for n in numbers if first <= week(n) <= last} for first, last in found]
    assert sorted(n for each in held for n in each) == sorted(numbers)
    lengths = [(last - first) // WEEK + 1 for first, last in found]
    assert all(length <= at_most for length in lengths)
    assert all(b[0] >= a[0] + WEEK * at_most for a, b in pairwise(found))
