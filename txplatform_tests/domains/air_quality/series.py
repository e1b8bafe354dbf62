"""Short stretches of hours for tests, written as lists of values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.alarms import Move, leaps_of
from txplatform.domains.air_quality.transforms.exact import ABSENT, Integers, as_floats, scaled
from txplatform.domains.air_quality.transforms.flags import flag_hours, is_valid
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.parameters import NAMES

Values = Sequence[Decimal | str | float | None]
START = datetime(2026, 3, 1)

numbers = st.decimals(-60, 999, places=13, allow_nan=False).filter(lambda value: value < 999)
"""Values as sensors give them, with as many decimals as fit."""

tenths = st.integers(-30, 400).map(lambda tenth: Decimal(tenth).scaleb(-1))
"""Values that repeat and tie."""

series = st.lists(st.none() | numbers | tenths, min_size=1, max_size=60)


def integers(values: Values) -> Integers:
    """Values as scaled integers."""
    return np.array(
        [ABSENT if value is None else scaled(Decimal(str(value))) for value in values],
        dtype=np.int64,
    )


def hours_of(
    start: datetime = START,
    zone: str = "UTC",
    values: Mapping[str, Values] | None = None,
    **more: Values,
) -> StationHours:
    """A station's hours from lists of values, every hour with a record."""
    given = {**(values or {}), **more}
    length = len(next(iter(given.values())))
    absent = [None] * length
    columns = {name: integers(given.get(name, absent)) for name in NAMES}
    axis = np.datetime64(start, "h") + np.arange(length)
    none = np.zeros(length, dtype=bool)
    return on_the_axis("1", zone, Received(axis, columns, none, none))


def part_of(
    hours: StationHours, first: datetime | None = None, end: datetime | None = None
) -> StationHours:
    """The hours from one instant to before another, nothing known of the others."""
    is_kept = np.ones(len(hours), dtype=bool)
    if first:
        is_kept &= hours.hours >= np.datetime64(first, "h")
    if end:
        is_kept &= hours.hours < np.datetime64(end, "h")
    marks = (hours.is_recorded, hours.is_partial, hours.is_duplicate)
    columns = {name: column[is_kept] for name, column in hours.values.items()}
    return StationHours(
        hours.station_id,
        hours.zone,
        hours.hours[is_kept],
        columns,
        *(mark[is_kept] for mark in marks),
    )


def moves_of(hours: StationHours, rules: Rules) -> list[Move]:
    """The moves that the hours' temperatures show, found from their daily medians."""
    valid = is_valid(flag_hours(hours, rules)["t_ext"])
    values = as_floats(hours.values["t_ext"])
    per_day = {
        day: values[valid & (hours.days.day_of_hour == at)]
        for at, day in enumerate(hours.days.dates)
    }
    medians = {day: np.median(each) for day, each in per_day.items() if len(each)}
    return leaps_of(np.array([*medians]), np.array([*medians.values()]), rules)
