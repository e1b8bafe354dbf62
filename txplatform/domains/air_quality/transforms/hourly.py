"""Running figures of each hour: the 8-hour mean, and EPA's NowCast with its index."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from txplatform.domains.air_quality.transforms import aqi
from txplatform.domains.air_quality.transforms.exact import (
    ABSENT,
    PLACES,
    SCALE,
    Booleans,
    Floats,
    Integers,
    divided,
)
from txplatform.domains.air_quality.transforms.flags import Flags, is_valid
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.parameters import (
    AQI_DECIMALS,
    PARTICLES,
    POLLUTANTS,
)

MEAN_HOURS, MEAN_LEAST = 8, 6
NOWCAST_HOURS, NOWCAST_RECENT, NOWCAST_LEAST = 12, 3, 2
MEAN_PLACES = 4
_CLOSE = 1e-6
"""Nearer than this to a step of the truncation a NowCast is computed again, exactly."""


class RunningMeans(NamedTuple):
    """Of each hour: sum and number of the valid values of the hours that its mean is made of."""

    sums: Integers
    counts: Integers

    @property
    def are_enough(self) -> Booleans:
        """Whether there are enough hours for a mean."""
        return self.counts >= MEAN_LEAST

    def rounded(self) -> Integers:
        """The means in units of 10^-4; ABSENT where there are too few hours."""
        return divided(self.sums, np.where(self.are_enough, self.counts, 0), MEAN_PLACES)


class HourlyFigures(NamedTuple):
    """What one parameter's hours say; running figures only where they apply."""

    values: Integers
    flags: Flags
    mean_8h: Integers | None
    nowcast: Integers | None
    nowcast_aqi: Integers | None


def hourly_figures(hours: StationHours, flags: Mapping[str, Flags]) -> dict[str, HourlyFigures]:
    """Per parameter, the values as received, their flags and the running figures."""
    return {name: _figures(values, flags[name], name) for name, values in hours.values.items()}


def _figures(values: Integers, flags: Flags, name: str) -> HourlyFigures:
    valid = is_valid(flags)
    mean_8h = running_means(values, valid).rounded() if name in POLLUTANTS else None
    if name not in PARTICLES:
        return HourlyFigures(values, flags, mean_8h, None, None)
    nowcast = nowcasts(values, valid, AQI_DECIMALS[name])
    index = aqi.indices(nowcast, 10 ** AQI_DECIMALS[name], name)
    return HourlyFigures(values, flags, mean_8h, nowcast, index)


def running_means(values: Integers, valid: Booleans) -> RunningMeans:
    """The hours t-7 to t of each hour t, those that are valid."""
    return RunningMeans(
        _running_sum(np.where(valid, values, 0), MEAN_HOURS),
        _running_sum(valid.astype(np.int64), MEAN_HOURS),
    )


def _running_sum(column: Integers, width: int) -> Integers:
    # Differences of one total would be quicker but its total of a year would not fit 64 bits.
    padded = np.concatenate((np.zeros(width - 1, np.int64), column))
    return sliding_window_view(padded, width).sum(axis=1) if len(column) else column


def nowcasts(values: Integers, valid: Booleans, places: int) -> Integers:
    """The NowCast of each hour, truncated, in units of 10^-places; ABSENT where it has too little.

    Weights w^age over 12 hours with w = max(1/2, smallest / largest); two of the newest three
    hours must be there, absent ones are skipped.
    """
    if not len(values):
        return values
    marks, numbers = _windows(valid, values)
    enough = marks[:, :NOWCAST_RECENT].sum(axis=1) >= NOWCAST_LEAST
    estimates = np.zeros(len(values))
    estimates[enough] = _estimates(numbers[enough] / SCALE, marks[enough]) * 10**places
    truncated = np.trunc(estimates).astype(np.int64)
    close = enough & (np.abs(estimates - np.round(estimates)) < _CLOSE)
    for hour in np.nonzero(close)[0]:
        truncated[hour] = _exactly(numbers[hour], marks[hour], places)
    return np.where(enough, truncated, ABSENT)


def _windows(valid: Booleans, values: Integers) -> tuple[Booleans, Integers]:
    """Rows of the 12 hours up to each hour, the newest first; absent values are 0."""
    ahead = NOWCAST_HOURS - 1
    known = np.concatenate((np.zeros(ahead, np.int64), np.where(valid, values, 0)))
    marks = np.concatenate((np.zeros(ahead, dtype=bool), valid))
    rows = (sliding_window_view(column, NOWCAST_HOURS)[:, ::-1] for column in (marks, known))
    return next(rows), next(rows)


def _estimates(numbers: Floats, marks: Booleans) -> Floats:
    """The weighted means of rows as floats."""
    smallest = np.where(marks, numbers, np.inf).min(axis=1)
    largest = np.where(marks, numbers, -np.inf).max(axis=1)
    ratio = np.divide(smallest, largest, out=np.zeros_like(largest), where=largest > 0)
    weights = np.maximum(ratio, 0.5)[:, None] ** np.arange(NOWCAST_HOURS) * marks
    return np.asarray((weights * numbers).sum(axis=1) / weights.sum(axis=1))


def _exactly(numbers: Integers, marks: Booleans, places: int) -> int:
    """The truncated weighted mean of one row in fractions."""
    known = [(age, int(numbers[age])) for age in range(NOWCAST_HOURS) if marks[age]]
    smallest, largest = (pick(number for _, number in known) for pick in (min, max))
    weight = max(Fraction(1, 2), Fraction(smallest, largest)) if largest > 0 else Fraction(1, 2)
    weights = [weight**age for age, _ in known]
    products = (each * number for each, (_, number) in zip(weights, known, strict=True))
    exact = sum(products, Fraction(0)) / sum(weights) / 10 ** (PLACES - places)
    return floor(exact) if exact >= 0 else -floor(-exact)
