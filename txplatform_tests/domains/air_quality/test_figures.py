"""How far a corrected hour reaches, and figures as rows: exactly those days, every digit."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.air_quality.rules import Rules, load_levels, load_rules
from txplatform.domains.air_quality.transforms.exact import ABSENT
from txplatform.domains.air_quality.transforms.figures import (
    StationFigures,
    differing_days,
    figures_of,
)
from txplatform.domains.air_quality.transforms.parameters import NAMES
from txplatform.domains.air_quality.transforms.rows import decimal_column, rows_of
from txplatform_tests.domains.air_quality.series import hours_of, part_of

RULES = load_rules()
FIRST = date(2026, 3, 1)
LENGTH = 24 * 12
Changes = dict[int, float | None]


def column(length: int = LENGTH, changes: Changes | None = None) -> list[float | None]:
    """PM2.5 that never repeats, but for some hours."""
    known = changes or {}
    return [known.get(hour, 10 + hour % 9 + hour / 1000) for hour in range(length)]


def said(values: Sequence[Any], **more: Sequence[Any]) -> StationFigures:
    return figures_of(hours_of(values={"pm25": values, **more}), RULES)


def days_between(before: StationFigures, after: StationFigures) -> list[int]:
    """The days that differ, counted from the first."""
    return [(day - FIRST).days for day in differing_days(before, after)]


def test_the_same_hours_differ_nowhere() -> None:
    assert days_between(said(column()), said(column())) == []


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (24 * 5 + 3, [5]),  # its running figures end on its own day
        (24 * 5 + 12, [5]),  # the 11 hours after it too
        (24 * 5 + 17, [5, 6]),  # the 8-hour mean of midnight knows it
        (24 * 5 + 23, [5, 6]),
        (24 * 5, [5]),
    ],
)
def test_an_hour_reaches_its_day_and_the_eleven_hours_after(hour: int, expected: list[int]) -> None:
    before = column(changes={hour: 60.5})
    after = column(changes={hour: 61.5})

    assert days_between(said(before), said(after)) == expected


def test_a_stuck_sensor_reaches_back_to_the_begin_of_its_run() -> None:
    stuck: Changes = dict.fromkeys(range(24 * 5 + 20, 24 * 6 + 1), 12.5)
    before, after = column(changes=stuck), column(changes=stuck)
    before[24 * 6 + 1], after[24 * 6 + 1] = 13.5, 12.5

    assert days_between(said(before), said(after)) == [5, 6]


def test_a_new_hour_is_news_of_its_day() -> None:
    assert days_between(said(column(48)), said(column(49))) == [2]


def test_hours_after_a_gap_make_the_gap_known() -> None:
    before = said(column(24))
    after = said(column(24 * 4, dict.fromkeys(range(24, 72))))

    assert days_between(before, after) == [1, 2, 3]


def test_a_drift_reaches_as_far_as_it_holds() -> None:
    """One value more below zero tips a week; the days on which it holds follow."""
    gas = [-0.1 if hour % 2 else 0.1 for hour in range(LENGTH)]
    tipped = list(gas)
    tipped[24 * 3] = -0.15

    found = days_between(said(column(), co=gas), said(column(), co=tipped))

    assert found[0] == 3
    assert set(found) <= set(range(3, 11))
    assert len(found) > 1


def test_another_reason_of_a_drift_that_holds_anyway_is_news() -> None:
    """Catches: days that are suspect as before, and whose reason is one that holds no more."""
    noise = [hour * 37 % 101 for hour in range(24 * 20)]
    gas = [-1 - each / 100 for each in noise]
    spoilt = [*gas[: 24 * 16], -1000, *gas[24 * 16 + 1 :]]
    heat = [300 + each for each in noise]

    found = days_between(said(gas, co=gas, t_int_raw=heat), said(gas, co=spoilt, t_int_raw=heat))

    assert found == [16, 17, 18, 19]


def test_nothing_before_differs_from_everything_after() -> None:
    empty = part_of(said(column(1)).hours, end=datetime(2026, 3, 1))
    nothing = figures_of(empty, RULES)

    assert len(differing_days(nothing, said(column()))) == 12
    assert differing_days(nothing, nothing) == []


@given(hour=st.integers(0, LENGTH - 1), value=st.integers(100, 900).map(lambda n: n / 10))
def test_days_that_are_not_named_say_the_same(hour: int, value: float) -> None:
    """Catches: a day that changed and was not found."""
    before, after = said(column()), said(column(changes={hour: value}))
    named = set(differing_days(before, after))

    then, now = (rows_of(each, load_levels()) for each in (before, after))
    for was, row in zip(then.daily.to_pylist(), now.daily.to_pylist(), strict=True):
        assert row == was or row["local_date"] in named
    for was, row in zip(then.hourly.to_pylist(), now.hourly.to_pylist(), strict=True):
        assert row == was or row["local_date"] in named


def test_every_hour_of_every_parameter_has_a_row(rules: Rules) -> None:
    found = rows_of(figures_of(hours_of(pm25=column(30)), rules), load_levels())

    assert found.hourly.num_rows == 30 * len(NAMES)
    assert found.daily.num_rows == 2 * len(NAMES)
    assert set(found.hourly["parameter"].to_pylist()) == set(NAMES)


def test_only_marked_days_have_rows(rules: Rules) -> None:
    figures = figures_of(hours_of(pm25=column(72)), rules)

    found = rows_of(figures, load_levels(), np.array([False, True, False]))

    assert set(found.daily["local_date"].to_pylist()) == {FIRST + timedelta(days=1)}
    assert found.hourly.num_rows == 24 * len(NAMES)


def test_a_row_of_an_hour_has_its_flags_as_postgresql_writes_them(rules: Rules) -> None:
    figures = figures_of(hours_of(pm25=[5.5, None, -3], rh=[90, 90, 90]), rules)

    found = rows_of(figures, load_levels()).hourly.to_pylist()

    fine = [row["flags"] for row in found if row["parameter"] == "pm25"]
    assert fine == ["{HUMID}", "{GAP}", "{NEGATIVE,HUMID}"]
    assert [row["is_valid"] for row in found if row["parameter"] == "pm25"] == [True, False, False]


def test_a_row_of_a_day_counts_its_flags(rules: Rules) -> None:
    figures = figures_of(hours_of(pm25=[5.5, None, -3, *range(10, 31)]), rules)

    (row,) = [
        row
        for row in rows_of(figures, load_levels()).daily.to_pylist()
        if row["parameter"] == "pm25"
    ]

    assert json.loads(row["n_flagged"]) == {"NEGATIVE": 1, "GAP": 1}
    assert (row["n_hours"], row["capture_pct"]) == (22, Decimal("91.67"))
    assert (row["minimum"], row["maximum"]) == (Decimal("5.5"), Decimal(30))


def test_hours_above_an_hourly_level_are_counted(rules: Rules) -> None:
    figures = figures_of(hours_of(no2=[201.0, 150, 250, *range(20, 41)]), rules)

    found = rows_of(figures, load_levels()).exceedances.to_pylist()

    (row,) = [each for each in found if each["compared"] == "hour"]
    assert (row["level"], row["n_above"], row["is_suspect"]) == (Decimal(200), 2, False)


@given(st.lists(st.none() | st.integers(-(10**12), 10**12), max_size=20))
def test_integers_become_decimals_exactly(numbers: list[int | None]) -> None:
    given_numbers = np.array([ABSENT if n is None else n for n in numbers], dtype=np.int64)

    found = decimal_column(given_numbers, 6, 20).to_pylist()

    assert found == [None if n is None else Decimal(n).scaleb(-6) for n in numbers]
