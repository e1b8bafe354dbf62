"""Signs that a sensor or its station cannot be believed for days: drift, and a change of place."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.transforms.exact import (
    ABSENT,
    SCALE,
    Booleans,
    Floats,
    Integers,
)
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.parameters import GASES


class Drift(NamedTuple):
    """Per local day, whether a gas sensor's alarm holds at its end, and which sign it shows."""

    is_below_zero: Booleans
    """More than half of the values of the last days were zero or below."""
    follows_heat: Booleans
    """The values follow the temperature inside the box."""

    @property
    def holds(self) -> Booleans:
        """Whether the parameter is suspect on the day."""
        return self.is_below_zero | self.follows_heat


class Move(NamedTuple):
    """A leap of the outside temperature: the station was carried somewhere else."""

    day: date
    degrees: Decimal


def drifts(hours: StationHours, rules: Rules) -> dict[str, Drift]:
    """The drift alarm of each gas; days without any record are not judged."""
    has_data = hours.days.sums(hours.is_recorded.astype(np.int64)) > 0
    return {
        name: Drift(
            has_data & _is_below_zero(hours, hours.values[name], rules),
            has_data & _follows_heat(hours, hours.values[name], rules),
        )
        for name in GASES
    }


def _is_below_zero(hours: StationHours, values: Integers, rules: Rules) -> Booleans:
    """Received values count, whatever their flags: they are what shows the fault."""
    is_there = values != ABSENT
    counts = _last_days(hours.days.sums(is_there.astype(np.int64)), hours, rules.sign_days)
    low = hours.days.sums((is_there & (values <= 0)).astype(np.int64))
    part, whole = rules.sign_share.as_integer_ratio()
    return (counts >= rules.sign_values) & (
        _last_days(low, hours, rules.sign_days) * whole > counts * part
    )


def _follows_heat(hours: StationHours, values: Integers, rules: Rules) -> Booleans:
    """Whether value and inner temperature correlate, each less its mean of that hour of day.

    Without removing the hour of day, ozone and heat, which share the sun, would alarm always.
    """
    heat = hours.values["t_int_raw"]
    both = (values != ABSENT) & (heat != ABSENT)
    x, y = (np.where(both, column / SCALE, 0.0) for column in (values, heat))
    sums = [
        _last_days(_by_hour_of_day(hours, column), hours, rules.heat_days)
        for column in (both.astype(float), x, y, x * x, y * y, x * y)
    ]
    n, sum_x, sum_y, xx, yy, xy = sums
    per = np.maximum(n, 1)
    covariance = (xy - sum_x * sum_y / per).sum(axis=1)
    variance_x = (xx - sum_x * sum_x / per).sum(axis=1)
    variance_y = (yy - sum_y * sum_y / per).sum(axis=1)
    spread = np.sqrt(np.maximum(variance_x, 0) * np.maximum(variance_y, 0))
    enough = n.sum(axis=1) >= rules.heat_values
    return enough & (np.abs(covariance) > rules.heat_correlation * spread) & (spread > 0)


def _by_hour_of_day(hours: StationHours, column: Floats) -> Floats:
    """Per local day and clock hour, the sum of a column."""
    days = hours.days
    cells = np.bincount(
        days.day_of_hour * 24 + days.hour_of_day, column, minlength=24 * len(days.dates)
    )
    return cells.astype(np.float64).reshape(-1, 24)


def _last_days(per_day: NDArray[Any], hours: StationHours, width: int) -> NDArray[Any]:
    """Of each day, the sum of the calendar days up to it."""
    dates = hours.days.dates
    if not len(dates):
        return per_day
    totals = np.concatenate((np.zeros_like(per_day[:1]), np.cumsum(per_day, axis=0)))
    first = np.searchsorted(dates, dates - np.timedelta64(width - 1, "D"))
    return totals[1:] - totals[first]


def leaps_of(dates: NDArray[np.datetime64], medians: Floats, rules: Rules) -> list[Move]:
    """When the outside temperature leapt, each leap once, on the day of its greatest change.

    The median of the daily medians of a day and those after it against that of as many before,
    days with data only. The day is therefore known only some days later.
    """
    width = rules.moved_days
    if len(medians) < 2 * width:
        return []
    rolling = np.median(sliding_window_view(medians, width), axis=1)
    leaps = rolling[width:] - rolling[:-width]
    leapt = np.nonzero(np.abs(leaps) > rules.moved_degrees / SCALE)[0]
    runs = np.split(leapt, np.nonzero(np.diff(leapt) > 1)[0] + 1) if len(leapt) else []
    greatest = [_greatest(run, leaps) for run in runs]
    return [Move(dates[at + width].astype(object), Decimal(f"{leaps[at]:.2f}")) for at in greatest]


def _greatest(run: Integers, leaps: Floats) -> int:
    """Where a leap is greatest; of several alike, in their middle."""
    sizes = np.abs(leaps[run])
    alike = run[sizes == sizes.max()]
    return int(alike[len(alike) // 2])
